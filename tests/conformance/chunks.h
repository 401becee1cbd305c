// Test files in chunks: parts between lines `---`, padded with newlines so that line numbers stay
// those of the file, with what each line is expected to raise.
#pragma once
#include <map>
#include <string>
#include <vector>

namespace fb::conformance {

struct Chunk {
  std::string file;
  std::size_t line = 1;                         // of its first line
  std::string source;                           // padded
  std::string text;                             // as it stands
  std::map<std::size_t, std::string> expected;  // line -> pattern of `### "pattern"`
  bool has_option(const std::string& name) const {
    return text.find("option:" + name) != std::string::npos;
  }
};

std::string read_text(const std::string& path);
std::vector<Chunk> read_chunks(const std::string& path);

// RE2-like search: the pattern somewhere in the text.
bool matches(const std::string& pattern, const std::string& text, bool ignore_case = false);

}  // namespace fb::conformance
