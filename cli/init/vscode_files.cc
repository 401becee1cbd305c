#include "cli/init/vscode_files.h"

#include "cli/init/json_merge.h"
#include "starlark/lib/document.h"
#include "starlark/spec/registry.h"

#include <sstream>
#include <string_view>

namespace fb::cli {
namespace {

struct Snippet {
  std::string_view name, prefix, description, body;
};

constexpr Snippet kSnippets[] = {
    {"Service", "svc", "A service of the spec",
     "${1:db} = service(\"${1:db}\", \"${2:./db}\",\n"
     "    interface(\"main\", \"${3|http,tcp,postgres,mysql,redis,kafka,nats,grpc,mongodb,amqp,"
     "memcached|}\", ${4:8080}),\n"
     "    healthcheck = ${5:ready()},\n"
     ")\n"},
    {"Test", "test", "A test",
     "def test_${1:name}():\n    assert_eq(${2:svc}.get(\"/\").status, 200)\n"},
    {"Scenario", "scenario", "A happy path to generate failure tests from",
     "def ${1:order_flow}():\n    ${2:return svc.post(\"/orders\", \"item=1\")}\n\n"
     "scenario(${1:order_flow})\n"},
    {"Fault", "fault", "A failing syscall around a step",
     "def test_${1:disk_error}():\n    def body():\n        assert_eq(${2:svc}.post(\"/\", "
     "\"x\").status, ${3:503})\n    fault(${2:svc}, ${4:write} = deny(\"${5:EIO}\"), run = "
     "body)\n"},
    {"Monitor", "monitor", "What must hold at every moment",
     "def ${1:check}(e):\n    if ${2:e.decision.startswith(\"deny\")}:\n        fail(\"${3:what "
     "is wrong}: \" + e.path)\n\nmonitor(${1:check}, service = \"${4:db}\")\n"},
    {"Observe", "observe", "Lines of a service as events",
     "observe = [stdout(decoder = "
     "${1|json_decoder(),logfmt_decoder(),regex_decoder(pattern=\"\")|})],\n"},
    {"Assert eventually", "assert_ev", "An event that must come",
     "assert_eventually(service = \"${1:db}\", syscall = \"${2:fsync}\", decision = "
     "\"${3:deny*}\", within = \"${4:2s}\")\n"},
};

std::string snippets_text() {
  OrderedJson snippets = OrderedJson::object();
  for (const Snippet& snippet : kSnippets) {
    OrderedJson lines = OrderedJson::array();
    std::istringstream body{std::string(snippet.body)};
    for (std::string line; std::getline(body, line);) lines.push_back(line);
    snippets["Faultbox: " + std::string(snippet.name)] = {{"scope", "starlark,python,bazel"},
                                                          {"prefix", snippet.prefix},
                                                          {"description", snippet.description},
                                                          {"body", lines}};
  }
  return json_text(snippets);
}

}  // namespace

std::vector<PlannedText> vscode_files() {
  return {{".vscode/faultbox.code-snippets", snippets_text()},
          {"typings/__builtins__.pyi",
           starlark::lib::render_stubs(spec::spec_words(), spec::spec_types())}};
}

Result<std::string> merge_vscode_settings(const std::optional<std::string>& existing) {
  OrderedJson settings = FB_TRY(json_to_merge(".vscode/settings.json", existing));
  add_missing(settings, {{"files.associations", {{"*.star", "python"}}},
                         {"python.analysis.stubPath", "typings"}});
  return json_text(settings);
}

}  // namespace fb::cli
