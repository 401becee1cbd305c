#include "starlark/spec/literal_check.h"

#include "core/base/suggest.h"
#include "core/base/text.h"
#include "core/runtime/launcher.h"
#include "starlark/eval/containers.h"
#include "starlark/eval/operators.h"
#include "starlark/spec/actions.h"
#include "starlark/spec/event_search.h"
#include "starlark/spec/protocol_actions.h"
#include "starlark/spec/registry.h"
#include "starlark/spec/service_value.h"
#include "starlark/spec/words.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb::spec {

namespace syntax = starlark::syntax;
using starlark::BuiltinDef;
using starlark::Param;
using starlark::ParamKind;
using starlark::Position;
using starlark::Symbol;
using syntax::Argument;
using syntax::ArgumentKind;
using syntax::CallExpr;
using syntax::Expr;

namespace {

// Words that only make a value: calling them changes nothing.
constexpr const BuiltinDef* kBuilders[] = {
    &kAllow, &kBandwidth, &kCorrupt,   &kDelay, &kDeny,  &kDrop,     &kDuplicate, &kError,
    &kHold,  &kHttp,      &kInterface, &kOp,    &kReady, &kResponse, &kTcp,       &kTruncate};

bool is_builder(const BuiltinDef& def) {
  return std::find(std::begin(kBuilders), std::end(kBuilders), &def) != std::end(kBuilders);
}

bool is_starred(const Argument& argument) {
  return argument.kind == ArgumentKind::kStar || argument.kind == ArgumentKind::kStarStar;
}

const Param* keyword_param(const BuiltinDef& def, std::string_view name) {
  for (const Param& param : def.params) {
    const bool named =
        param.kind == ParamKind::kPositional || param.kind == ParamKind::kKeywordOnly;
    if (named && param.name == name) return &param;
  }
  return nullptr;
}

bool has_param(const BuiltinDef& def, ParamKind kind) {
  return std::any_of(def.params.begin(), def.params.end(),
                     [&](const Param& param) { return param.kind == kind; });
}

// The argument bound to the parameter, as far as it is written out.
const Argument* argument_of(const CallExpr& call, const BuiltinDef& def, std::string_view name) {
  size_t position = 0;
  for (const Argument& argument : call.arguments) {
    if (argument.kind == ArgumentKind::kStar) return nullptr;
    if (argument.kind == ArgumentKind::kNamed && argument.name == name) return &argument;
    if (argument.kind != ArgumentKind::kPositional) continue;
    if (position < def.params.size() && def.params[position].name == name) {
      const ParamKind kind = def.params[position].kind;
      if (kind == ParamKind::kPositional || kind == ParamKind::kPositionalOnly) return &argument;
    }
    ++position;
  }
  return nullptr;
}

// What is wrong with a string where a parameter of that name takes one of the scalars of spec §2.1.
std::string scalar_mistake(std::string_view param, std::string_view text) {
  const auto one_of = [&](std::initializer_list<std::string_view> words) {
    const bool known = std::find(words.begin(), words.end(), text) != words.end();
    return known ? "" : fmt::format("got {}, want one of {}", quote(text), join(words, ", "));
  };
  if (param == "timeout" || param == "within" || param == "interval") {
    const Result<Duration> duration = parse_duration(text);
    return duration.ok() ? "" : duration.error().message;
  }
  if (param == "direction") return one_of({"both", "a->b", "b->a"});
  if (param == "mode") return one_of({"refuse", "drop"});
  if (param == "signal" && !signal_number(text))
    return fmt::format("unknown signal {}", quote(text));
  if (param == "error") {
    const auto error = read_errno(text);
    return error.ok() ? "" : error.failure().text;
  }
  return "";
}

}  // namespace

LiteralCheck::LiteralCheck(Session& session, Thread& thread, const SpecFile& file)
    : session_(session), thread_(thread), file_(file), scopes_(*file.syntax) {}

std::vector<Diagnostic> LiteralCheck::run() {
  syntax::walk(*file_.syntax, [this](const Expr& expr) {
    if (const auto* call = expr.as<CallExpr>()) check_call(*call);
    if (const auto* dot = expr.as<syntax::DotExpr>()) attribute_of(*dot);
    return true;
  });
  return std::move(found_);
}

void LiteralCheck::report(Position position, std::string_view builtin, std::string_view text) {
  std::string message =
      builtin.empty() ? std::string(text) : fmt::format("{}(): {}", builtin, text);
  if (!reported_.emplace(position, message).second) return;
  const bool unfilterable = text.starts_with("FAULT_NOT_FILTERABLE: ");
  found_.push_back({.code = unfilterable ? "FAULT_NOT_FILTERABLE" : "SPEC_INVALID",
                    .message = std::move(message),
                    .position = starlark::Location{file_.syntax->path, position}.str()});
}

