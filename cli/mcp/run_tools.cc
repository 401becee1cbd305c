// The MCP tools that run tests.
#include "cli/execution_host.h"
#include "cli/mcp/tool.h"
#include "cli/secrets.h"
#include "cli/spec_source.h"
#include "cli/suite.h"
#include "cli/test_selection.h"
#include "cli/worker_pool.h"
#include "core/base/check.h"
#include "core/trace/event_selection.h"
#include "interpose/sys/interrupts.h"
#include "shiviz/registry.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>

namespace fb::cli {
namespace {

constexpr size_t kEventsOfATest = 500;  // with events = "auto" (cli.md §8.2)

Result<TestOptions> options_of(const Json& arguments, const Invocation& invocation) {
  TestOptions options;
  options.file = arguments.at("file").get<std::string>();
  options.format = Format::kJson;  // stdout belongs to the protocol
  options.progress = false;
  if (arguments.contains("seed")) options.seed = arguments["seed"].get<uint64_t>();
  if (arguments.contains("jobs")) {
    const auto jobs = arguments["jobs"].get<uint64_t>();
    const auto most = static_cast<uint64_t>(std::max(invocation.processors, 1)) * 4;
    if (jobs < 1 || jobs > most)
      return invalid(fmt::format("jobs: {} is not from 1 to {}", jobs, most));
    options.jobs = static_cast<int>(jobs);
  }
  if (arguments.contains("timeout")) {
    const auto timeout = parse_duration(arguments["timeout"].get<std::string>());
    if (!timeout.ok()) return timeout.error().within("timeout");
    if (timeout->count() == 0) return invalid("timeout: the limit is 0");
    options.timeout = *timeout;
  }
  if (arguments.contains("test")) options.tests = {arguments["test"].get<std::string>()};
  return options;
}

// Keeps what `events` asks for; how many of each test are left out, by position.
std::vector<size_t> cut_events(SuiteResult& suite, const std::string& events) {
  std::vector<size_t> left_out;
  for (TestResult& test : suite.tests) {
    const size_t before = test.events.size();
    if (events == "none") test.events.clear();
    if (events == "auto") test.events = select_events(test.events, kEventsOfATest);
    left_out.push_back(before - test.events.size());
  }
  return left_out;
}

Json document_of(const SuiteResult& suite, const std::vector<size_t>& left_out) {
  const TraceWriter* writer = find_trace_writer("json");
  FB_CHECK(writer != nullptr);
  Json document = Json::parse(writer->write(suite, {}));
  for (size_t i = 0; i < left_out.size(); ++i)
    if (left_out[i] > 0) document["tests"][i]["events_truncated"] = left_out[i];
  return document;
}

ToolResult run(const Json& arguments, const ToolContext& context) {
  const Result<TestOptions> parsed = options_of(arguments, context.invocation);
  if (!parsed.ok()) return tool_error(parsed.error().message);
  const TestOptions& options = *parsed;
  Result<Interrupts> interrupts = Interrupts::block();
  if (!interrupts.ok()) return tool_error(interrupts.error().message);

  const Redaction ours = redaction_of(options, context.invocation);
  SpecSource source(options.file,
                    [&](std::string_view line) { fmt::print(stderr, "{}\n", ours.text(line)); });
  Result<std::vector<std::string>> all = source.test_names();
  if (!all.ok() || all->empty()) {
    Diagnostic diagnostic = all.ok() ? source.no_tests() : source.diagnostic();
    ours.apply(diagnostic);
    return tool_error(diagnostic.message, {diagnostic});
  }
  const auto chosen = select_tests(*all, options.tests);
  if (!chosen.ok()) return tool_error(chosen.error().message);

  WorkerPool pool(
      options.jobs, [&] { return make_execution_host(options, context.invocation); }, *interrupts);
  uint64_t done = 0;
  Suite suite(
      options, pool, redaction_of(options, context.invocation, source.secrets()),
      [&](std::span<const TestResult>, uint64_t) { context.progress(++done, chosen->size()); });
  SuiteResult result = suite.run(*chosen, chosen->size() == all->size());
  const std::string events = arguments.value("events", std::string("auto"));
  const std::vector<size_t> left_out = cut_events(result, events);
  ToolResult out;
  out.structured = document_of(result, left_out);
  return out;
}

}  // namespace

ToolResult run_test_tool(const Json& arguments, const ToolContext& context) {
  return run(arguments, context);
}

ToolResult run_single_test_tool(const Json& arguments, const ToolContext& context) {
  return run(arguments, context);
}

}  // namespace fb::cli
