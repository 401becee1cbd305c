#include "cli/init/shell_words.h"

namespace fb::cli {

Result<std::vector<std::string>> shell_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quoted = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted == '\'') {
      if (c == '\'')
        quoted = 0;
      else
        word += c;
      continue;
    }
    if (c == '\\' && i + 1 < line.size()) {
      const char next = line[i + 1];
      // Between double quotes a backslash only quotes what is special there.
      if (quoted == 0 || next == '"' || next == '\\' || next == '$' || next == '`') {
        ++i;
        if (next != '\n') word += next;
        in_word = true;
        continue;
      }
    }
    if (quoted == '"') {
      if (c == '"')
        quoted = 0;
      else
        word += c;
      continue;
    }
    if (c == '"' || c == '\'') {
      quoted = c;
      in_word = true;
    } else if (c == ' ' || c == '\t' || c == '\n') {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quoted != 0) return invalid(std::string("a quote (") + quoted + ") is not closed");
  if (in_word) words.push_back(std::move(word));
  return words;
}

}  // namespace fb::cli
