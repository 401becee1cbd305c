#include "cli/mcp/tool.h"

#include "core/base/suggest.h"
#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb::cli {
namespace {

using Type = ToolArgument::Type;

constexpr ToolArgument kFile{"file", Type::kString, "The spec, FILE.star.", true};
constexpr ToolArgument kSeed{"seed", Type::kUnsigned, "Seed of all random decisions; default 0."};
constexpr ToolArgument kTimeout{"timeout", Type::kString,
                                "Limit of a test's body, e.g. \"30s\"; default 60s."};
constexpr ToolArgument kEvents{"events", Type::kString,
                               "How many events to return; auto: at most 500 of each test.", false,
                               "auto|all|none"};

constexpr ToolArgument kGenerate[] = {
    kFile,
    {"scenario", Type::kString, "Only this scenario."},
    {"service", Type::kString, "Only where this service is faulted or a side of a partition."},
    {"category", Type::kString, "Which failures; default all.", false, "all|disk|network"},
};
constexpr ToolArgument kCompose[] = {
    {"compose_file", Type::kString, "The docker compose file.", true},
};
constexpr ToolArgument kInit[] = {
    {"binary", Type::kString, "The program the spec starts.", true},
    {"name", Type::kString, "The service's name; default myapp."},
    {"port", Type::kUnsigned, "Where it listens; default 8080."},
    {"protocol", Type::kString, "What it speaks; default http.", false,
     "amqp|grpc|http|kafka|memcached|mongodb|mysql|nats|postgres|redis|tcp"},
};
constexpr ToolArgument kList[] = {kFile};
constexpr ToolArgument kSingle[] = {
    kFile,   {"test", Type::kString, "The test's name, with or without test_.", true},
    kSeed,   kTimeout,
    kEvents,
};
constexpr ToolArgument kRun[] = {
    kFile, kSeed, {"jobs", Type::kUnsigned, "Tests side by side; default 1."}, kTimeout, kEvents,
};

constexpr Tool kTools[] = {
    {"generate_faults", "Generate failure tests",
     "Makes failure tests from the scenarios of a spec: each scenario crossed with every way a "
     "dependency can fail. Returns the files' text; writes nothing.",
     kGenerate, true, generate_faults_tool},
    {"init_from_compose", "Spec from a compose file",
     "Makes a starter spec from a docker compose file. Returns its text; writes nothing.", kCompose,
     true, init_from_compose_tool},
    {"init_spec", "Spec for a program",
     "Makes a starter spec for one program. Returns its text; writes nothing.", kInit, true,
     init_spec_tool},
    {"list_tests", "List tests", "Lists the tests of a spec without running anything.", kList, true,
     list_tests_tool},
    {"run_single_test", "Run one test",
     "Starts the services of a spec, runs one test and returns verdict, reason, replay command, "
     "diagnostics and events.",
     kSingle, false, run_single_test_tool},
    {"run_test", "Run all tests",
     "Runs every test of a spec and returns their verdicts, reasons, replay commands, diagnostics "
     "and events.",
     kRun, false, run_test_tool},
};

std::vector<std::string> choices_of(const ToolArgument& argument) {
  std::vector<std::string> out;
  std::string_view rest = argument.choices;
  while (!rest.empty()) {
    const size_t bar = rest.find('|');
    out.emplace_back(rest.substr(0, bar));
    rest.remove_prefix(bar == std::string_view::npos ? rest.size() : bar + 1);
  }
  return out;
}

Status check_argument(const ToolArgument& argument, const Json& value) {
  if (argument.type == Type::kUnsigned) {
    if (value.is_number_unsigned()) return {};
    return invalid(fmt::format("argument {} is not an integer >= 0", quote(argument.name)));
  }
  if (!value.is_string())
    return invalid(fmt::format("argument {} is not a string", quote(argument.name)));
  const std::vector<std::string> choices = choices_of(argument);
  const std::string text = value.get<std::string>();
  if (choices.empty() || std::find(choices.begin(), choices.end(), text) != choices.end())
    return {};
  return invalid(fmt::format("argument {} is {}, want {}{}", quote(argument.name), quote(text),
                             join(choices, ", "), did_you_mean(text, choices)));
}

}  // namespace

std::span<const Tool> tools() {
  return kTools;
}

const Tool* find_tool(std::string_view name) {
  const auto found = std::find_if(std::begin(kTools), std::end(kTools),
                                  [&](const Tool& tool) { return tool.name == name; });
  return found == std::end(kTools) ? nullptr : found;
}

Json input_schema(const Tool& tool) {
  Json properties = Json::object(), required = Json::array();
  for (const ToolArgument& argument : tool.arguments) {
    Json property = Json::object();
    property["type"] = argument.type == Type::kString ? "string" : "integer";
    property["description"] = argument.description;
    if (argument.type == Type::kUnsigned) property["minimum"] = 0;
    if (!argument.choices.empty()) property["enum"] = choices_of(argument);
    properties[std::string(argument.name)] = std::move(property);
    if (argument.required) required.push_back(argument.name);
  }
  Json schema = Json::object();
  schema["type"] = "object";
  schema["properties"] = std::move(properties);
  schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
  return schema;
}

Status check_arguments(const Tool& tool, const Json& arguments) {
  if (!arguments.is_object()) return invalid("arguments is not an object");
  std::vector<std::string> names;
  for (const ToolArgument& argument : tool.arguments) names.emplace_back(argument.name);
  for (const auto& [name, value] : arguments.items()) {
    const auto known = std::find(names.begin(), names.end(), name);
    if (known == names.end())
      return invalid(fmt::format("{} has no argument {}{}", tool.name, quote(name),
                                 did_you_mean(name, names)));
    FB_TRY(check_argument(tool.arguments[static_cast<size_t>(known - names.begin())], value));
  }
  for (const ToolArgument& argument : tool.arguments) {
    if (argument.required && !arguments.contains(argument.name))
      return invalid(fmt::format("argument {} is missing", quote(argument.name)));
  }
  return {};
}

ToolResult tool_error(std::string_view message, const std::vector<Diagnostic>& diagnostics) {
  ToolResult result;
  result.error = true;
  result.text = fmt::format("error: {}", message);
  Json list = Json::array();
  for (const Diagnostic& diagnostic : diagnostics) {
    Json entry = Json::object();
    entry["level"] = level_name(diagnostic.level);
    entry["code"] = diagnostic.code;
    entry["message"] = diagnostic.message;
    entry["suggestion"] = diagnostic.suggestion;
    if (!diagnostic.position.empty()) entry["position"] = diagnostic.position;
    list.push_back(std::move(entry));
    if (!diagnostic.suggestion.empty()) result.text += "\nhint: " + diagnostic.suggestion;
  }
  result.structured["error"] = message;
  result.structured["diagnostics"] = std::move(list);
  return result;
}

}  // namespace fb::cli