const BuiltinDef* LiteralCheck::word_of(const Expr& function) const {
  const auto* ident = function.as<syntax::IdentExpr>();
  if (ident == nullptr || scopes_.local(*ident) || scopes_.bound_by_file(ident->name)) {
    return nullptr;
  }
  for (const BuiltinDef* word : spec_words()) {
    if (word->name == ident->name) return word;
  }
  return nullptr;
}

// The value of an expression that needs no test; what is wrong inside it is reported.
std::optional<Value> LiteralCheck::value_of(const Expr& expr) {
  if (const auto* paren = expr.as<syntax::ParenExpr>()) return value_of(*paren->inner);
  if (const auto* text = expr.as<syntax::StringExpr>()) return thread_.heap().string(text->value);
  if (const auto* number = expr.as<syntax::IntExpr>(); number != nullptr && number->small) {
    return thread_.heap().integer(number->value);
  }
  if (const auto* number = expr.as<syntax::FloatExpr>())
    return thread_.heap().number(number->value);
  if (const auto* dot = expr.as<syntax::DotExpr>()) return attribute_of(*dot);
  if (const auto* call = expr.as<CallExpr>()) {
    const BuiltinDef* def = word_of(*call->function);
    if (def == nullptr || !is_builder(*def)) return std::nullopt;
    return call_builder(*call, *def);
  }
  if (const auto* ident = expr.as<syntax::IdentExpr>()) {
    if (scopes_.local(*ident)) return std::nullopt;
    if (scopes_.bound_by_file(ident->name)) {
      const Value value = file_.value_of(ident->name);
      if (value.absent()) return std::nullopt;
      return value;
    }
    if (ident->name == "None") return Value::none();
    if (ident->name == "True" || ident->name == "False") {
      return Value::boolean(ident->name == "True");
    }
    return std::nullopt;
  }
  if (const auto* list = expr.as<syntax::ListExpr>()) {
    Value out = thread_.heap().list();
    for (const Expr* item : list->items) {
      auto value = value_of(*item);
      if (!value) return std::nullopt;
      out.as<starlark::List>()->append(std::move(*value));
    }
    return out;
  }
  return std::nullopt;
}

std::optional<Value> LiteralCheck::attribute_of(const syntax::DotExpr& dot) {
  const auto object = value_of(*dot.object);
  if (!object) return std::nullopt;
  if (object->as<ServiceValue>() == nullptr && object->as<InterfaceRef>() == nullptr) {
    return std::nullopt;
  }
  Outcome outcome = starlark::attribute(thread_, *object, Symbol(dot.name));
  if (outcome.ok()) return std::move(outcome).value();
  report(dot.dot, "", outcome.failure().text);
  return std::nullopt;
}

std::optional<Value> LiteralCheck::call_builder(const CallExpr& call, const BuiltinDef& def) {
  if (!check_binding(call, def)) return std::nullopt;
  std::vector<Value> positional;
  std::vector<std::pair<Symbol, Value>> keywords;
  bool whole = true;  // every argument is known
  for (const Argument& argument : call.arguments) {
    if (is_starred(argument)) return std::nullopt;
    auto value = value_of(*argument.value);
    if (!value) {
      // Without a positional or required argument nothing can be told; an optional one is left out.
      const Param* param =
          argument.kind == ArgumentKind::kNamed ? keyword_param(def, argument.name) : nullptr;
      if (param == nullptr || param->fallback.required()) return std::nullopt;
      whole = false;
      continue;
    }
    if (argument.kind == ArgumentKind::kPositional) {
      positional.push_back(std::move(*value));
    } else {
      keywords.emplace_back(Symbol(argument.name), std::move(*value));
    }
  }
  Outcome outcome = thread_.call(starlark::builtin_value(def), positional, keywords);
  if (!outcome.ok()) {
    report(call.paren, def.name, outcome.failure().text);
    return std::nullopt;
  }
  if (!whole) return std::nullopt;
  return std::move(outcome).value();
}

