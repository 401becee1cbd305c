#include "starlark/resolve/resolver.h"

#include "core/base/suggest.h"
#include "starlark/resolve/spell.h"
#include "starlark/syntax/small_map.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <fmt/format.h>
#include <memory>
#include <utility>

namespace fb::starlark::resolve {
namespace {

using namespace syntax;  // NOLINT: the tree's names are this file's subject

constexpr std::string_view kDoesNot = "this Starlark dialect does not ";
constexpr std::size_t kMaxArguments = 255;

// A lexical block: the file, a function, or a comprehension.
struct Scoped {
  Scoped* parent = nullptr;
  Function* function = nullptr;  // of a function's outermost block
  bool is_file = false;
  SmallMap<NameNumber, Binding*> bindings;  // not of the file: see loaded_ and globals_
  struct Use {
    IdentExpr* name;
    Scoped* at;
  };
  std::pmr::vector<Use> uses;           // recorded in functions and the file
  std::pmr::vector<Scoped*> functions;  // inner ones, in order

  explicit Scoped(std::pmr::memory_resource* scratch)
      : bindings(scratch), uses(scratch), functions(scratch) {}
};

class Resolver {
 public:
  Resolver(File& file, const Environment& environment, const Dialect& dialect)
      : file_(file),
        environment_(environment),
        dialect_(dialect),
        out_(*(file.resolution = std::make_shared<Resolution>(&file.arena))),
        loaded_(file.names.size()),
        globals_(file.names.size()),
        predeclared_(file.names.size()) {}

  std::vector<Diagnostic> run() {
    Function& toplevel = out_.functions.emplace_back(&file_.arena);
    toplevel.name = "<toplevel>";
    toplevel.position = Position{1, 1};
    toplevel.body = file_.statements;
    out_.toplevel = &toplevel;
    Scoped& outermost = blocks_.emplace_back(&scratch_);
    outermost.is_file = true;
    now_ = file_block_ = container_ = &outermost;
    statements(file_.statements);
    resolve_uses(outermost);
    return std::move(errors_);
  }

 private:
  void error(Position at, std::string message) {
    errors_.push_back(Diagnostic{at, std::move(message)});
  }
  std::string location(Position at) const { return Location{file_.path, at}.str(); }
  bool in_function() const { return !container_->is_file; }

  Binding* new_binding(Scope scope, std::size_t index, const IdentExpr& name) {
    return &out_.bindings.emplace_back(
        Binding{scope, static_cast<std::uint32_t>(index), name.number, name.name, name.span.start});
  }

  // Names.
  void use(IdentExpr& name) {
    if (dialect_.global_reassign && now_ == file_block_) {
      use_at_ = now_;
      name.binding = use_toplevel(name);
    } else {
      container_->uses.push_back({&name, now_});
    }
  }

  // Binds a name in the block at hand; true when it was bound there before.
  bool bind(IdentExpr& name) {
    if (now_ != file_block_) return bind_local(name);
    Binding* binding = loaded_[name.number];
    if (binding == nullptr) binding = globals_[name.number];
    if (binding == nullptr) {
      name.binding = new_binding(Scope::kGlobal, out_.globals.size(), name);
      globals_[name.number] = name.binding;
      out_.globals.push_back(name.binding);
      return false;
    }
    if (!dialect_.global_reassign) {
      error(name.span.start, fmt::format("cannot reassign {} {} declared at {}",
                                         binding->scope == Scope::kGlobal ? "global" : "local",
                                         name.name, location(binding->first)));
    }
    name.binding = binding;
    return true;
  }

  bool bind_local(IdentExpr& name) {
    bool known;
    if (now_ == file_block_) {
      known = loaded_[name.number] != nullptr;
      if (!known) {
        Binding* binding = new_binding(Scope::kFileLocal, out_.file_locals.size(), name);
        out_.file_locals.push_back(binding);
        loaded_[name.number] = binding;
      }
    } else {
      known = now_->bindings.find(name.number) != nullptr;
      if (!known) {
        std::pmr::vector<Binding*>& locals = container_function()->locals;
        Binding* binding = new_binding(Scope::kLocal, locals.size(), name);
        locals.push_back(binding);
        now_->bindings.add(name.number, binding);
      }
    }
    use(name);
    return known;
  }

