// What an MCP tool is: a name, the shape of its arguments, and what it does with them. The shapes
// are tables, from which both the JSON Schema and the check of a call are made.
#pragma once
#include "cli/invocation.h"
#include "cli/mcp/json_rpc.h"
#include "core/base/result.h"
#include "core/run/test_result.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fb::cli {

struct ToolArgument {
  enum class Type { kString, kUnsigned };
  std::string_view name;
  Type type = Type::kString;
  std::string_view description;
  bool required = false;
  std::string_view choices = "";  // "a|b|c"; empty: any
};

struct ToolResult {
  bool error = false;
  Json structured = Json::object();
  std::string text;  // empty: the structured result as indented JSON
};

// The result of a tool that could not do its work.
ToolResult tool_error(std::string_view message, const std::vector<Diagnostic>& diagnostics = {});

// Called in a process of the call's own; `progress` after each test that ended.
struct ToolContext {
  const Invocation& invocation;
  std::function<void(uint64_t done, uint64_t total)> progress;
};

struct Tool {
  std::string_view name, title, description;
  std::span<const ToolArgument> arguments;
  bool read_only = false;
  ToolResult (*run)(const Json& arguments, const ToolContext& context);
};

// All of them, as tools/list shows them.
std::span<const Tool> tools();
const Tool* find_tool(std::string_view name);

Json input_schema(const Tool& tool);
// Error: which argument is unknown (with suggestion), missing or of the wrong type.
Status check_arguments(const Tool& tool, const Json& arguments);

ToolResult run_test_tool(const Json& arguments, const ToolContext& context);
ToolResult run_single_test_tool(const Json& arguments, const ToolContext& context);
ToolResult list_tests_tool(const Json& arguments, const ToolContext& context);
ToolResult generate_faults_tool(const Json& arguments, const ToolContext& context);
ToolResult init_from_compose_tool(const Json& arguments, const ToolContext& context);
ToolResult init_spec_tool(const Json& arguments, const ToolContext& context);

}  // namespace fb::cli
