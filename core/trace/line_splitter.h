// Cuts a stream of bytes into lines, however the bytes arrive. Lines end at '\n' ("\r\n" likewise)
// and are cut at 64 KiB (spec §16): the rest of such a line is dropped.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace fb {

struct Line {
  std::string text;        // without its end
  bool truncated = false;  // it was longer
  bool operator==(const Line&) const = default;
};

class LineSplitter {
 public:
  static constexpr size_t kLineMax = 64 * 1024;

  // Tells `each(Line)` of every line that the bytes complete.
  template <class Each>
  void add(std::string_view bytes, Each each) {
    while (true) {
      const size_t end = bytes.find('\n');
      take(bytes.substr(0, end));
      if (end == std::string_view::npos) return;
      each(finish());
      bytes.remove_prefix(end + 1);
    }
  }
  // The stream has ended: its last line, if that was begun without being ended.
  std::optional<Line> end() {
    if (open_.text.empty()) return std::nullopt;
    return finish();
  }

 private:
  void take(std::string_view bytes) {
    // One more than the limit is kept, so that a '\r' at the end does not make the line too long.
    const size_t room = kLineMax + 1 - open_.text.size();
    open_.truncated |= bytes.size() > room;
    open_.text += bytes.substr(0, room);
  }
  Line finish() {
    Line line = std::move(open_);
    open_ = {};
    if (!line.truncated && line.text.ends_with('\r')) line.text.pop_back();
    if (line.text.size() > kLineMax) {
      line.text.resize(kLineMax);
      line.truncated = true;
    }
    return line;
  }

  Line open_;
};

}  // namespace fb
