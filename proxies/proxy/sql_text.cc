#include "proxies/proxy/sql_text.h"

#include "proxies/steps/text.h"

#include <algorithm>

namespace fb {
namespace {

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_word(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Length of the quoted piece that begins at the front ('…', "…", `…`, $tag$…$tag$), or 0. A piece
// without end goes to the end of the text.
size_t quoted_length(std::string_view text) {
  const char quote = text.front();
  if (quote == '\'' || quote == '"' || quote == '`') {
    const size_t end = text.find(quote, 1);
    return end == std::string_view::npos ? text.size() : end + 1;
  }
  if (quote != '$') return 0;
  size_t tag = 1;
  while (tag < text.size() && is_word(text[tag])) ++tag;
  if (tag >= text.size() || text[tag] != '$' || (tag > 1 && text[1] >= '0' && text[1] <= '9'))
    return 0;
  const std::string_view mark = text.substr(0, tag + 1);
  const size_t end = text.find(mark, tag + 1);
  return end == std::string_view::npos ? text.size() : end + mark.size();
}

// Length of the comment that begins at the front, or 0. Block comments nest.
size_t comment_length(std::string_view text) {
  if (text.starts_with("--")) return std::min(text.find('\n'), text.size());
  if (!text.starts_with("/*")) return 0;
  size_t depth = 0;
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if (text.substr(i, 2) == "/*") {
      ++depth;
      ++i;
    } else if (text.substr(i, 2) == "*/") {
      ++i;
      if (--depth == 0) return i + 1;
    }
  }
  return text.size();
}

}  // namespace

std::string normal_sql(std::string_view text) {
  std::string out;
  bool space = false;
  while (!text.empty()) {
    const size_t comment = comment_length(text);
    if (comment > 0 || is_space(text.front())) {
      space = true;
      text.remove_prefix(std::max<size_t>(comment, 1));
      continue;
    }
    if (space && !out.empty()) out += ' ';
    space = false;
    const size_t length = std::max<size_t>(quoted_length(text), 1);
    out += text.substr(0, length);
    text.remove_prefix(length);
  }
  while (out.ends_with(';') || out.ends_with(' ')) out.pop_back();
  return out;
}

std::string sql_verb(std::string_view normal) {
  size_t end = 0;
  while (end < normal.size() && is_word(normal[end])) ++end;
  return upper_ascii(normal.substr(0, end));
}

}  // namespace fb
