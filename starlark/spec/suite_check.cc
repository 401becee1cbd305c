#include "starlark/spec/suite_check.h"

#include "core/base/suggest.h"
#include "core/base/text.h"

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace fb::spec {

namespace syntax = starlark::syntax;
using syntax::CallExpr;
using syntax::DefStmt;
using syntax::Expr;
using syntax::Stmt;

namespace {

struct Deeds {
  bool asserts = false;
  bool monitors = false;
  bool injects = false;      // opens a fault scope
  bool opens_scope = false;  // of any kind
  bool steps = false;
};

class SuiteCheck {
 public:
  explicit SuiteCheck(const CheckInput& input) : input_(input) {
    for (const ServiceSpec& service : input.session.topology.services) {
      for (const InterfaceSpec& interface : service.interfaces) {
        for (const StepMethod& method : input.session.clients.methods(interface.protocol)) {
          step_names_.insert(method.name);
        }
      }
    }
    for (const SpecFile& file : input.files) add_file(*file.syntax);
  }

  void run(std::vector<Diagnostic>& found) {
    if (input_.tests.empty()) {
      found.push_back(no_tests());
      return;
    }
    bool injected = false, control = false;
    for (const TestInfo& test : input_.tests) {
      const Deeds deeds = deeds_of(test.name);
      injected |= deeds.injects;
      control |= deeds.steps && !deeds.opens_scope;
      if (deeds.asserts || deeds.monitors || top_.monitors) continue;
      found.push_back({.level = Diagnostic::Level::kWarning,
                       .code = "TEST_NO_ASSERTIONS",
                       .message = fmt::format("{} asserts nothing", test.name),
                       .suggestion = "add an assertion about what the services answered or did",
                       .position = fmt::format("{}:{}:1", test.file, test.line)});
    }
    if (injected && !control) {
      found.push_back({.level = Diagnostic::Level::kWarning,
                       .code = "NO_POSITIVE_CONTROL",
                       .message = "no test sends a step without any fault, trace or partition",
                       .suggestion = "add a fault-free test of the same path",
                       .position = {}});
    }
  }

 private:
  // Deeds and named functions of every file-level function, by name; files share one name space,
  // which errs on the side of silence.
  struct Function {
    Deeds deeds;
    std::set<std::string_view> names;
  };

  void add_file(const syntax::File& file) {
    Function top;
    for (const Stmt* statement : file.statements) {
      if (const auto* def = statement->as<DefStmt>()) {
        read(*statement, functions_[def->name->name]);
      } else {
        read(*statement, top);
      }
    }
    top_.monitors |= top.deeds.monitors;
  }

  void read(const Stmt& statement, Function& function) {
    syntax::walk(statement, [&](const Expr& expr) {
      if (const auto* ident = expr.as<syntax::IdentExpr>()) {
        function.names.insert(ident->name);
        function.deeds.asserts |= ident->name.starts_with("assert_") || ident->name == "fail";
        function.deeds.monitors |= ident->name == "monitor";
        const bool injects = ident->name == "fault" || ident->name == "fault_start";
        function.deeds.injects |= injects;
        function.deeds.opens_scope |=
            injects || ident->name.starts_with("trace") || ident->name.starts_with("partition");
      } else if (const auto* call = expr.as<CallExpr>()) {
        const auto* dot = call->function->as<syntax::DotExpr>();
        function.deeds.steps |= dot != nullptr && step_names_.contains(dot->name);
      }
      return true;
    });
  }

  Deeds deeds_of(const std::string& test) const {
    Deeds all;
    std::set<std::string_view> seen;
    std::deque<std::string_view> next;
    // A scenario is a test under another name than its function's.
    next.push_back(functions_.contains(test) ? std::string_view(test)
                                             : std::string_view(test).substr(5));
    while (!next.empty()) {
      const std::string_view name = next.front();
      next.pop_front();
      const auto function = functions_.find(name);
      if (function == functions_.end() || !seen.insert(name).second) continue;
      const Deeds& deeds = function->second.deeds;
      all.asserts |= deeds.asserts;
      all.monitors |= deeds.monitors;
      all.injects |= deeds.injects;
      all.opens_scope |= deeds.opens_scope;
      all.steps |= deeds.steps;
      next.insert(next.end(), function->second.names.begin(), function->second.names.end());
    }
    return all;
  }

  Diagnostic no_tests() const {
    std::vector<std::string> near;
    for (const std::string& name : input_.functions) {
      if (edit_distance(name.substr(0, 5), "test_", 2) <= 2) near.push_back(name);
    }
    return {.code = "NO_TESTS_DISCOVERED",
            .message = "the spec has no test",
            .suggestion = near.empty() ? "a test is a global function named test_*"
                                       : "a test is a global function named test_*; there is " +
                                             join(near, ", "),
            .position = input_.session.root};
  }

  const CheckInput& input_;
  std::set<std::string_view> step_names_;
  std::map<std::string_view, Function> functions_;
  Deeds top_;
};

}  // namespace

void check_suite(const CheckInput& input, std::vector<Diagnostic>& found) {
  SuiteCheck(input).run(found);
}

}  // namespace fb::spec
