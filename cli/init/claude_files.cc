#include "cli/init/claude_files.h"

#include "cli/init/json_merge.h"

#include <string_view>

namespace fb::cli {
namespace {

constexpr std::string_view kFaultTest = R"(# Run the fault-injection tests

1. Find the specs: every `*.star` file of the project (not under `typings/`).
2. If there is none, suggest one: `faultbox init --from-compose` where there is a compose file,
   else `faultbox init BINARY --output faultbox.star` for the program of the project.
3. For each spec F run `faultbox test F --format json`. Exit code 0: all passed; 2: a test failed;
   1: the spec or the call is wrong, and the message says where.
4. Report the counts (`pass`, `fail`), and for every failing test its `name`, its `reason`, its
   `replay_command` and its `diagnostics` (code, message, suggestion).
)";

constexpr std::string_view kFaultGenerate = R"(# Write failure tests

1. If the project has a spec (`*.star`) with a `scenario(...)`, run
   `faultbox generate SPEC --dry-run`, show what would be made, then `faultbox generate SPEC`.
2. If it has none, make one:
   * with a compose file: `faultbox init --from-compose --output faultbox.star`;
   * else `faultbox init --name NAME --port PORT --protocol PROTOCOL --output faultbox.star BINARY`.
3. Fill in what the new spec leaves open (TODOs and comments): how a client uses each service, and
   what must hold when it fails.
4. Run `faultbox check faultbox.star` until it finds nothing, then `faultbox test faultbox.star`.
5. Add assertions to generated tests: a test that asserts nothing proves nothing.
)";

constexpr std::string_view kFaultDiagnose = R"(# Diagnose failing fault tests

Run the failing test's `replay_command` with `--format json` and go through its `diagnostics` by
code. Open the code that the message points at, propose a fix, apply it when asked, and run the
replay command again.

| Code | What to do |
|---|---|
| FAULT_FIRED_BUT_SUCCESS | A call failed and the request still succeeded: find the call in the service, check its result there. |
| FAULT_NOT_FIRED | The rule met no call: compare its path, destination and syscall with the nearest calls named in the hint. |
| SERVICE_CRASHED | Read the last output and the last fault before it: handle that error instead of crashing. |
| TIMEOUT_DURING_FAULT | A call is retried or held: add a limit or a back-off to the loop named in the hint. |
| TIMEOUT_NO_FAULT_FIRED | Faults are not the cause: see what each service is blocked in. |
| ASSERTION_MISMATCH | Compare expected and actual with the closest events; decide whether code or test is wrong. |
| MULTIPLE_FAULTS_INTERACTION | Try each rule alone, as the hint shows. |
| NO_POSITIVE_CONTROL | Add a test of the same path without faults. |
| TEST_NO_ASSERTIONS | Add assertions about what the test exercises. |
| NO_TESTS_DISCOVERED | Name functions test_… or register a scenario(). |
| SPEC_SYNTAX, SPEC_LOAD_FAILED | Mend the spec at the position given. |
| LAUNCH_FAILED | Check the program's path and permissions, or the thing the message names. |
| HEALTHCHECK_TIMEOUT | Compare the healthcheck's address with the addresses the service listens on. |
| DOCKER_UNAVAILABLE | Start the engine, or see the socket's permissions. |
| FAULT_NOT_FILTERABLE | The rule cannot be enforced as written; the message says which part. |
| DEADLOCK, LIVELOCK | Follow the wait cycle or the repeating calls; order the locks or make progress. |
| REPLAY_DIVERGED | The code changed since the schedule was made: explore again, or use --schedule-mode anchored. |
| NONDETERMINISM | The first call whose result differed is named: control its source or leave it out with nondet(). |
| HOLD_LEFT | Release held calls before the test ends. |
| NETWORK_ISOLATED | The service wanted a host outside the test: replace it by a service of the spec. |
)";

}  // namespace

std::vector<PlannedText> claude_commands() {
  return {{".claude/commands/fault-diagnose.md", std::string(kFaultDiagnose)},
          {".claude/commands/fault-generate.md", std::string(kFaultGenerate)},
          {".claude/commands/fault-test.md", std::string(kFaultTest)}};
}

Result<std::string> merge_mcp_config(const std::optional<std::string>& existing, bool force) {
  OrderedJson config = FB_TRY(json_to_merge(".mcp.json", existing));
  const OrderedJson server = {{"command", "faultbox"}, {"args", {"mcp"}}};
  if (config.contains("mcpServers") && !config["mcpServers"].is_object())
    return invalid(".mcp.json: mcpServers is not an object");
  if (force && config.contains("mcpServers")) config["mcpServers"]["faultbox"] = server;
  if (!config.contains("mcpServers") || !config["mcpServers"].contains("faultbox"))
    config["mcpServers"]["faultbox"] = server;
  return json_text(config);
}

}  // namespace fb::cli
