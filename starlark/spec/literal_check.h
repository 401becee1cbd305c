// The calls and attributes of one file whose operands are known without running a test: services
// and other file-level values, literals, and builders of such. They are evaluated, so that what is
// wrong with them is said in the words in which the run would say it.
#pragma once
#include "core/run/test_result.h"
#include "starlark/spec/name_scopes.h"
#include "starlark/spec/service_value.h"
#include "starlark/spec/session.h"
#include "starlark/spec/spec_file.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fb::spec {

class LiteralCheck {
 public:
  LiteralCheck(Session& session, Thread& thread, const SpecFile& file);
  std::vector<Diagnostic> run();

 private:
  std::optional<Value> value_of(const starlark::syntax::Expr& expr);
  std::optional<Value> attribute_of(const starlark::syntax::DotExpr& dot);
  std::optional<Value> call_builder(const starlark::syntax::CallExpr& call,
                                    const starlark::BuiltinDef& def);
  void check_call(const starlark::syntax::CallExpr& call);
  // Argument names and counts, as the interpreter binds them.
  bool check_binding(const starlark::syntax::CallExpr& call, const starlark::BuiltinDef& def);
  // Literal arguments of words that are not called here: their types, and the scalars among them.
  void check_arguments(const starlark::syntax::CallExpr& call, const starlark::BuiltinDef& def);
  void check_keys(const starlark::syntax::CallExpr& call, const starlark::BuiltinDef& def);
  void check_protocol_rules(const starlark::syntax::CallExpr& call, const starlark::BuiltinDef& def,
                            const InterfaceRef& interface);
  void check_traced(const starlark::syntax::CallExpr& call, const starlark::BuiltinDef& def);
  void check_filters(const starlark::syntax::CallExpr& call, const starlark::BuiltinDef& def);
  void check_filter_dict(const starlark::syntax::Expr& expr, const starlark::BuiltinDef& def,
                         starlark::Position position);
  void check_word_of_calls(std::optional<ServiceId> service, std::string_view word,
                           const starlark::BuiltinDef& def, starlark::Position position);
  const starlark::BuiltinDef* word_of(const starlark::syntax::Expr& function) const;
  void report(starlark::Position position, std::string_view builtin, std::string_view text);

  Session& session_;
  Thread& thread_;
  const SpecFile& file_;
  NameScopes scopes_;
  std::vector<Diagnostic> found_;
  std::set<std::pair<starlark::Position, std::string>> reported_;
};

}  // namespace fb::spec
