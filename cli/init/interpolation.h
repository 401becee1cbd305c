// Variables of compose files: ${V}, $V and their defaults in values, and the lines of .env files.
// As the Compose specification has it (compose-spec, "Interpolation" and "env_file").
#pragma once
#include "core/base/result.h"

#include <map>
#include <string>
#include <string_view>

namespace fb::cli {

using Variables = std::map<std::string, std::string>;

// $$ is a dollar; ${V:-d} ${V-d} ${V:?message} ${V?message} ${V:+x} ${V+x}, nested in their
// words. An unset variable without a default is empty. Error: a required one is unset, or the text
// is malformed.
Result<std::string> interpolate(std::string_view text, const Variables& variables);

// KEY=VALUE lines with comments, quotes and an optional `export`; a line without `=` takes the
// value of `outer`, if there is one. Values see `outer` and the lines before. Error: names the
// line.
Result<Variables> parse_env_file(std::string_view text, const Variables& outer);

}  // namespace fb::cli
