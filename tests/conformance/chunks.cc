#include "tests/conformance/chunks.h"

#include <fstream>
#include <re2/re2.h>
#include <sstream>

namespace fb::conformance {
namespace {

// `"..."` or `...` in backquotes, as Go writes strings.
std::string unquote(const std::string& text) {
  if (text.empty()) return text;
  const char quote = text[0];
  if (quote != '"' && quote != '`') return text;
  std::string out;
  for (std::size_t i = 1; i < text.size() && text[i] != quote; ++i) {
    if (quote == '"' && text[i] == '\\' && i + 1 < text.size()) {
      ++i;
      if (text[i] == 'n') {
        out += '\n';
      } else if (text[i] == '"' || text[i] == '\\') {
        out += text[i];
      } else {
        out += '\\';
        out += text[i];
      }
      continue;
    }
    out += text[i];
  }
  return out;
}

}  // namespace

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<Chunk> read_chunks(const std::string& path) {
  std::vector<Chunk> chunks;
  std::istringstream in(read_text(path));
  Chunk chunk;
  chunk.file = path;
  std::size_t number = 0;
  const auto flush = [&] {
    chunk.source = std::string(chunk.line - 1, '\n') + chunk.text;
    chunks.push_back(chunk);
    chunk = Chunk{};
    chunk.file = path;
    chunk.line = number + 1;
  };
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line == "---") {
      flush();
      continue;
    }
    chunk.text += line + "\n";
    if (const std::size_t at = line.find("### "); at != line.npos) {
      std::string pattern = line.substr(at + 4);
      while (!pattern.empty() && pattern[0] == ' ') pattern.erase(0, 1);
      chunk.expected[number] = unquote(pattern);
    }
  }
  flush();
  return chunks;
}

bool matches(const std::string& pattern, const std::string& text, bool ignore_case) {
  re2::RE2::Options options;
  options.set_case_sensitive(!ignore_case);
  options.set_log_errors(false);
  const re2::RE2 expression(pattern, options);
  return expression.ok() && re2::RE2::PartialMatch(text, expression);
}

}  // namespace fb::conformance
