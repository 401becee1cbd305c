#include "starlark/eval/compiler.h"

#include "core/base/check.h"
#include "starlark/eval/entry_position.h"
#include "starlark/eval/numbers.h"
#include "starlark/eval/objects.h"
#include "starlark/eval/text.h"
#include "starlark/resolve/resolver.h"

#include <algorithm>
#include <climits>
#include <fmt/format.h>
#include <optional>
#include <unordered_map>

namespace fb::starlark {
namespace {

using namespace syntax;  // NOLINT: the tree's names are this file's subject
using resolve::Binding;
using resolve::Scope;

using Reg = std::uint16_t;
using Operand = std::uint16_t;  // a register or a constant

constexpr std::size_t kMaxRegisters = 0x7FF0;
constexpr std::size_t kDisplayInRegisters = 64;  // longer lists and tuples are appended to

// Which locals certainly have a value: what makes most "referenced before assignment" tests
// needless.
struct Flow {
  std::vector<bool> assigned;
  bool dead = false;  // after return, break, continue

  void meet(const Flow& other) {
    if (other.dead) return;
    if (dead) {
      *this = other;
      return;
    }
    for (std::size_t i = 0; i < assigned.size(); ++i) {
      assigned[i] = assigned[i] && other.assigned[i];
    }
  }
};

struct Shared {
  Program& program;
  std::unordered_map<const resolve::Function*, std::size_t> function_index;
  std::optional<Diagnostic> error;
};

class FunctionCompiler {
 public:
  FunctionCompiler(Shared& shared, const resolve::Function& source, FunctionCode& out)
      : shared_(shared), source_(source), out_(out) {}

  void run();

 private:
  // Code.
  std::size_t emit(Op op, std::size_t a = 0, std::size_t b = 0, std::size_t c = 0) {
    if (position_ != recorded_ && position_.known()) {
      out_.lines.push_back({static_cast<std::uint32_t>(out_.code.size()), position_});
      recorded_ = position_;
    }
    out_.code.push_back(Instruction{op, static_cast<std::uint16_t>(a),
                                    static_cast<std::uint16_t>(b), static_cast<std::uint16_t>(c)});
    return out_.code.size() - 1;
  }
  std::size_t emit_bx(Op op, std::size_t a, std::int64_t bx) {
    const std::size_t at = emit(op, a);
    out_.code[at].set_bx(static_cast<std::int32_t>(bx));
    return at;
  }
  void at(Position position) { position_ = position; }
  std::size_t here() const { return out_.code.size(); }
  // Makes the jump at `from` lead here.
  void patch(std::size_t from) { patch_to(from, here()); }
  void patch_to(std::size_t from, std::size_t to) {
    out_.code[from].set_bx(static_cast<std::int32_t>(static_cast<std::int64_t>(to) -
                                                     static_cast<std::int64_t>(from) - 1));
  }
  void patch_all(std::vector<std::size_t>& jumps) {
    for (std::size_t jump : jumps) patch(jump);
    jumps.clear();
  }
  void loop_to(std::size_t target) { patch_to(emit_bx(Op::kLoop, 0, 0), target); }
  void fail(Position where, std::string message) {
    if (!shared_.error) shared_.error = Diagnostic{where, std::move(message)};
  }

  // Registers: locals first, then a stack of temporaries.
  Reg temp() {
    if (top_ >= kMaxRegisters) {
      fail(position_, "expression too complex");
      top_ = out_.locals;
    }
    const auto reg = static_cast<Reg>(top_++);
    if (top_ > out_.registers) out_.registers = static_cast<std::uint16_t>(top_);
    return reg;
  }
  struct Mark {
    explicit Mark(FunctionCompiler& compiler) : compiler_(compiler), top_(compiler.top_) {}
    ~Mark() { compiler_.top_ = top_; }
    Mark(const Mark&) = delete;
    Mark& operator=(const Mark&) = delete;
    FunctionCompiler& compiler_;
    std::size_t top_;
  };

  // Constants and names.
  std::size_t constant(Value value) {
    Heap::make_immortal(value);
    out_.constants.push_back(std::move(value));
    return out_.constants.size() - 1;
  }
  std::size_t string_constant(std::string_view text);
  std::size_t literal(const Expr& e);
  bool is_literal(const Expr& e) const {
    return e.kind == ExprKind::kString || e.kind == ExprKind::kInt || e.kind == ExprKind::kFloat ||
           e.kind == ExprKind::kBytes;
  }
  std::size_t name(std::string_view text);

