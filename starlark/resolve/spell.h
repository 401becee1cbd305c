// The suggestion rule of starlark-go's messages: case and underscores do not count, and the
// distance (without transpositions) must be below half of (length + 1).
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace fb::starlark::resolve {

// The nearest candidate, the first of equals; empty when none is near.
std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace fb::starlark::resolve
