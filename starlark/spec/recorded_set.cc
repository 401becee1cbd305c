#include "starlark/spec/recorded_set.h"

#include "starlark/spec/name_scopes.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace fb::spec {

namespace syntax = starlark::syntax;
using syntax::Argument;
using syntax::ArgumentKind;
using syntax::CallExpr;
using syntax::Expr;
using syntax::Token;

namespace {

// Words whose use contributes, and how.
enum class Word { kFault, kTrace, kFilter, kBefore, kPartition };
struct WordRow {
  std::string_view name;
  Word word;
};
constexpr WordRow kWords[] = {
    {"assert_before", Word::kBefore},
    {"assert_eventually", Word::kFilter},
    {"assert_never", Word::kFilter},
    {"events", Word::kFilter},
    {"fault", Word::kFault},
    {"fault_start", Word::kFault},
    {"monitor", Word::kFilter},
    {"partition", Word::kPartition},
    {"partition_start", Word::kPartition},
    {"partition_stop", Word::kPartition},
    {"trace", Word::kTrace},
    {"trace_start", Word::kTrace},
};

std::optional<Word> word_of(std::string_view name) {
  for (const WordRow& row : kWords) {
    if (row.name == name) return row.word;
  }
  return std::nullopt;
}

const Expr* unwrap(const Expr* expr) {
  while (expr != nullptr && expr->kind == syntax::ExprKind::kParen) {
    expr = expr->as<syntax::ParenExpr>()->inner;
  }
  return expr;
}

const syntax::StringExpr* literal(const Expr* expr) {
  expr = unwrap(expr);
  return expr == nullptr ? nullptr : expr->as<syntax::StringExpr>();
}

// The string literals of a literal, or of a list, tuple or dict of them.
std::vector<std::string_view> literals(const Expr* expr) {
  std::vector<std::string_view> out;
  expr = unwrap(expr);
  if (expr == nullptr) return out;
  const auto add = [&](const Expr* item) {
    if (const auto* text = literal(item)) out.push_back(text->value);
  };
  add(expr);
  if (const auto* list = expr->as<syntax::ListExpr>()) {
    for (const Expr* item : list->items) add(item);
  } else if (const auto* tuple = expr->as<syntax::TupleExpr>()) {
    for (const Expr* item : tuple->items) add(item);
  } else if (const auto* dict = expr->as<syntax::DictExpr>()) {
    for (const syntax::DictEntry& entry : dict->entries) add(entry.key);
  }
  return out;
}

// A set of services, or all of them because the argument could not be resolved.
struct Services {
  bool every = false;
  std::vector<ServiceId> ids;
};

class Collector {
 public:
  explicit Collector(const RecordedInput& input)
      : topology_(*input.topology), sets_(topology_.services.size()) {}

  void add_file(const RecordedInput::File& file, const std::set<Word>& aliased) {
    file_ = &file;
    const NameScopes scopes(*file.syntax);
    scopes_ = &scopes;
    compared_syscalls_.clear();
    compared_services_.clear();
    syntax::walk(*file.syntax, [&](const Expr& expr) {
      if (const auto* call = expr.as<CallExpr>()) add_call(*call, aliased);
      if (const auto* binary = expr.as<syntax::BinaryExpr>()) add_comparison(*binary);
      return true;
    });
    for (const auto& [function, words] : compared_syscalls_) {
      const auto found = compared_services_.find(function);
      Services services{.every = found == compared_services_.end(), .ids = {}};
      if (!services.every) services = found->second;
      for (std::string_view word : words) add_pattern(services, word);
    }
  }