  Function* container_function() const {
    return container_->is_file ? out_.toplevel : container_->function;
  }

  // Once every binding of the file is known: inner functions first.
  void resolve_uses(Scoped& block) {
    for (Scoped* inner : block.functions) resolve_uses(*inner);
    for (const Scoped::Use& u : block.uses) {
      use_at_ = u.at;
      u.name->binding = lookup(*u.name, u.at);
    }
  }

  Binding* lookup(IdentExpr& name, Scoped* block) {
    if (block->is_file) return use_toplevel(name);
    if (Binding* const* found = block->bindings.find(name.number)) return *found;
    Binding* binding = lookup(name, block->parent);
    if (block->function != nullptr &&
        (binding->scope == Scope::kLocal || binding->scope == Scope::kCell ||
         binding->scope == Scope::kFree)) {
      // A variable of an enclosing function.
      if (binding->scope == Scope::kLocal) binding->scope = Scope::kCell;
      std::pmr::vector<Binding*>& free = block->function->free_variables;
      Binding* inner =
          &out_.bindings.emplace_back(Binding{Scope::kFree, static_cast<std::uint32_t>(free.size()),
                                              binding->number, binding->name, binding->first});
      free.push_back(binding);
      binding = inner;
    }
    // Remembered: no variable is captured twice, no undefined name reported twice in one function.
    block->bindings.add(name.number, binding);
    return binding;
  }

  Binding* use_toplevel(IdentExpr& name) {
    for (Binding* known :
         {loaded_[name.number], globals_[name.number], predeclared_[name.number]}) {
      if (known != nullptr) return known;
    }
    if (environment_.is_predeclared && environment_.is_predeclared(name.name)) {
      if (!dialect_.set && name.name == "set") {
        error(name.span.start, std::string(kDoesNot) + "support sets");
      }
      Binding* binding = new_binding(Scope::kPredeclared, out_.predeclared.size(), name);
      out_.predeclared.push_back(name.name);
      predeclared_[name.number] = binding;
      return binding;
    }
    error(name.span.start, fmt::format("undefined: {}{}", name.name, suggestion(name)));
    return new_binding(Scope::kUndefined, 0, name);
  }

  // From the names of the blocks around the use (what was looked up there counts too) and the
  // globals.
  std::string suggestion(const IdentExpr& name) const {
    std::vector<std::string_view> names;
    for (const Scoped* block = use_at_; block != nullptr; block = block->parent) {
      for (const auto& [number, binding] : block->bindings.entries())
        names.push_back(binding->name);
    }
    for (const Binding* known : out_.file_locals) names.push_back(known->name);
    for (const Binding* known : out_.globals) names.push_back(known->name);
    std::sort(names.begin(), names.end());
    if (dialect_.explain_python) {
      std::vector<std::string> all(names.begin(), names.end());
      all.insert(all.end(), environment_.names.begin(), environment_.names.end());
      return did_you_mean(name.name, all);
    }
    const std::string_view best = nearest(name.name, names);
    return best.empty() ? "" : fmt::format(" (did you mean {}?)", best);
  }

  // Statements.
  void statements(Block block) {
    for (Stmt* s : block) statement(*s);
  }
  void statement(Stmt& s);
  void branch(const BranchStmt& s);
  void load(LoadStmt& s);
  void assign(Expr& target, bool is_augmented);

  // Functions.
  Function* new_function(std::string_view name, Position position, std::span<Parameter> parameters);
  void function(Function& f);
  void bind_parameters(Function& f);

  // Expressions.
  void expr(Expr& expression);
  void rest_of(Expr& e);
  void call_arguments(CallExpr& call);
  void comprehension(ComprehensionExpr& e);
  void optional(Expr* e) {
    if (e != nullptr) expr(*e);
  }

