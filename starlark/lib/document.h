// Builtin tables as text: a markdown reference and Python stubs for editors. One source, so they
// cannot drift.
#pragma once
#include "starlark/eval/builtin.h"

#include <span>
#include <string>

namespace fb::starlark::lib {

// `delay(duration, probability = "100%", *, label = None) -> fault`
std::string signature(const BuiltinDef& def);

// A section per builtin: signature, doc, a table of parameters.
std::string render_markdown(std::span<const BuiltinDef* const> builtins,
                            std::span<const HostType* const> types = {});

// A .pyi with a def per builtin and a class per host type.
std::string render_stubs(std::span<const BuiltinDef* const> builtins,
                         std::span<const HostType* const> types = {});

}  // namespace fb::starlark::lib
