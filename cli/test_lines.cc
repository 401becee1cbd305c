#include "cli/test_lines.h"

#include <cstdio>
#include <fmt/format.h>
#include <utility>

namespace fb::cli {
namespace {

// Lost output of a reader that went away is no reason to fail.
void write_to(bool is_stderr, std::string_view text) {
  std::FILE* stream = is_stderr ? stderr : stdout;
  if (std::fwrite(text.data(), 1, text.size(), stream) == text.size()) std::fflush(stream);
}

}  // namespace

void TestLines::put(bool is_stderr, std::string_view lines) {
  if (!collect_) {
    const bool makes_way = !erase_.empty() && (is_stderr || erase_stdout_);
    // One write, so that nothing comes between.
    write_to(is_stderr, makes_way ? erase_ + std::string(lines) : lines);
    return;
  }
  if (collected_ + lines.size() > kMostCollected) {
    left_out_ += lines.size();
    return;
  }
  collected_ += lines.size();
  if (pieces_.empty() || pieces_.back().is_stderr != is_stderr) pieces_.push_back({is_stderr, {}});
  pieces_.back().text += lines;
}

std::vector<TextPiece> TestLines::take() {
  if (left_out_ > 0)
    pieces_.push_back({true, fmt::format("… {} more bytes of output left out\n", left_out_)});
  collected_ = left_out_ = 0;
  return std::exchange(pieces_, {});
}

void write_pieces(const std::vector<TextPiece>& pieces) {
  for (const TextPiece& piece : pieces) write_to(piece.is_stderr, piece.text);
}

}  // namespace fb::cli