  // The words this file uses other than by calling them by name: whoever is called may be one.
  std::set<Word> escapes(const RecordedInput::File& file) {
    file_ = &file;
    const NameScopes scopes(*file.syntax);
    scopes_ = &scopes;
    std::set<const Expr*> called;
    std::set<Word> out;
    syntax::walk(*file.syntax, [&](const Expr& expr) {
      if (const auto* call = expr.as<CallExpr>()) called.insert(unwrap(call->function));
      if (const auto* ident = expr.as<syntax::IdentExpr>();
          ident != nullptr && predeclared(*ident)) {
        const auto word = word_of(ident->name);
        if (word && !called.contains(&expr)) out.insert(*word);
      }
      return true;
    });
    return out;
  }

  std::vector<SyscallSet> take() { return std::move(sets_); }
  std::set<InterfaceId> take_proxied() { return std::move(proxied_); }

 private:
  bool predeclared(const syntax::IdentExpr& ident) const {
    return !scopes_->local(ident) && !scopes_->bound_by_file(ident.name);
  }

  std::optional<ServiceId> service_of(const Expr* expr) const {
    expr = unwrap(expr);
    if (expr == nullptr) return std::nullopt;
    const auto* ident = expr->as<syntax::IdentExpr>();
    if (ident == nullptr || scopes_->local(*ident)) return std::nullopt;
    return file_->service_of(ident->name);
  }

  // What an argument that is a service stands for.
  Services services_of(const Expr* expr) const {
    if (const auto id = service_of(expr)) return {.every = false, .ids = {*id}};
    return {.every = true, .ids = {}};
  }

  // What a filter value or the other side of a comparison of .service stands for: a literal pattern
  // or `svc.name`.
  Services services_named(const Expr* expr) const {
    expr = unwrap(expr);
    if (expr == nullptr) return {.every = true, .ids = {}};
    if (const auto* dot = expr->as<syntax::DotExpr>(); dot != nullptr && dot->name == "name") {
      return services_of(dot->object);
    }
    Services out;
    if (const auto* text = expr->as<syntax::StringExpr>()) {
      for (size_t i = 0; i < topology_.services.size(); ++i) {
        if (value_matches(text->value, topology_.services[i].name)) {
          out.ids.push_back({static_cast<uint16_t>(i)});
        }
      }
      return out;
    }
    std::span<Expr* const> items;
    if (const auto* list = expr->as<syntax::ListExpr>()) items = list->items;
    if (const auto* tuple = expr->as<syntax::TupleExpr>()) items = tuple->items;
    out.every = items.empty();
    for (const Expr* item : items) {
      const Services one = services_named(item);
      out.every |= one.every;
      out.ids.insert(out.ids.end(), one.ids.begin(), one.ids.end());
    }
    return out;
  }

  template <class F>
  void for_each(const Services& services, F visit) {
    if (services.every) {
      for (size_t i = 0; i < sets_.size(); ++i) visit(sets_[i], topology_.services[i]);
    } else {
      for (ServiceId id : services.ids) visit(sets_[id.value], topology_.at(id));
    }
  }

  static void add_syscall(SyscallSet& set, std::string_view name) {
    const auto family = expand_family(name);
    for (SyscallId id : family) set.insert(id);
    if (family.empty()) {
      if (const auto id = find_syscall(name)) set.insert(*id);
    }
  }

  // A KEY or an entry of syscalls=: an operation of the service wins over a syscall.
  void add_key(const Services& services, std::string_view key) {
    for_each(services, [&](SyscallSet& set, const ServiceSpec& spec) {
      const auto op = spec.ops.find(std::string(key));
      if (op == spec.ops.end()) {
        add_syscall(set, key);
      } else {
        for (const std::string& name : op->second.syscalls) add_syscall(set, name);
      }
    });
  }

  // The value of a syscall= filter: a name, or a pattern of names. A lone `*` names nothing.
  void add_pattern(const Services& services, std::string_view pattern) {
    std::vector<std::string_view> names;
    if (pattern.find_first_of("*?") == std::string_view::npos) {
      names.push_back(pattern);
    } else if (pattern.find_first_not_of('*') != std::string_view::npos) {
      for (const SyscallRow& row : syscall_rows()) {
        if (value_matches(pattern, row.name)) names.push_back(row.name);
      }
    }
    for_each(services, [&](SyscallSet& set, const ServiceSpec&) {
      for (std::string_view name : names) add_syscall(set, name);
    });
  }

