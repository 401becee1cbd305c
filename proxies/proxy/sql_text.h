// Statement text as rules of SQL protocols see it (spec §12.2): without comments, runs of white
// space as one space, no trailing semicolon. What is quoted stays as it is.
#pragma once
#include <string>
#include <string_view>

namespace fb {

std::string normal_sql(std::string_view text);
// The first word, in upper case: "INSERT".
std::string sql_verb(std::string_view normal);

}  // namespace fb