bool LiteralCheck::check_binding(const CallExpr& call, const BuiltinDef& def) {
  size_t positional = 0;
  bool star = false, star_star = false;
  for (const Argument& argument : call.arguments) {
    star |= argument.kind == ArgumentKind::kStar;
    star_star |= argument.kind == ArgumentKind::kStarStar;
    positional += argument.kind == ArgumentKind::kPositional;
    if (argument.kind != ArgumentKind::kNamed || keyword_param(def, argument.name) != nullptr ||
        has_param(def, ParamKind::kKwargs)) {
      continue;
    }
    std::vector<std::string> names;
    for (const Param& param : def.params) {
      if (keyword_param(def, param.name) != nullptr) names.emplace_back(param.name);
    }
    report(call.paren, def.name,
           fmt::format("unexpected keyword argument \"{}\"{}", argument.name,
                       did_you_mean(argument.name, names)));
    return false;
  }
  size_t most = 0;
  for (const Param& param : def.params) {
    const bool by_position =
        param.kind == ParamKind::kPositional || param.kind == ParamKind::kPositionalOnly;
    const size_t at = most;
    most += by_position;
    if (!param.fallback.required() || param.kind == ParamKind::kArgs ||
        param.kind == ParamKind::kKwargs || star_star || (by_position && star)) {
      continue;
    }
    if (by_position && at < positional) continue;
    const bool named =
        std::any_of(call.arguments.begin(), call.arguments.end(), [&](const Argument& argument) {
          return argument.kind == ArgumentKind::kNamed && argument.name == param.name;
        });
    if (named && param.kind != ParamKind::kPositionalOnly) continue;
    report(call.paren, def.name, fmt::format("missing argument for {}", param.name));
    return false;
  }
  if (positional > most && !has_param(def, ParamKind::kArgs)) {
    report(call.paren, def.name,
           fmt::format("got {} arguments, want at most {}", positional, most));
    return false;
  }
  return true;
}

void LiteralCheck::check_call(const CallExpr& call) {
  if (const BuiltinDef* def = word_of(*call.function)) {
    if (is_builder(*def)) {
      call_builder(call, *def);
      return;
    }
    const bool binds = check_binding(call, *def);
    if (def == &kFault || def == &kFaultStart) check_keys(call, *def);
    if (!binds) return;
    check_arguments(call, *def);
    if (def == &kTrace || def == &kTraceStart) check_traced(call, *def);
    if (has_param(*def, ParamKind::kKwargs) && def != &kFault && def != &kFaultStart) {
      check_filters(call, *def);
    }
    if (def == &kAssertBefore) {
      for (std::string_view side : {"first", "then"}) {
        const Argument* argument = argument_of(call, *def, side);
        if (argument != nullptr) check_filter_dict(*argument->value, *def, call.paren);
      }
    }
    return;
  }
  // A step of a known interface.
  if (const auto* dot = call.function->as<syntax::DotExpr>()) {
    const auto method = attribute_of(*dot);
    const auto* step = method ? method->as<starlark::HostObject>() : nullptr;
    const BuiltinDef* def = step == nullptr ? nullptr : step->call_signature();
    if (def != nullptr && check_binding(call, *def)) check_arguments(call, *def);
  }
}

void LiteralCheck::check_arguments(const CallExpr& call, const BuiltinDef& def) {
  // Which of several positional ones a word with *args takes for what, it says itself.
  const bool takes_any = has_param(def, ParamKind::kArgs);
  for (const Param& param : def.params) {
    const Argument* argument = argument_of(call, def, param.name);
    if (argument == nullptr || (takes_any && argument->kind == ArgumentKind::kPositional)) continue;
    const auto value = value_of(*argument->value);
    if (!value) continue;
    std::string mistake;
    if (!param.types.accepts(*value))
      mistake = fmt::format("got {}, want {}", value->type_name(), param.types.text());
    else if (value->is_string())
      mistake = scalar_mistake(param.name, value->as_string());
    if (!mistake.empty())
      report(call.paren, def.name, fmt::format("for parameter {}: {}", param.name, mistake));
  }
}

void LiteralCheck::check_word_of_calls(std::optional<ServiceId> service, std::string_view word,
                                       const BuiltinDef& def, Position position) {
  if (service) {
    const auto calls = find_calls(session_, *service, word);
    if (!calls.ok()) report(position, def.name, calls.failure().text);
    return;
  }
  // Of a service that is not known here: right when it fits any.
  for (size_t i = 0; i < session_.topology.services.size(); ++i) {
    if (find_calls(session_, ServiceId{static_cast<uint16_t>(i)}, word).ok()) return;
  }
  const auto calls = read_syscalls(word, session_.syscall_exists);
  if (!calls.ok()) report(position, def.name, calls.failure().text);
}