  static const Argument* positional(const CallExpr& call, size_t n) {
    for (const Argument& argument : call.arguments) {
      if (argument.kind == ArgumentKind::kStar) return nullptr;
      if (argument.kind == ArgumentKind::kPositional && n-- == 0) return &argument;
    }
    return nullptr;
  }
  static const Argument* named(const CallExpr& call, std::string_view name) {
    for (const Argument& argument : call.arguments) {
      if (argument.kind == ArgumentKind::kNamed && argument.name == name) return &argument;
    }
    return nullptr;
  }
  static const Expr* argument(const CallExpr& call, std::string_view name, size_t n) {
    if (const Argument* found = named(call, name)) return found->value;
    const Argument* found = positional(call, n);
    return found == nullptr ? nullptr : found->value;
  }

  void add_call(const CallExpr& call, const std::set<Word>& aliased) {
    const Expr* function = unwrap(call.function);
    const auto* ident = function->as<syntax::IdentExpr>();
    if (ident != nullptr && predeclared(*ident)) {
      // A name from outside the file: a word, or a builtin that contributes nothing.
      if (const auto word = word_of(ident->name)) add_use(*word, call);
      return;
    }
    // Anything else may be an alias of a word that some file uses as a value.
    for (Word word : aliased) add_use(word, call);
  }

  void add_use(Word word, const CallExpr& call) {
    switch (word) {
      case Word::kFault:
        add_fault(call);
        break;
      case Word::kTrace: {
        const Services services = services_of(argument(call, "service", 0));
        for (std::string_view key : literals(argument(call, "syscalls", 1))) add_key(services, key);
        break;
      }
      case Word::kFilter:
        if (const Argument* syscall = named(call, "syscall")) {
          const Argument* service = named(call, "service");
          add_filter(syscall->value, service == nullptr ? nullptr : service->value);
        }
        break;
      case Word::kBefore:
        add_dict(argument(call, "first", 0));
        add_dict(argument(call, "then", 1));
        break;
      case Word::kPartition:
        for (size_t i = 0; i < 2; ++i)
          add_key(services_of(argument(call, i == 0 ? "a" : "b", i)), "connect");
        break;
    }
  }

  void add_fault(const CallExpr& call) {
    const Argument* target = positional(call, 0);
    const Expr* object = target == nullptr ? nullptr : unwrap(target->value);
    if (object != nullptr) {
      const auto* dot = object->as<syntax::DotExpr>();
      // fault(db.main, …): rules of an interface name no syscalls.
      if (dot != nullptr && service_of(dot->object)) return add_proxied(*dot);
      // fault(x, RULE, …) with an x that is known only at run time: any interface.
      if (!service_of(object) && may_have_protocol_rules(call)) add_every_interface();
    }
    const Services services = services_of(object);
    for (const Argument& keyword : call.arguments) {
      if (keyword.kind != ArgumentKind::kNamed) continue;
      if (keyword.name != "run" && keyword.name != "source") add_key(services, keyword.name);
    }
  }

  // Rules of an interface are positional; KEYs alone make it a service.
  static bool may_have_protocol_rules(const CallExpr& call) {
    size_t positionals = 0;
    for (const Argument& argument : call.arguments) {
      if (argument.kind == ArgumentKind::kStar) return true;
      if (argument.kind == ArgumentKind::kPositional) ++positionals;
    }
    return positionals > 1;
  }

  void add_proxied(const syntax::DotExpr& dot) {
    const ServiceId service = *service_of(dot.object);
    const auto& interfaces = topology_.at(service).interfaces;
    for (size_t i = 0; i < interfaces.size(); ++i)
      if (interfaces[i].name == dot.name) proxied_.insert({service, i});
  }

