// What the proxy knows of Redis commands: where their first key is, and which belong to the
// connection rather than to the data.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fb {

// Arguments (the name included) that must be known before redis_first_key() can tell.
size_t redis_arguments_needed(std::string_view upper_case_name);
// Position of the first key; empty: the command has none.
std::optional<size_t> redis_first_key(const std::vector<std::string>& arguments);
// Commands of the connection phase: only a rule that names them reaches them.
bool is_redis_handshake(std::string_view upper_case_name);
// SUBSCRIBE and its relatives: answered by messages that are no replies.
bool is_redis_subscription(std::string_view upper_case_name);

}  // namespace fb
