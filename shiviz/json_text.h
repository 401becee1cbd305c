// A JSON document written piece by piece at two-space indentation, so that a long log is not held a
// second time as a tree. Strings that are not UTF-8 get U+FFFD; keys come in the order written.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace fb {

using Json = nlohmann::ordered_json;

// Appends `value` as it stands at that depth (the first line is not indented).
void append_json(std::string& out, const Json& value, int depth);

// One object, member by member; the closing brace comes with close().
class JsonObjectText {
 public:
  JsonObjectText(std::string& out, int depth) : out_(out), depth_(depth) { out_ += '{'; }
  JsonObjectText(const JsonObjectText&) = delete;
  JsonObjectText& operator=(const JsonObjectText&) = delete;

  void member(std::string_view key, const Json& value);
  // An array whose elements `append(element, out, depth)` writes.
  template <class Range, class Append>
  void array(std::string_view key, const Range& range, Append append) {
    begin_member(key);
    out_ += '[';
    bool first = true;
    for (const auto& element : range) {
      out_ += first ? "\n" : ",\n";
      first = false;
      indent(depth_ + 2);
      append(element, out_, depth_ + 2);
    }
    if (!first) {
      out_ += '\n';
      indent(depth_ + 1);
    }
    out_ += ']';
  }
  void close();

 private:
  void begin_member(std::string_view key);
  void indent(int depth) { out_.append(2 * static_cast<size_t>(depth), ' '); }

  std::string& out_;
  int depth_;
  bool empty_ = true;
};

}  // namespace fb