  // Expressions. to(): the value lands in `dest`. operand(): in a register or constant of its own
  // choice.
  Operand operand(const Expr& e);
  Reg in_register(const Expr& e);
  Reg in_temp(const Expr& e) {
    const Reg reg = temp();
    to(e, reg);
    return reg;
  }
  void to(const Expr& e, Reg dest);
  void leaf_to(const Expr& e, Reg dest);
  void spine_to(const Expr& e, Reg dest);
  void ident(const IdentExpr& e, Reg dest);
  void move_to(Reg dest, Operand from);
  void take_to(Reg dest, Reg from) {
    if (dest != from) emit(Op::kTake, dest, from);
  }
  void link(const Expr& e, Operand left, Reg result, Reg accumulator);
  void binary(const BinaryExpr& e, Operand left, Reg result, Reg accumulator);
  void slice(const SliceExpr& e, Operand left, Reg result);
  void call(const CallExpr& e, Reg base);
  void display(std::span<Expr*> items, Reg dest, bool tuple);
  void comprehension(const ComprehensionExpr& e, Reg dest);
  void clauses(const ComprehensionExpr& e, std::size_t i, Reg result);
  std::size_t next_item(Reg iterator, const Expr& target, Position where);
  void make_function(const resolve::Function& f, Reg dest);
  void condition(const Expr& e, bool jump_if, std::vector<std::size_t>& jumps);

  // Names.
  // A check does not make the local "assigned": it may stand in a branch that is not taken.
  void check_local(const IdentExpr& e) {
    at(e.span.start);
    const std::uint32_t index = e.binding->index;
    if (!flow_.assigned[index]) emit_bx(Op::kCheckLocal, index, index);
  }
  bool plain_local(const Binding& b) const { return b.scope == Scope::kLocal; }
  void store(const Expr& target, Reg value, Position where);
  void store_name(const IdentExpr& e, Reg value);
  void mark_assigned(const Binding& b) {
    if (b.scope == Scope::kLocal || b.scope == Scope::kCell) flow_.assigned[b.index] = true;
  }

  // Statements.
  void block(Block statements) {
    for (const Stmt* s : statements) statement(*s);
  }
  void statement(const Stmt& s);
  void assign(const AssignStmt& s);
  void augmented_assign(const AssignStmt& s);
  void if_statement(const IfStmt& s);
  void for_statement(const ForStmt& s);
  void while_statement(const WhileStmt& s);
  void load(const LoadStmt& s);

  struct Loop {
    std::vector<std::size_t> breaks;
    std::vector<std::size_t> continues;
  };