void LiteralCheck::check_keys(const CallExpr& call, const BuiltinDef& def) {
  const Argument* target = argument_of(call, def, "target");
  std::optional<Value> object;
  if (target != nullptr) object = value_of(*target->value);
  if (object && object->as<InterfaceRef>() != nullptr) {
    check_protocol_rules(call, def, *object->as<InterfaceRef>());
    return;
  }
  const auto* service = object ? object->as<ServiceValue>() : nullptr;
  if (object && service == nullptr) {
    report(call.paren, def.name,
           fmt::format("for parameter target: got {}, want service or interface_ref",
                       object->type_name()));
    return;
  }
  bool any = false;
  for (const Argument& argument : call.arguments) {
    any |= argument.kind == ArgumentKind::kStarStar;
    if (argument.kind != ArgumentKind::kNamed || keyword_param(def, argument.name) != nullptr) {
      continue;
    }
    any = true;
    const auto value = value_of(*argument.value);
    const auto* action = value ? value->as<FaultValue>() : nullptr;
    if (value && action == nullptr) {
      report(call.paren, def.name,
             fmt::format("for {}: got {}, want an action such as deny(\"EIO\")", argument.name,
                         value->type_name()));
    } else if (service != nullptr && action != nullptr) {
      const auto rule = make_rule(session_, service->id, argument.name, *action);
      if (!rule.ok()) report(call.paren, def.name, rule.failure().text);
    } else {
      check_word_of_calls(service != nullptr ? std::optional(service->id) : std::nullopt,
                          argument.name, def, call.paren);
    }
  }
  if (!any) report(call.paren, def.name, "no rule is given: write KEY=action");
}

void LiteralCheck::check_protocol_rules(const CallExpr& call, const BuiltinDef& def,
                                        const InterfaceRef& interface) {
  size_t position = 0;
  for (const Argument& argument : call.arguments) {
    if (argument.kind == ArgumentKind::kStar) return;
    if (argument.kind == ArgumentKind::kNamed && keyword_param(def, argument.name) == nullptr) {
      report(call.paren, def.name,
             fmt::format("rules of an interface are positional, got {}=", argument.name));
      return;
    }
    if (argument.kind != ArgumentKind::kPositional || position++ == 0) continue;
    const auto value = value_of(*argument.value);
    if (!value) continue;
    const auto* fault = value->as<ProxyFaultValue>();
    if (fault == nullptr) {
      report(call.paren, def.name,
             fmt::format("got {}, want a rule such as error(message=\"…\")", value->type_name()));
      continue;
    }
    const auto rule = make_protocol_rule(session_, interface, *fault);
    if (!rule.ok()) report(call.paren, def.name, rule.failure().text);
  }
  if (position < 2)
    report(call.paren, def.name, "no rule is given: write error(…), drop() or the like");
}

void LiteralCheck::check_traced(const CallExpr& call, const BuiltinDef& def) {
  const Argument* target = argument_of(call, def, "service");
  const Argument* syscalls = argument_of(call, def, "syscalls");
  if (syscalls == nullptr) return;
  std::optional<Value> object;
  if (target != nullptr) object = value_of(*target->value);
  const auto* service = object ? object->as<ServiceValue>() : nullptr;
  const auto* list = syscalls->value->as<syntax::ListExpr>();
  if (list == nullptr) return;
  for (const Expr* item : list->items) {
    if (const auto* text = item->as<syntax::StringExpr>()) {
      check_word_of_calls(service != nullptr ? std::optional(service->id) : std::nullopt,
                          text->value, def, call.paren);
    }
  }
}

void LiteralCheck::check_filters(const CallExpr& call, const BuiltinDef& def) {
  for (const Argument& argument : call.arguments) {
    if (argument.kind != ArgumentKind::kNamed || keyword_param(def, argument.name) != nullptr) {
      continue;
    }
    const auto value = value_of(*argument.value);
    if (!value) continue;
    const auto read = read_filter(session_, argument.name, *value);
    if (!read.ok()) report(call.paren, def.name, read.failure().text);
  }
}

void LiteralCheck::check_filter_dict(const Expr& expr, const BuiltinDef& def, Position position) {
  const auto* dict = expr.as<syntax::DictExpr>();
  if (dict == nullptr) return;
  for (const syntax::DictEntry& entry : dict->entries) {
    const auto* key = entry.key->as<syntax::StringExpr>();
    const auto value = value_of(*entry.value);
    if (key == nullptr || !value) continue;
    const auto read = read_filter(session_, key->value, *value);
    if (!read.ok()) report(position, def.name, read.failure().text);
  }
}

}  // namespace fb::spec
