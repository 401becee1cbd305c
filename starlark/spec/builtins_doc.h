// docs/builtins.md, made from the tables of words and types, so that it cannot drift from them.
#pragma once
#include <string>

namespace fb::spec {

std::string builtins_document();

}  // namespace fb::spec
