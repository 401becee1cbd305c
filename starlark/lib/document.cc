#include "starlark/lib/document.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace fb::starlark::lib {
namespace {

std::string parameter(const Param& param, bool typed) {
  std::string out(param.name);
  if (param.kind == ParamKind::kArgs) out = "*" + out;
  if (param.kind == ParamKind::kKwargs) out = "**" + out;
  if (typed) out += ": " + param.types.stub();
  const bool plain = param.kind != ParamKind::kArgs && param.kind != ParamKind::kKwargs;
  if (plain && !param.fallback.required()) out += " = " + param.fallback.text();
  return out;
}

// The parameters as source; `typed` for stubs. Tables may list *args anywhere; source has it before
// what only keywords reach.
std::string parameter_list(const BuiltinDef& def, bool typed, bool method) {
  std::vector<std::string> parts;
  if (method) parts.emplace_back("self");
  const auto args = std::find_if(def.params.begin(), def.params.end(),
                                 [](const Param& param) { return param.kind == ParamKind::kArgs; });
  bool starred = false;
  bool positional_only = false;
  const auto star = [&] {
    if (starred) return;
    parts.push_back(args == def.params.end() ? "*" : parameter(*args, typed));
    starred = true;
  };
  for (const Param& param : def.params) {
    if (positional_only && param.kind != ParamKind::kPositionalOnly) {
      parts.emplace_back("/");
      positional_only = false;
    }
    positional_only = param.kind == ParamKind::kPositionalOnly;
    if (param.kind == ParamKind::kKeywordOnly || param.kind == ParamKind::kArgs) star();
    if (param.kind != ParamKind::kArgs) parts.push_back(parameter(param, typed));
  }
  if (positional_only) parts.emplace_back("/");
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string builtin_markdown(const BuiltinDef& def, std::string_view heading) {
  std::string out = fmt::format("{} `{}`\n\n{}\n", heading, signature(def), def.doc);
  if (def.params.empty()) return out + "\n";
  out += "\n| parameter | type | default | meaning |\n|---|---|---|---|\n";
  for (const Param& param : def.params) {
    std::string type = param.types.text();
    std::replace(type.begin(), type.end(), '|', '/');
    const std::string fallback =
        param.fallback.required() ? "required" : "`" + param.fallback.text() + "`";
    const bool plain = param.kind != ParamKind::kArgs && param.kind != ParamKind::kKwargs;
    out += fmt::format("| `{}{}` | {} | {} | {} |\n",
                       param.kind == ParamKind::kArgs     ? "*"
                       : param.kind == ParamKind::kKwargs ? "**"
                                                          : "",
                       param.name, type, plain ? fallback : "-", param.doc);
  }
  return out + "\n";
}

std::string stub(const BuiltinDef& def, std::string_view indent, bool method) {
  std::string out = fmt::format("{}def {}({}) -> {}:", indent, def.name,
                                parameter_list(def, true, method), def.result);
  if (def.doc.empty()) return out + " ...\n";
  return out + fmt::format("\n{0}    \"\"\"{1}\"\"\"\n{0}    ...\n", indent, def.doc);
}

}  // namespace

std::string signature(const BuiltinDef& def) {
  return fmt::format("{}({}) -> {}", def.name, parameter_list(def, false, false), def.result);
}

std::string render_markdown(std::span<const BuiltinDef* const> builtins,
                            std::span<const HostType* const> types) {
  std::string out;
  for (const BuiltinDef* def : builtins) out += builtin_markdown(*def, "##");
  for (const HostType* type : types) {
    out += fmt::format("## type `{}`\n\n{}\n\n", type->name, type->doc);
    if (!type->attributes.empty()) {
      out += "| attribute | type | meaning |\n|---|---|---|\n";
      for (const Attribute& attribute : type->attributes) {
        out += fmt::format("| `.{}` | {} | {} |\n", attribute.name, attribute.type, attribute.doc);
      }
      out += "\n";
    }
    for (const BuiltinDef* method : type->methods) out += builtin_markdown(*method, "###");
  }
  return out;
}

std::string render_stubs(std::span<const BuiltinDef* const> builtins,
                         std::span<const HostType* const> types) {
  std::string out = "from typing import Any, Callable, Iterable, NoReturn, Sequence\n\n";
  for (const HostType* type : types) {
    out += fmt::format("class {}:\n", type->name);
    if (!type->doc.empty()) out += fmt::format("    \"\"\"{}\"\"\"\n", type->doc);
    for (const Attribute& attribute : type->attributes) {
      out += fmt::format("    {}: {}\n", attribute.name, attribute.type);
    }
    for (const BuiltinDef* method : type->methods) out += stub(*method, "    ", true);
    if (type->doc.empty() && type->attributes.empty() && type->methods.empty()) out += "    ...\n";
    out += "\n";
  }
  for (const BuiltinDef* def : builtins) out += stub(*def, "", false);
  return out;
}

}  // namespace fb::starlark::lib
