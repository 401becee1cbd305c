// "did you mean": the known names closest to a mistyped one. Distance is edit distance with
// transpositions; a name is offered when it is within max(1, length/3); nearest first, at most
// three.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fb {

// Edits (insert, delete, replace, swap neighbours) from a to b, or limit + 1 when there are more.
int edit_distance(std::string_view a, std::string_view b, int limit);

// The close names, nearest first (then in the order given), at most `most`.
std::vector<std::string> suggest(std::string_view name, std::span<const std::string> known,
                                 std::size_t most = 3);

// ` (did you mean "X"?)`, ` (did you mean "X" or "Y"?)` or nothing: made to be appended to a
// message.
std::string did_you_mean(std::string_view name, std::span<const std::string> known);

}  // namespace fb