  Shared& shared_;
  const resolve::Function& source_;
  FunctionCode& out_;
  std::size_t top_ = 0;
  Position position_;
  Position recorded_;
  Flow flow_;
  std::vector<Loop*> loops_;
  std::unordered_map<std::string_view, std::size_t> strings_;
  std::unordered_map<std::int64_t, std::size_t> ints_;
  std::unordered_map<std::string_view, std::size_t> names_;
};

std::optional<BinaryOp> arithmetic(Token token) {
  if (token >= Token::kPlus && token <= Token::kGtGt) {
    static constexpr BinaryOp kOps[] = {
        BinaryOp::kAdd,         BinaryOp::kSubtract,  BinaryOp::kMultiply,  BinaryOp::kDivide,
        BinaryOp::kFloorDivide, BinaryOp::kModulo,    BinaryOp::kAnd,       BinaryOp::kOr,
        BinaryOp::kXor,         BinaryOp::kShiftLeft, BinaryOp::kShiftRight};
    return kOps[static_cast<int>(token) - static_cast<int>(Token::kPlus)];
  }
  if (token == Token::kIn) return BinaryOp::kIn;
  if (token == Token::kNotIn) return BinaryOp::kNotIn;
  return std::nullopt;
}

// == != < <= > >= as an offset from Op::kEqual; -1 for others.
int comparison(Token token) {
  if (token == Token::kEq) return 0;
  if (token == Token::kNe) return 1;
  if (token == Token::kLt) return 2;
  if (token == Token::kLe) return 3;
  if (token == Token::kGt) return 4;
  if (token == Token::kGe) return 5;
  return -1;
}

Op op_plus(Op base, int offset) {
  return static_cast<Op>(static_cast<int>(base) + offset);
}

const Expr& unparenthesized(const Expr& e) {
  const Expr* inner = &e;
  while (const auto* paren = inner->as<ParenExpr>()) inner = paren->inner;
  return *inner;
}

std::size_t FunctionCompiler::string_constant(std::string_view text) {
  if (auto known = strings_.find(text); known != strings_.end()) return known->second;
  // Short strings become Symbols: equal ones are one object everywhere.
  const std::size_t at =
      constant(text.size() <= 64 ? Symbol(text).value() : shared_.program.constants.string(text));
  strings_.emplace(text, at);
  return at;
}

std::size_t FunctionCompiler::literal(const Expr& e) {
  Heap& heap = shared_.program.constants;
  if (const auto* s = e.as<StringExpr>()) return string_constant(s->value);
  if (const auto* b = e.as<BytesExpr>()) return constant(heap.bytes(b->value));
  if (const auto* f = e.as<FloatExpr>()) return constant(heap.number(f->value));
  const auto& i = *e.as<IntExpr>();
  if (!i.small) {
    std::string_view digits = i.digits;
    int base = 10;
    if (digits.size() > 2 && digits[0] == '0') {
      const char letter = static_cast<char>(digits[1] | 0x20);
      base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
      if (base != 10) digits.remove_prefix(2);
    }
    return constant(*parse_int(heap, digits, base));
  }
  auto [known, fresh] = ints_.try_emplace(i.value, 0);
  if (fresh) known->second = constant(heap.integer(i.value));
  return known->second;
}

std::size_t FunctionCompiler::name(std::string_view text) {
  auto [known, fresh] = names_.try_emplace(text, out_.names.size());
  if (fresh) {
    if (out_.names.size() >= 0xFFFF) fail(position_, "too many attribute names in one function");
    out_.names.push_back(Symbol(text));
  }
  return known->second;
}

Operand FunctionCompiler::operand(const Expr& e) {
  if (is_literal(e)) {
    const std::size_t at_index = literal(e);
    if (at_index < kConstantBit) return static_cast<Operand>(at_index | kConstantBit);
    const Reg reg = temp();
    emit_bx(Op::kLoadConstant, reg, static_cast<std::int64_t>(at_index));
    return reg;
  }
  if (e.kind == ExprKind::kParen) return operand(*e.as<ParenExpr>()->inner);
  if (const auto* id = e.as<IdentExpr>()) {
    if (plain_local(*id->binding)) {
      check_local(*id);
      return static_cast<Operand>(id->binding->index);
    }
  }
  return in_temp(e);
}

Reg FunctionCompiler::in_register(const Expr& e) {
  const Operand o = operand(e);
  if ((o & kConstantBit) == 0) return o;
  const Reg reg = temp();
  emit_bx(Op::kLoadConstant, reg, o & ~kConstantBit);
  return reg;
}

void FunctionCompiler::ident(const IdentExpr& e, Reg dest) {
  const Binding& b = *e.binding;
  at(e.span.start);
  switch (b.scope) {
    case Scope::kLocal:
      check_local(e);
      if (b.index != dest) emit(Op::kMove, dest, b.index);
      return;
    case Scope::kCell:
      emit(Op::kGetCell, dest, b.index);
      return;
    case Scope::kFree:
      emit_bx(Op::kGetFree, dest, b.index);
      return;
    case Scope::kGlobal:
      emit_bx(Op::kGetGlobal, dest, b.index);
      return;
    case Scope::kFileLocal:
      emit_bx(Op::kGetGlobal, dest, static_cast<std::int64_t>(b.index + shared_.program.exported));
      return;
    case Scope::kPredeclared:
      emit_bx(Op::kGetPredeclared, dest, b.index);
      return;
    case Scope::kUndefined:
      fail(e.span.start, fmt::format("undefined: {}", e.name));
      return;
  }
}

void FunctionCompiler::to(const Expr& e, Reg dest) {
  if (left_operand(e) == nullptr) return leaf_to(e, dest);
  spine_to(e, dest);
}

void FunctionCompiler::move_to(Reg dest, Operand from) {
  if ((from & kConstantBit) != 0) {
    emit_bx(Op::kLoadConstant, dest, from & ~kConstantBit);
  } else if (from != dest) {
    emit(Op::kMove, dest, from);
  }
}

// Calls, operators, subscripts: from the innermost left operand outward, in a loop, so that a chain
// of any length needs no recursion. Between the links the value sits in one accumulator register.
void FunctionCompiler::spine_to(const Expr& outermost, Reg dest) {
  std::vector<const Expr*> spine;
  for (const Expr* e = &outermost; e != nullptr; e = left_operand(*e)) spine.push_back(e);
  const Mark mark(*this);
  const Reg accumulator = temp();
  const Expr& innermost = unparenthesized(*spine.back());
  Operand left = accumulator;
  const auto* id = innermost.as<IdentExpr>();
  if (is_literal(innermost) || (id != nullptr && plain_local(*id->binding))) {
    left = operand(innermost);
  } else {
    to(innermost, accumulator);
  }
  for (std::size_t i = spine.size() - 1; i-- > 0;) {
    const auto* dot = spine[i]->as<DotExpr>();
    if (dot != nullptr && i > 0 && spine[i - 1]->kind == ExprKind::kCall) {
      // `x.f(...)`: the method is looked up without making a bound one.
      top_ = accumulator + std::size_t{1};
      temp();
      at(dot->dot);
      emit(Op::kMethod, accumulator, left, name(dot->name));
      --i;
      call(*spine[i]->as<CallExpr>(), accumulator);
      if (i == 0) take_to(dest, accumulator);
    } else {
      top_ = accumulator + std::size_t{1};
      link(*spine[i], left, i == 0 ? dest : accumulator, accumulator);
    }
    left = accumulator;
  }
}

void FunctionCompiler::link(const Expr& e, Operand left, Reg result, Reg accumulator) {
  if (const auto* node = e.as<BinaryExpr>()) return binary(*node, left, result, accumulator);
  if (const auto* dot = e.as<DotExpr>()) {
    at(dot->dot);
    emit(Op::kAttribute, result, left, name(dot->name));
    return;
  }
  if (const auto* node = e.as<IndexExpr>()) {
    const Operand index = operand(*node->index);
    at(node->bracket);
    emit(Op::kIndex, result, left, index);
    return;
  }
  if (const auto* node = e.as<SliceExpr>()) return slice(*node, left, result);
  const auto& node = *e.as<CallExpr>();
  temp();  // the pair of a call
  move_to(accumulator, left);
  emit(Op::kClear, accumulator + 1);
  call(node, accumulator);
  take_to(result, accumulator);
}

void FunctionCompiler::binary(const BinaryExpr& e, Operand left, Reg result, Reg accumulator) {
  if (e.op == Token::kAnd || e.op == Token::kOr) {
    move_to(accumulator, left);
    const std::size_t done =
        emit_bx(e.op == Token::kAnd ? Op::kJumpFalse : Op::kJumpTrue, accumulator, 0);
    to(*e.right, accumulator);
    patch(done);
    return take_to(result, accumulator);
  }
  const Operand right = operand(*e.right);
  at(e.op_position);
  if (const int offset = comparison(e.op); offset >= 0) {
    emit(op_plus(Op::kEqual, offset), result, left, right);
  } else {
    emit(op_plus(Op::kAdd, static_cast<int>(*arithmetic(e.op))), result, left, right);
  }
}

// The bounds stand in three registers in a row; None for what is not given.
void FunctionCompiler::slice(const SliceExpr& e, Operand left, Reg result) {
  if (position_ == Position{} || is_literal(unparenthesized(*e.object))) at(e.bracket);
  Reg object = left;
  if ((left & kConstantBit) != 0) {
    object = temp();
    move_to(object, left);
  }
  Reg first = 0;
  for (const Expr* bound : {e.low, e.high, e.step}) {
    const Reg reg = temp();
    if (bound == e.low && first == 0) first = reg;
    if (bound != nullptr) {
      to(*bound, reg);
    } else {
      emit(Op::kLoadNone, reg);
    }
  }
  emit(Op::kSlice, result, object, first);
}

// The callee is in `base` and `base + 1`; the result goes to `base`.
void FunctionCompiler::call(const CallExpr& e, Reg base) {
  top_ = base + std::size_t{2};
  CallSite site;
  for (const Argument& argument : e.arguments) {
    const Reg reg = temp();
    to(*argument.value, reg);
    top_ = reg + std::size_t{1};
    switch (argument.kind) {
      case ArgumentKind::kPositional:
        ++site.positional;
        break;
      case ArgumentKind::kNamed:
        site.names.push_back(Symbol(argument.name));
        break;
      case ArgumentKind::kStar:
        site.star = true;
        break;
      case ArgumentKind::kStarStar:
        site.star_star = true;
        break;
    }
    if (argument.kind == ArgumentKind::kPositional || argument.kind == ArgumentKind::kNamed) {
      site.spans.emplace_back(argument.value->span.begin_offset, argument.value->span.end_offset);
    }
  }
  at(e.paren);
  const bool more = !site.names.empty() || site.star || site.star_star;
  const std::size_t positional = site.positional | (more ? std::size_t{kKeywordsBit} : 0);
  std::size_t number = kNoSite;
  if (out_.sites.size() < kNoSite) {
    number = out_.sites.size();
    out_.sites.push_back(std::move(site));
  } else if (more) {
    fail(e.paren, "too many calls in one function");
  }
  emit(Op::kCall, base, positional, number);
}

// Expressions without a left operand.
void FunctionCompiler::leaf_to(const Expr& e, Reg dest) {
  switch (e.kind) {
    case ExprKind::kIdent:
      return ident(*e.as<IdentExpr>(), dest);
    case ExprKind::kInt:
      if (const auto& i = *e.as<IntExpr>();
          i.small && i.value >= INT32_MIN && i.value <= INT32_MAX) {
        emit_bx(Op::kLoadInt, dest, i.value);
        return;
      }
      [[fallthrough]];
    case ExprKind::kString:
    case ExprKind::kBytes:
    case ExprKind::kFloat:
      emit_bx(Op::kLoadConstant, dest, static_cast<std::int64_t>(literal(e)));
      return;
    case ExprKind::kParen:
      return to(*e.as<ParenExpr>()->inner, dest);
    case ExprKind::kList:
      return display(e.as<ListExpr>()->items, dest, false);
    case ExprKind::kTuple:
      return display(e.as<TupleExpr>()->items, dest, true);
    case ExprKind::kDict: {
      const Mark mark(*this);
      const Reg dict = temp();  // not `dest`: the entries may read it
      emit(Op::kMakeDict, dict, std::min<std::size_t>(e.as<DictExpr>()->entries.size(), 0xFFFF));
      for (const DictEntry& entry : e.as<DictExpr>()->entries) {
        const Mark entry_mark(*this);
        const Operand key = operand(*entry.key);
        const Operand value = operand(*entry.value);
        at(entry.colon);
        emit(Op::kDictUnique, dict, key, value);
      }
      return take_to(dest, dict);
    }
    case ExprKind::kUnary: {
      const auto& node = *e.as<UnaryExpr>();
      const Mark mark(*this);
      const Operand x = operand(*node.operand);
      at(node.span.start);
      emit(node.op == Token::kNot     ? Op::kNot
           : node.op == Token::kMinus ? Op::kNegate
           : node.op == Token::kPlus  ? Op::kPlus
                                      : Op::kInvert,
           dest, x);
      return;
    }
    case ExprKind::kConditional: {
      const auto& node = *e.as<ConditionalExpr>();
      std::vector<std::size_t> otherwise;
      condition(*node.condition, false, otherwise);
      to(*node.when_true, dest);
      const std::size_t done = emit_bx(Op::kJump, 0, 0);
      patch_all(otherwise);
      to(*node.when_false, dest);
      patch(done);
      return;
    }
    case ExprKind::kLambda:
      return make_function(*e.as<LambdaExpr>()->function, dest);
    case ExprKind::kComprehension:
      return comprehension(*e.as<ComprehensionExpr>(), dest);
    case ExprKind::kCall:
    case ExprKind::kDot:
    case ExprKind::kIndex:
    case ExprKind::kSlice:
    case ExprKind::kBinary:
      return spine_to(e, dest);
  }
}

void FunctionCompiler::display(std::span<Expr*> items, Reg dest, bool tuple) {
  const Mark mark(*this);
  const std::size_t first = top_;
  if (items.size() <= kDisplayInRegisters) {
    for (const Expr* item : items) {
      const Reg reg = temp();
      to(*item, reg);
      top_ = reg + std::size_t{1};
    }
    emit(tuple ? Op::kMakeTuple : Op::kMakeList, dest, first, items.size());
    return;
  }
  const Reg list = temp();
  emit(Op::kMakeList, list, first, 0);
  for (const Expr* item : items) {
    const Mark item_mark(*this);
    emit(Op::kAppend, list, operand(*item));
  }
  if (tuple) emit(Op::kListToTuple, list);
  take_to(dest, list);
}

void FunctionCompiler::comprehension(const ComprehensionExpr& e, Reg dest) {
  const Mark mark(*this);
  const Reg result = temp();
  emit(e.is_dict ? Op::kMakeDict : Op::kMakeList, result, 0, 0);
  clauses(e, 0, result);
  take_to(dest, result);
}

void FunctionCompiler::clauses(const ComprehensionExpr& e, std::size_t i, Reg result) {
  const Mark mark(*this);
  if (i == e.clauses.size()) {
    const Operand element = operand(*e.element);
    if (e.is_dict) {
      const Operand value = operand(*e.value);
      at(e.colon);
      emit(Op::kDictSet, result, element, value);
    } else {
      emit(Op::kAppend, result, element);
    }
    return;
  }
  const Clause& clause = e.clauses[i];
  if (!clause.is_for) {
    std::vector<std::size_t> skip;
    condition(*clause.value, false, skip);
    clauses(e, i + 1, result);
    return patch_all(skip);
  }
  const Reg iterator = temp();
  {
    const Mark iterable_mark(*this);
    const Operand iterable = operand(*clause.value);
    at(clause.position);
    emit(Op::kIterate, iterator, iterable);
  }
  const std::size_t start = here();
  const std::size_t exit = next_item(iterator, *clause.target, clause.position);
  clauses(e, i + 1, result);
  loop_to(start);
  patch(exit);
}

// Fetches the next item into the loop variables; returns the jump that leaves the loop.
std::size_t FunctionCompiler::next_item(Reg iterator, const Expr& target, Position where) {
  const Mark mark(*this);
  const auto* id = unparenthesized(target).as<IdentExpr>();
  const bool direct = id != nullptr && plain_local(*id->binding);
  const Reg item = direct ? static_cast<Reg>(id->binding->index) : temp();
  at(where);
  emit(Op::kNext, iterator, item);
  const std::size_t exit = emit_bx(Op::kJump, 0, 0);
  if (direct) {
    mark_assigned(*id->binding);
  } else {
    store(target, item, where);
  }
  return exit;
}

void FunctionCompiler::make_function(const resolve::Function& f, Reg dest) {
  const Mark mark(*this);
  const std::size_t index = shared_.function_index.at(&f);
  FunctionCode& code = shared_.program.functions[index];
  const std::size_t first = top_;
  temp();
  top_ = first;
  std::vector<const Parameter*> plain;
  for (const Parameter& parameter : f.parameters) {
    if (parameter.kind == ParameterKind::kPlain) plain.push_back(&parameter);
  }
  for (std::size_t i = code.first_default; i < plain.size(); ++i) {
    const Reg reg = temp();
    if (plain[i]->default_value != nullptr) {
      to(*plain[i]->default_value, reg);
      top_ = reg + std::size_t{1};
    } else {
      emit(Op::kClear, reg);
    }
  }
  emit_bx(Op::kMakeFunction, first, static_cast<std::int64_t>(index));
  take_to(dest, static_cast<Reg>(first));
}

// Jumps when the truth of `e` is `jump_if`, else falls through.
void FunctionCompiler::condition(const Expr& parenthesized, bool jump_if,
                                 std::vector<std::size_t>& jumps) {
  const Expr& e = unparenthesized(parenthesized);
  const Mark mark(*this);
  if (const auto* unary = e.as<UnaryExpr>(); unary != nullptr && unary->op == Token::kNot) {
    return condition(*unary->operand, !jump_if, jumps);
  }
  if (const auto* node = e.as<BinaryExpr>()) {
    if (node->op == Token::kAnd || node->op == Token::kOr) {
      std::vector<const Expr*> operands{node->right};
      const Expr* left = node->left;
      for (const auto* more = left->as<BinaryExpr>(); more != nullptr && more->op == node->op;
           more = left->as<BinaryExpr>()) {
        operands.push_back(more->right);
        left = more->left;
      }
      operands.push_back(left);
      const bool stops_at = node->op == Token::kOr;  // the truth that settles it early
      std::vector<std::size_t> settled;
      for (std::size_t i = operands.size(); i-- > 0;) {
        if (i == 0) {
          condition(*operands[i], jump_if, jumps);
        } else {
          condition(*operands[i], stops_at, stops_at == jump_if ? jumps : settled);
        }
      }
      return patch_all(settled);
    }
    const int offset = comparison(node->op);
    if (offset >= 0 || node->op == Token::kIn || node->op == Token::kNotIn) {
      const Operand left = operand(*node->left);
      const Operand right = operand(*node->right);
      at(node->op_position);
      const Op op = offset >= 0              ? op_plus(Op::kIfEqual, offset)
                    : node->op == Token::kIn ? Op::kIfIn
                                             : Op::kIfNotIn;
      emit(op, jump_if ? 1 : 0, left, right);
      jumps.push_back(emit_bx(Op::kJump, 0, 0));
      return;
    }
  }
  const Reg value = in_register(e);
  jumps.push_back(emit_bx(jump_if ? Op::kJumpTrue : Op::kJumpFalse, value, 0));
}

void FunctionCompiler::store_name(const IdentExpr& e, Reg value) {
  const Binding& b = *e.binding;
  switch (b.scope) {
    case Scope::kLocal:
      if (b.index != value) emit(Op::kMove, b.index, value);
      mark_assigned(b);
      return;
    case Scope::kCell:
      emit(Op::kSetCell, b.index, value);
      return;
    case Scope::kGlobal:
      emit_bx(Op::kSetGlobal, value, b.index);
      return;
    case Scope::kFileLocal:
      emit_bx(Op::kSetGlobal, value, static_cast<std::int64_t>(b.index + shared_.program.exported));
      return;
    case Scope::kFree:
    case Scope::kPredeclared:
    case Scope::kUndefined:
      fail(e.span.start, "internal error: assignment to a free name");
      return;
  }
}

void FunctionCompiler::store(const Expr& parenthesized, Reg value, Position where) {
  const Expr& target = unparenthesized(parenthesized);
  const Mark mark(*this);
  if (const auto* id = target.as<IdentExpr>()) return store_name(*id, value);
  if (const auto* node = target.as<IndexExpr>()) {
    const Operand object = operand(*node->object);
    const Operand index = operand(*node->index);
    at(node->bracket);
    emit(Op::kSetIndex, object, index, value);
    return;
  }
  if (const auto* dot = target.as<DotExpr>()) {
    const Operand object = operand(*dot->object);
    at(dot->dot);
    emit(Op::kSetAttribute, object, value, name(dot->name));
    return;
  }
  std::span<Expr*> items;
  if (const auto* tuple = target.as<TupleExpr>()) items = tuple->items;
  if (const auto* list = target.as<ListExpr>()) items = list->items;
  const std::size_t first = top_;
  for (std::size_t i = 0; i < items.size(); ++i) temp();
  at(where);
  emit(Op::kUnpack, value, first, items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    store(*items[i], static_cast<Reg>(first + i), where);
  }
}

void FunctionCompiler::statement(const Stmt& s) {
  const Mark mark(*this);
  switch (s.kind) {
    case StmtKind::kExpression: {
      const Expr& e = *s.as<ExprStmt>()->value;
      if (!is_literal(e)) in_temp(e);  // a literal alone is a doc string or a comment
      return;
    }
    case StmtKind::kAssign:
      return s.as<AssignStmt>()->augmented ? augmented_assign(*s.as<AssignStmt>())
                                           : assign(*s.as<AssignStmt>());
    case StmtKind::kDef: {
      const auto& def = *s.as<DefStmt>();
      const Reg reg = temp();
      make_function(*def.function, reg);
      return store_name(*def.name, reg);
    }
    case StmtKind::kIf:
      return if_statement(*s.as<IfStmt>());
    case StmtKind::kFor:
      return for_statement(*s.as<ForStmt>());
    case StmtKind::kWhile:
      return while_statement(*s.as<WhileStmt>());
    case StmtKind::kReturn: {
      const Expr* value = s.as<ReturnStmt>()->value;
      if (value != nullptr) {
        emit(Op::kReturn, operand(*value));
      } else {
        const Reg reg = temp();
        emit(Op::kLoadNone, reg);
        emit(Op::kReturn, reg);
      }
      flow_.dead = true;
      return;
    }
    case StmtKind::kBranch: {
      const Token token = s.as<BranchStmt>()->token;
      if (token == Token::kPass) return;
      if (loops_.empty()) return fail(s.span.start, "internal error: branch outside a loop");
      (token == Token::kBreak ? loops_.back()->breaks : loops_.back()->continues)
          .push_back(emit_bx(Op::kJump, 0, 0));
      flow_.dead = true;
      return;
    }
    case StmtKind::kLoad:
      return load(*s.as<LoadStmt>());
  }
}

void FunctionCompiler::assign(const AssignStmt& s) {
  const Expr& target = unparenthesized(*s.target);
  if (const auto* id = target.as<IdentExpr>(); id != nullptr && plain_local(*id->binding)) {
    to(*s.value, static_cast<Reg>(id->binding->index));
    return mark_assigned(*id->binding);
  }
  // a, b = x, y needs no tuple.
  const auto* targets = target.as<TupleExpr>();
  const auto* values = unparenthesized(*s.value).as<TupleExpr>();
  if (targets != nullptr && values != nullptr && targets->items.size() == values->items.size() &&
      values->items.size() <= kDisplayInRegisters) {
    const std::size_t first = top_;
    for (const Expr* value : values->items) {
      const Reg reg = temp();
      to(*value, reg);
      top_ = reg + std::size_t{1};
    }
    for (std::size_t i = 0; i < targets->items.size(); ++i) {
      store(*targets->items[i], static_cast<Reg>(first + i), s.op_position);
    }
    return;
  }
  store(target, in_register(*s.value), s.op_position);
}

void FunctionCompiler::augmented_assign(const AssignStmt& s) {
  const auto in_place = [&](Reg result, Operand left, Operand right) {
    at(s.op_position);
    Op op = op_plus(Op::kAdd, static_cast<int>(*arithmetic(s.op)));
    if (s.op == Token::kPlus) op = Op::kAddInPlace;
    if (s.op == Token::kPipe) op = Op::kOrInPlace;
    if (s.op == Token::kAmp) op = Op::kAndInPlace;
    if (s.op == Token::kCaret) op = Op::kXorInPlace;
    emit(op, result, left, right);
  };
  const Expr& target = unparenthesized(*s.target);
  if (const auto* id = target.as<IdentExpr>()) {
    if (plain_local(*id->binding)) {
      const auto reg = static_cast<Reg>(id->binding->index);
      check_local(*id);
      in_place(reg, reg, operand(*s.value));
      return mark_assigned(*id->binding);
    }
    const Reg value = in_temp(*id);
    in_place(value, value, operand(*s.value));
    return store_name(*id, value);
  }
  if (const auto* node = target.as<IndexExpr>()) {
    const Operand object = operand(*node->object);
    const Operand index = operand(*node->index);
    const Reg value = temp();
    at(node->bracket);
    emit(Op::kIndex, value, object, index);
    in_place(value, value, operand(*s.value));
    at(node->bracket);
    emit(Op::kSetIndex, object, index, value);
    return;
  }
  const auto& dot = *target.as<DotExpr>();
  const Operand object = operand(*dot.object);
  const Reg value = temp();
  at(dot.dot);
  emit(Op::kAttribute, value, object, name(dot.name));
  in_place(value, value, operand(*s.value));
  at(dot.dot);
  emit(Op::kSetAttribute, object, value, name(dot.name));
}

void FunctionCompiler::if_statement(const IfStmt& s) {
  std::vector<std::size_t> ends;
  Flow after;
  after.dead = true;
  bool has_else = false;
  for (std::size_t i = 0; i < s.clauses.size(); ++i) {
    const IfClause& clause = s.clauses[i];
    std::vector<std::size_t> otherwise;
    if (clause.condition != nullptr) {
      condition(*clause.condition, false, otherwise);
    } else {
      has_else = true;
    }
    const Flow before = flow_;
    block(clause.body);
    after.meet(flow_);
    if (i + 1 < s.clauses.size()) ends.push_back(emit_bx(Op::kJump, 0, 0));
    patch_all(otherwise);
    flow_ = before;
  }
  if (!has_else) after.meet(flow_);
  if (after.dead && after.assigned.empty()) after.assigned = flow_.assigned;
  flow_ = std::move(after);
  patch_all(ends);
}

void FunctionCompiler::for_statement(const ForStmt& s) {
  const Reg iterator = temp();
  {
    const Mark mark(*this);
    const Operand iterable = operand(*s.iterable);
    at(s.span.start);
    emit(Op::kIterate, iterator, iterable);
  }
  const Flow before = flow_;
  const std::size_t start = here();
  const std::size_t exit = next_item(iterator, *s.target, s.span.start);
  Loop loop;
  loops_.push_back(&loop);
  block(s.body);
  loops_.pop_back();
  patch_all(loop.continues);
  loop_to(start);
  if (!loop.breaks.empty()) {
    patch_all(loop.breaks);
    emit(Op::kClear, iterator);  // gives the iteration lock back
  }
  patch(exit);
  flow_ = before;
}

void FunctionCompiler::while_statement(const WhileStmt& s) {
  const std::size_t start = here();
  std::vector<std::size_t> exits;
  condition(*s.condition, false, exits);
  const Flow before = flow_;
  Loop loop;
  loops_.push_back(&loop);
  block(s.body);
  loops_.pop_back();
  patch_all(loop.continues);
  loop_to(start);
  patch_all(exits);
  patch_all(loop.breaks);
  flow_ = before;
}

void FunctionCompiler::load(const LoadStmt& s) {
  LoadSite site;
  site.module = std::string(s.module->value);
  for (const LoadedName& loaded : s.names) {
    const Binding& b = *loaded.local->binding;
    const std::size_t slot =
        b.scope == Scope::kGlobal ? b.index : b.index + shared_.program.exported;
    site.names.push_back({Symbol(loaded.original), static_cast<std::uint32_t>(slot)});
  }
  at(s.span.start);
  emit_bx(Op::kLoad, 0, static_cast<std::int64_t>(shared_.program.loads.size()));
  shared_.program.loads.push_back(std::move(site));
}

void FunctionCompiler::run() {
  if (source_.locals.size() >= kMaxRegisters) {
    return fail(source_.position, "too many local variables in one function");
  }
  out_.locals = static_cast<std::uint16_t>(source_.locals.size());
  out_.registers = out_.locals;
  top_ = out_.locals;
  const std::size_t parameters = out_.parameters.size();
  flow_.assigned.assign(source_.locals.size(), false);
  for (std::size_t i = 0; i < source_.locals.size(); ++i) {
    if (i < parameters) flow_.assigned[i] = true;
    out_.local_names.emplace_back(source_.locals[i]->name);
    if (source_.locals[i]->scope == Scope::kCell) emit(Op::kMakeCell, i);
  }
  for (const Binding* free : source_.free_variables) {
    out_.free_names.emplace_back(free->name);
    out_.captures.push_back({free->scope == Scope::kFree, static_cast<std::uint16_t>(free->index)});
  }
  out_.entry_position = entry_position(source_);
  if (source_.result != nullptr) {
    const Mark mark(*this);
    emit(Op::kReturn, operand(*source_.result));
  } else {
    block(source_.body);
    const Reg none = temp();
    emit(Op::kLoadNone, none);
    emit(Op::kReturn, none);
  }
}

void describe(const resolve::Function& f, FunctionCode& out) {
  out.name = std::string(f.name);
  out.position = f.position;
  out.doc = std::string(doc_string(f.body));
  out.positional = static_cast<std::uint16_t>(f.positional);
  out.keyword_only = static_cast<std::uint16_t>(f.keyword_only);
  out.has_args = f.has_args;
  out.has_kwargs = f.has_kwargs;
  out.first_default = out.fixed();
  std::uint16_t i = 0;
  std::string_view args, kwargs;
  for (const Parameter& parameter : f.parameters) {
    if (parameter.kind == ParameterKind::kArgs) args = parameter.name->name;
    if (parameter.kind == ParameterKind::kKwargs) kwargs = parameter.name->name;
    if (parameter.kind != ParameterKind::kPlain) continue;
    if (parameter.default_value != nullptr && i < out.first_default) out.first_default = i;
    out.parameters.push_back(Symbol(parameter.name->name));
    ++i;
  }
  if (f.has_args) out.parameters.push_back(Symbol(args));
  if (f.has_kwargs) out.parameters.push_back(Symbol(kwargs));
}

}  // namespace

std::variant<std::unique_ptr<Program>, Diagnostic> compile(const syntax::File& file,
                                                           const Dialect& dialect) {
  const resolve::Resolution& resolution = *file.resolution;
  auto program = std::make_unique<Program>();
  program->path_ = file.path;
  program->source_ = file.source;
  program->recursion = dialect.recursion;
  for (const Binding* b : resolution.globals) program->globals.emplace_back(b->name);
  program->exported = program->globals.size();
  for (const Binding* b : resolution.file_locals) program->globals.emplace_back(b->name);
  for (std::string_view name : resolution.predeclared) program->predeclared.push_back(Symbol(name));
  Shared shared{*program, {}, std::nullopt};
  for (const resolve::Function& f : resolution.functions) {
    shared.function_index.emplace(&f, program->functions.size());
    FunctionCode& code = program->functions.emplace_back();
    code.program = program.get();
    describe(f, code);
  }
  std::size_t i = 0;
  for (const resolve::Function& f : resolution.functions) {
    FunctionCompiler(shared, f, program->functions[i]).run();
    ++i;
  }
  if (shared.error) return *std::move(shared.error);
  return program;
}

// The last entry at or before pc; the first one for what comes before it.
Position FunctionCode::position_at(const Instruction* pc) const {
  if (lines.empty()) return position;
  const auto number = static_cast<std::uint32_t>(pc - code.data());
  std::size_t low = 0;
  std::size_t high = lines.size();
  while (high - low > 1) {
    const std::size_t middle = (low + high) / 2;
    (lines[middle].pc <= number ? low : high) = middle;
  }
  return lines[low].position;
}

}  // namespace fb::starlark
