// The MCP tools that read specs and make new ones; they start nothing and write nothing.
#include "cli/generate/plan.h"
#include "cli/init/binary_spec.h"
#include "cli/init/compose_import.h"
#include "cli/mcp/tool.h"
#include "cli/spec_reader.h"
#include "cli/today.h"

#include <fmt/format.h>

namespace fb::cli {
namespace {

std::string text_of(const Json& arguments, const char* name, std::string fallback = "") {
  return arguments.value(name, std::move(fallback));
}

Json analysis_of(const SpecOutline& outline) {
  Json analysis = Json::object();
  analysis["Services"] = outline.service_names();
  analysis["Edges"] = Json::array();
  for (const Edge& edge : edges_of(outline.topology)) {
    Json entry = Json::object();
    entry["from"] = outline.topology.at(edge.from).name;
    entry["to"] = outline.topology.at(edge.to).name;
    analysis["Edges"].push_back(std::move(entry));
  }
  analysis["Scenarios"] = outline.scenarios;
  return analysis;
}

}  // namespace

ToolResult list_tests_tool(const Json& arguments, const ToolContext&) {
  SpecReader reader;
  const std::string file = text_of(arguments, "file");
  const spec::Spec::Loaded loaded = reader.load(file);
  if (loaded.failure) return tool_error(loaded.report, {*loaded.failure});
  ToolResult result;
  result.structured["file"] = file;
  result.structured["tests"] = Json::array();
  for (const spec::TestInfo& test : loaded.spec->tests()) {
    Json entry = Json::object();
    entry["name"] = test.name;
    entry["doc"] = test.doc;
    entry["line"] = test.line;
    result.structured["tests"].push_back(std::move(entry));
  }
  result.structured["count"] = loaded.spec->tests().size();
  return result;
}

ToolResult generate_faults_tool(const Json& arguments, const ToolContext&) {
  const std::string file = text_of(arguments, "file");
  const Result<SpecOutline> outline = outline_spec(file);
  if (!outline.ok()) return tool_error(outline.error().message);
  const auto mutations =
      chosen_mutations(*outline, {text_of(arguments, "scenario"), text_of(arguments, "service"),
                                  text_of(arguments, "category", "all")});
  if (!mutations.ok()) return tool_error(mutations.error().message);
  const auto files = plan_files(*outline, *mutations, "", today());
  if (!files.ok()) return tool_error(files.error().message);

  ToolResult result;
  result.structured["file"] = file;
  result.structured["scenarios"] = outline->scenarios;
  result.structured["services"] = outline->service_names();
  result.structured["analysis"] = analysis_of(*outline);
  result.structured["mutations"] = Json::array();
  for (const Mutation& mutation : *mutations) {
    Json entry = Json::object();
    entry["name"] = mutation.test;
    entry["scenario"] = mutation.scenario;
    entry["target"] = target_of(mutation, outline->topology);
    entry["mode"] = mode_name(mutation.mode);
    result.structured["mutations"].push_back(std::move(entry));
  }
  result.structured["files"] = Json::array();
  for (const PlannedFile& planned : *files) {
    Json entry = Json::object();
    entry["path"] = planned.path;
    entry["content"] = planned.content.text;
    result.structured["files"].push_back(std::move(entry));
  }
  return result;
}

ToolResult init_from_compose_tool(const Json& arguments, const ToolContext& context) {
  const auto imported =
      import_compose_file(text_of(arguments, "compose_file"), "", context.invocation.environment);
  if (!imported.ok()) return tool_error(imported.error().message);
  ToolResult result;
  result.structured["spec"] = imported->spec;
  result.structured["services"] = imported->services;
  result.structured["not_carried_over"] = imported->not_carried_over;
  result.text = imported->spec;
  return result;
}

ToolResult init_spec_tool(const Json& arguments, const ToolContext&) {
  BinarySpec options;
  options.binary = text_of(arguments, "binary");
  options.name = text_of(arguments, "name", options.name);
  options.protocol = text_of(arguments, "protocol", options.protocol);
  if (arguments.contains("port")) {
    const auto port = arguments["port"].get<uint64_t>();
    if (port < 1 || port > 65535)
      return tool_error(fmt::format("port {} is not from 1 to 65535", port));
    options.port = static_cast<uint16_t>(port);
  }
  const Result<std::string> spec = binary_spec(options);
  if (!spec.ok()) return tool_error(spec.error().message);
  ToolResult result;
  result.structured["spec"] = *spec;
  result.text = *spec;
  return result;
}

}  // namespace fb::cli