  void add_every_interface() {
    for (size_t service = 0; service < topology_.services.size(); ++service)
      for (size_t i = 0; i < topology_.services[service].interfaces.size(); ++i)
        proxied_.insert({ServiceId{static_cast<uint16_t>(service)}, i});
  }

  void add_filter(const Expr* syscall, const Expr* service) {
    const auto* pattern = literal(syscall);
    if (pattern == nullptr) return;  // met at run time
    add_pattern(services_named(service), pattern->value);
  }

  void add_dict(const Expr* expr) {
    expr = unwrap(expr);
    const auto* dict = expr == nullptr ? nullptr : expr->as<syntax::DictExpr>();
    if (dict == nullptr) return;
    const Expr* syscall = nullptr;
    const Expr* service = nullptr;
    for (const syntax::DictEntry& entry : dict->entries) {
      const auto* key = literal(entry.key);
      if (key == nullptr) continue;
      if (key->value == "syscall") syscall = entry.value;
      if (key->value == "service") service = entry.value;
    }
    if (syscall != nullptr) add_filter(syscall, service);
  }

  // Whether the expression reads a field: e.NAME, e["NAME"], e.get("NAME").
  static bool reads(const Expr* expr, std::string_view name) {
    expr = unwrap(expr);
    if (const auto* dot = expr->as<syntax::DotExpr>()) return dot->name == name;
    const syntax::StringExpr* key = nullptr;
    if (const auto* index = expr->as<syntax::IndexExpr>()) key = literal(index->index);
    if (const auto* call = expr->as<CallExpr>()) {
      const auto* dot = unwrap(call->function)->as<syntax::DotExpr>();
      const Argument* first = positional(*call, 0);
      if (dot != nullptr && dot->name == "get" && first != nullptr) key = literal(first->value);
    }
    return key != nullptr && key->value == name;
  }

  void add_comparison(const syntax::BinaryExpr& binary) {
    static constexpr Token kComparisons[] = {Token::kEq, Token::kNe, Token::kIn, Token::kNotIn,
                                             Token::kLt, Token::kLe, Token::kGt, Token::kGe};
    if (std::find(std::begin(kComparisons), std::end(kComparisons), binary.op) ==
        std::end(kComparisons)) {
      return;
    }
    const uint32_t function = scopes_->function_around(binary.span.begin_offset);
    const std::array<std::pair<const Expr*, const Expr*>, 2> sides = {
        std::pair{binary.left, binary.right}, std::pair{binary.right, binary.left}};
    for (const auto& [field, other] : sides) {
      if (reads(field, "syscall")) {
        for (std::string_view word : literals(other)) compared_syscalls_[function].push_back(word);
      } else if (reads(field, "service")) {
        const Services named = services_named(other);
        Services& services = compared_services_[function];
        services.every |= named.every;
        services.ids.insert(services.ids.end(), named.ids.begin(), named.ids.end());
      }
    }
  }

  const Topology& topology_;
  std::vector<SyscallSet> sets_;
  std::set<InterfaceId> proxied_;
  const RecordedInput::File* file_ = nullptr;
  const NameScopes* scopes_ = nullptr;
  // By function (begin offset), what it compares .syscall and .service with.
  std::map<uint32_t, std::vector<std::string_view>> compared_syscalls_;
  std::map<uint32_t, Services> compared_services_;
};

}  // namespace

namespace {

Collector collect(const RecordedInput& input) {
  Collector collector(input);
  std::set<Word> aliased;
  for (const RecordedInput::File& file : input.files) aliased.merge(collector.escapes(file));
  for (const RecordedInput::File& file : input.files) collector.add_file(file, aliased);
  return collector;
}

}  // namespace

std::vector<SyscallSet> recorded_sets(const RecordedInput& input) {
  return collect(input).take();
}

std::set<InterfaceId> proxied_interfaces(const RecordedInput& input) {
  return collect(input).take_proxied();
}

}  // namespace fb::spec
