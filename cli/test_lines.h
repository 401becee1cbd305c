// The lines of one execution for our own stdout and stderr: what its services print, what its spec
// prints, its log. Written as they come, or, where tests run side by side, collected until it has
// ended. Whole lines only.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fb::cli {

struct TextPiece {
  bool is_stderr = false;
  std::string text;  // whole lines
  bool operator==(const TextPiece&) const = default;
};

class TestLines {
 public:
  // What is collected of one execution; more is counted and left out.
  static constexpr size_t kMostCollected = size_t{64} << 20;

  // `collect`: nothing is written. `erase`: written to stderr, and to stdout if `erase_stdout`,
  // before each line, to make way for it where a progress line may stand; may be empty.
  explicit TestLines(bool collect, std::string erase = "", bool erase_stdout = false)
      : collect_(collect), erase_(std::move(erase)), erase_stdout_(erase_stdout) {}

  // `lines` ends with a line end.
  void put(bool is_stderr, std::string_view lines);
  // What was collected since the last call.
  std::vector<TextPiece> take();

 private:
  bool collect_;
  std::string erase_;
  bool erase_stdout_;
  std::vector<TextPiece> pieces_;
  size_t collected_ = 0;
  size_t left_out_ = 0;
};

// Writes the pieces in their order.
void write_pieces(const std::vector<TextPiece>& pieces);

}  // namespace fb::cli
