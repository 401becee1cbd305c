#include "cli/init/binary_spec.h"

#include "cli/identifier.h"
#include "cli/init/protocol_guess.h"
#include "core/base/suggest.h"
#include "core/base/text.h"
#include "core/model/topology.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace fb::cli {
namespace {

std::string healthcheck(const BinarySpec& options) {
  if (options.protocol == "http") return fmt::format("http(\"localhost:{}/health\")", options.port);
  if (options.protocol == "tcp") return fmt::format("tcp(\"localhost:{}\")", options.port);
  return "ready()";
}

// The first test and the step that the example repeats under a fault.
std::string first_test(const BinarySpec& options, const std::string& variable, std::string& step) {
  if (options.protocol == "http") {
    step = variable + ".get(\"/health\")";
    return fmt::format("def test_health_check():\n    assert_eq({}.status, 200)\n", step);
  }
  if (options.protocol == "tcp") {
    step = variable + ".send(\"PING\")";
    return fmt::format("def test_ping():\n    assert_eq({}, \"PONG\")\n", step);
  }
  const std::string probe = probe_of(options.protocol, variable);
  step = probe.empty() ? "pass" : probe;
  if (!probe.empty()) return fmt::format("def test_ready():\n    assert_true({})\n", probe);
  return "def test_ready():\n    # The service is ready here. Say how a client uses it.\n    "
         "pass\n";
}

}  // namespace

Result<std::string> binary_spec(const BinarySpec& options) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  };
  if (options.name.empty() || options.name == "test" ||
      !std::all_of(options.name.begin(), options.name.end(), allowed))
    return invalid(fmt::format("{} cannot be a service's name: want [A-Za-z0-9_.-]+, not \"test\"",
                               quote(options.name)));
  const std::vector<std::string_view> names = protocol_names();
  const std::vector<std::string> known(names.begin(), names.end());
  if (std::find(known.begin(), known.end(), options.protocol) == known.end())
    return invalid(fmt::format("unknown protocol {}{}", quote(options.protocol),
                               did_you_mean(options.protocol, known)));
  if (options.port == 0) return invalid("port 0 is not from 1 to 65535");

  const std::string variable = identifier(options.name);
  std::string step;
  const std::string test = first_test(options, variable, step);
  return fmt::format(
      "# Faultbox spec of {0}.\n"
      "#   faultbox check FILE.star                 validate it\n"
      "#   faultbox test FILE.star                  run the tests\n"
      "#   faultbox test FILE.star --explore=all    run them in every order of events\n"
      "\n"
      "{1} = service({2}, {3},\n"
      "    interface(\"main\", {4}, {5}),\n"
      "    env = {{\"PORT\": \"{5}\"}},\n"
      "    healthcheck = {6},\n"
      ")\n"
      "\n"
      "{7}"
      "\n"
      "# A failing disk: what should a client see?\n"
      "#\n"
      "# def test_write_fault():\n"
      "#     def body():\n"
      "#         {8}\n"
      "#     fault({1}, write = deny(\"EIO\"), run = body)\n",
      options.name, variable, quote(options.name), quote(options.binary), quote(options.protocol),
      options.port, healthcheck(options), test, step);
}

}  // namespace fb::cli