  File& file_;
  const Environment& environment_;
  const Dialect& dialect_;
  Resolution& out_;
  std::vector<Diagnostic> errors_;
  std::pmr::monotonic_buffer_resource scratch_;
  std::pmr::deque<Scoped> blocks_{&scratch_};
  // By number of the name; null: none.
  std::vector<Binding*> loaded_;
  std::vector<Binding*> globals_;
  std::vector<Binding*> predeclared_;
  const Scoped* use_at_ = nullptr;
  Scoped* now_ = nullptr;
  Scoped* file_block_ = nullptr;
  Scoped* container_ = nullptr;  // the innermost function's block, or the file's
  int loops_ = 0;
  int conditionals_ = 0;
};

void Resolver::statement(Stmt& s) {
  const auto outside = [&](std::string_view what) {
    if (in_function() || dialect_.top_level_control) return;
    error(s.span.start,
          fmt::format("{} not within a function{}", what,
                      dialect_.explain_python ? " (put it into a def and call that)" : ""));
  };
  switch (s.kind) {
    case StmtKind::kExpression:
      return expr(*s.as<ExprStmt>()->value);
    case StmtKind::kBranch:
      return branch(*s.as<BranchStmt>());
    case StmtKind::kIf:
      outside("if statement");
      ++conditionals_;
      for (IfClause& clause : s.as<IfStmt>()->clauses) {
        optional(clause.condition);
        statements(clause.body);
      }
      --conditionals_;
      return;
    case StmtKind::kAssign:
      expr(*s.as<AssignStmt>()->value);
      return assign(*s.as<AssignStmt>()->target, s.as<AssignStmt>()->augmented);
    case StmtKind::kDef: {
      auto& def = *s.as<DefStmt>();
      bind(*def.name);
      def.function = new_function(def.name->name, def.span.start, def.parameters);
      def.function->body = def.body;
      return function(*def.function);
    }
    case StmtKind::kFor: {
      auto& loop = *s.as<ForStmt>();
      outside("for loop");
      expr(*loop.iterable);
      assign(*loop.target, false);
      ++loops_;
      statements(loop.body);
      --loops_;
      return;
    }
    case StmtKind::kWhile: {
      auto& loop = *s.as<WhileStmt>();
      if (!dialect_.while_loops) {
        error(s.span.start,
              std::string(kDoesNot) + "support while loops" +
                  (dialect_.explain_python ? " (write `for i in range(n)` and break)" : ""));
      }
      outside("while loop");
      expr(*loop.condition);
      ++loops_;
      statements(loop.body);
      --loops_;
      return;
    }
    case StmtKind::kReturn:
      if (!in_function()) error(s.span.start, "return statement not within a function");
      return optional(s.as<ReturnStmt>()->value);
    case StmtKind::kLoad:
      return load(*s.as<LoadStmt>());
  }
}

void Resolver::branch(const BranchStmt& s) {
  if (s.token != Token::kPass && loops_ == 0) {
    error(s.span.start, fmt::format("{} not in a loop", token_text(s.token)));
  }
}

void Resolver::load(LoadStmt& s) {
  if (in_function()) {
    error(s.span.start, "load statement within a function");
  } else if (loops_ > 0) {
    error(s.span.start, "load statement within a loop");
  } else if (conditionals_ > 0) {
    error(s.span.start, "load statement within a conditional");
  }
  for (LoadedName& name : s.names) {
    if (name.original.empty()) {
      error(name.original_position, "load: empty identifier");
      continue;
    }
    if (name.original.front() == '_') {
      error(
          name.original_position,
          fmt::format("load: names with leading underscores are not exported: {}", name.original));
    }
    if (dialect_.load_binds_globally) {
      bind(*name.local);
    } else if (bind_local(*name.local) && !dialect_.global_reassign) {
      error(name.local->span.start, fmt::format("cannot reassign top-level {}", name.local->name));
    }
  }
}

void Resolver::assign(Expr& target, bool is_augmented) {
  switch (target.kind) {
    case ExprKind::kIdent:
      bind(*target.as<IdentExpr>());
      return;
    case ExprKind::kIndex:
    case ExprKind::kDot:
      return expr(target);
    case ExprKind::kParen:
      return assign(*target.as<ParenExpr>()->inner, is_augmented);
    case ExprKind::kTuple:
      if (is_augmented) {
        error(target.span.start, "can't use tuple expression in augmented assignment");
      }
      for (Expr* item : target.as<TupleExpr>()->items) assign(*item, is_augmented);
      return;
    case ExprKind::kList:
      if (is_augmented) {
        error(target.span.start, "can't use list expression in augmented assignment");
      }
      for (Expr* item : target.as<ListExpr>()->items) assign(*item, is_augmented);
      return;
    case ExprKind::kString:
    case ExprKind::kBytes:
    case ExprKind::kInt:
    case ExprKind::kFloat:
    case ExprKind::kDict:
    case ExprKind::kCall:
    case ExprKind::kSlice:
    case ExprKind::kUnary:
    case ExprKind::kBinary:
    case ExprKind::kConditional:
    case ExprKind::kLambda:
    case ExprKind::kComprehension:
      error(target.span.start, fmt::format("can't assign to {}", node_word(target)));
  }
}

Function* Resolver::new_function(std::string_view name, Position position,
                                 std::span<Parameter> parameters) {
  Function& f = out_.functions.emplace_back(&file_.arena);
  f.index = static_cast<std::uint32_t>(out_.functions.size() - 1);
  f.name = name;
  f.position = position;
  f.parameters = parameters;
  return &f;
}

// Defaults belong to the block outside; parameters and body to a new one.
void Resolver::function(Function& f) {
  for (const Parameter& parameter : f.parameters) optional(parameter.default_value);
  Scoped& block = blocks_.emplace_back(&scratch_);
  block.parent = now_;
  block.function = &f;
  container_->functions.push_back(&block);
  Scoped* const outer_block = std::exchange(now_, &block);
  Scoped* const outer_container = std::exchange(container_, &block);
  const int outer_loops = std::exchange(loops_, 0);
  const int outer_conditionals = std::exchange(conditionals_, 0);
  bind_parameters(f);
  statements(f.body);
  optional(f.result);
  now_ = outer_block;
  container_ = outer_container;
  loops_ = outer_loops;
  conditionals_ = outer_conditionals;
}

void Resolver::bind_parameters(Function& f) {
  const Parameter* star = nullptr;
  const Parameter* star_star = nullptr;
  bool seen_optional = false;
  const auto bind_parameter = [&](const Parameter& parameter, Position at) {
    if (bind_local(*parameter.name)) {
      error(at, fmt::format("duplicate parameter: {}", parameter.name->name));
    }
  };
  for (const Parameter& parameter : f.parameters) {
    const Position at = parameter.position;
    const auto after_kwargs = [&](std::string_view what) {
      error(at, fmt::format("{} parameter may not follow **{}", what, star_star->name->name));
    };
    switch (parameter.kind) {
      case ParameterKind::kPlain:
        if (star_star != nullptr) {
          after_kwargs(parameter.default_value == nullptr ? "required" : "optional");
        } else if (star == nullptr && parameter.default_value == nullptr && seen_optional) {
          error(at, "required parameter may not follow optional");
        }
        ++(star == nullptr ? f.positional : f.keyword_only);
        if (parameter.default_value != nullptr && star == nullptr) seen_optional = true;
        bind_parameter(parameter, at);
        break;
      case ParameterKind::kStar:
      case ParameterKind::kArgs:
        if (star_star != nullptr) {
          after_kwargs("*");
        } else if (star != nullptr) {
          error(at, "multiple * parameters not allowed");
        } else {
          star = &parameter;
        }
        break;
      case ParameterKind::kKwargs:
        if (star_star != nullptr) error(at, "multiple ** parameters not allowed");
        star_star = &parameter;
        break;
    }
  }
  // *args and **kwargs come last, so that the registers of the others have no hole.
  if (star != nullptr && star->kind == ParameterKind::kArgs) {
    bind_parameter(*star, star->name->span.start);
    f.has_args = true;
  } else if (star != nullptr && f.keyword_only == 0) {
    error(star->position, "bare * must be followed by keyword-only parameters");
  }
  if (star_star != nullptr) {
    bind_parameter(*star_star, star_star->name->span.start);
    f.has_kwargs = true;
  }
}

void Resolver::expr(Expr& expression) {
  if (left_operand(expression) == nullptr) return rest_of(expression);
  boost::container::small_vector<Expr*, 8> spine;
  for (Expr* e = &expression; e != nullptr; e = left_operand(*e)) spine.push_back(e);
  for (auto e = spine.rbegin(); e != spine.rend(); ++e) rest_of(**e);
}

// Everything but the left operand, which is done.
void Resolver::rest_of(Expr& e) {
  switch (e.kind) {
    case ExprKind::kIdent:
      return use(*e.as<IdentExpr>());
    case ExprKind::kString:
    case ExprKind::kBytes:
    case ExprKind::kInt:
    case ExprKind::kFloat:
    case ExprKind::kDot:
      return;
    case ExprKind::kList:
      for (Expr* item : e.as<ListExpr>()->items) expr(*item);
      return;
    case ExprKind::kTuple:
      for (Expr* item : e.as<TupleExpr>()->items) expr(*item);
      return;
    case ExprKind::kDict:
      for (const DictEntry& entry : e.as<DictExpr>()->entries) {
        expr(*entry.key);
        expr(*entry.value);
      }
      return;
    case ExprKind::kCall:
      return call_arguments(*e.as<CallExpr>());
    case ExprKind::kIndex:
      return expr(*e.as<IndexExpr>()->index);
    case ExprKind::kSlice:
      optional(e.as<SliceExpr>()->low);
      optional(e.as<SliceExpr>()->high);
      return optional(e.as<SliceExpr>()->step);
    case ExprKind::kUnary:
      return expr(*e.as<UnaryExpr>()->operand);
    case ExprKind::kBinary:
      return expr(*e.as<BinaryExpr>()->right);
    case ExprKind::kConditional:
      expr(*e.as<ConditionalExpr>()->condition);
      expr(*e.as<ConditionalExpr>()->when_true);
      return expr(*e.as<ConditionalExpr>()->when_false);
    case ExprKind::kLambda: {
      auto& lambda = *e.as<LambdaExpr>();
      lambda.function = new_function("lambda", lambda.span.start, lambda.parameters);
      lambda.function->result = lambda.body;
      return function(*lambda.function);
    }
    case ExprKind::kComprehension:
      return comprehension(*e.as<ComprehensionExpr>());
    case ExprKind::kParen:
      return expr(*e.as<ParenExpr>()->inner);
  }
}

void Resolver::call_arguments(CallExpr& call) {
  bool seen_star = false;
  bool seen_star_star = false;
  SmallMap<NameNumber, bool> names;
  std::size_t positional = 0;
  for (const Argument& argument : call.arguments) {
    const auto refuse = [&](std::string_view what) { error(argument.position, std::string(what)); };
    switch (argument.kind) {
      case ArgumentKind::kStarStar:
        if (seen_star_star) refuse("multiple **kwargs not allowed");
        seen_star_star = true;
        break;
      case ArgumentKind::kStar:
        if (seen_star_star) {
          refuse("*args may not follow **kwargs");
        } else if (seen_star) {
          refuse("multiple *args not allowed");
        }
        seen_star = true;
        break;
      case ArgumentKind::kNamed:
        if (seen_star_star) {
          refuse("keyword argument may not follow **kwargs");
        } else if (seen_star) {
          refuse("keyword argument may not follow *args");
        }
        if (names.find(argument.number) != nullptr) {
          refuse(fmt::format("keyword argument \"{}\" is repeated", argument.name));
        } else {
          names.add(argument.number, true);
        }
        break;
      case ArgumentKind::kPositional:
        ++positional;
        if (seen_star) {
          refuse("positional argument may not follow *args");
        } else if (seen_star_star) {
          refuse("positional argument may not follow **kwargs");
        } else if (!names.entries().empty()) {
          refuse("positional argument may not follow named");
        }
        break;
    }
    expr(*argument.value);
  }
  if (positional > kMaxArguments) {
    error(call.paren,
          fmt::format("{} positional arguments in call, limit is {}", positional, kMaxArguments));
  }
  if (names.entries().size() > kMaxArguments) {
    error(call.paren, fmt::format("{} keyword arguments in call, limit is {}",
                                  names.entries().size(), kMaxArguments));
  }
}

void Resolver::comprehension(ComprehensionExpr& e) {
  // The first iterable stands outside: consider [x for x in x].
  expr(*e.clauses[0].value);
  Scoped& block = blocks_.emplace_back(&scratch_);
  block.parent = now_;
  Scoped* const outer = std::exchange(now_, &block);
  assign(*e.clauses[0].target, false);
  for (Clause& clause : e.clauses.subspan(1)) {
    if (clause.is_for) assign(*clause.target, false);
    expr(*clause.value);
  }
  expr(*e.element);
  optional(e.value);
  now_ = outer;
}

}  // namespace

std::vector<Diagnostic> resolve(File& file, const Environment& environment,
                                const Dialect& dialect) {
  return Resolver(file, environment, dialect).run();
}

}  // namespace fb::starlark::resolve
