#include "core/trace/line_splitter.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <vector>

namespace fb {
namespace {

std::vector<Line> lines_of(const std::vector<std::string>& pieces) {
  LineSplitter splitter;
  std::vector<Line> lines;
  for (const std::string& piece : pieces)
    splitter.add(piece, [&](Line line) { lines.push_back(std::move(line)); });
  if (auto last = splitter.end()) lines.push_back(*last);
  return lines;
}

TEST(LineSplitterTest, EndsOfLinesAreNotPartOfThem) {
  EXPECT_EQ(lines_of({"a\r\n\nb\rc\n"}), (std::vector<Line>{{"a"}, {""}, {"b\rc"}}));
}

TEST(LineSplitterTest, ALineThatWasNotEndedComesAtTheEnd) {
  EXPECT_EQ(lines_of({"a\nb"}), (std::vector<Line>{{"a"}, {"b"}}));
  EXPECT_EQ(lines_of({"a\n"}), (std::vector<Line>{{"a"}}));
}

TEST(LineSplitterTest, LongLinesAreCutAt64KiB) {
  const std::string full(LineSplitter::kLineMax, 'x');
  EXPECT_EQ(lines_of({full + "\n" + full + "\r\n"}), (std::vector<Line>{{full}, {full}}));
  EXPECT_EQ(lines_of({full + "y\nz\n"}), (std::vector<Line>{{full, true}, {"z"}}));
  EXPECT_EQ(lines_of({full + "\ry\n"}), (std::vector<Line>{{full, true}}));
}

RC_GTEST_PROP(LineSplitterProperty, NoCutChangesTheLines, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab\r\n")));
  std::string whole;
  // Now and then longer than a line may be.
  for (const char c : text)
    whole +=
        c == 'b' ? std::string(*rc::gen::element<size_t>(1, 40'000, 65'536), c) : std::string(1, c);
  std::vector<std::string> pieces;
  for (size_t at = 0; at < whole.size();) {
    const size_t size = *rc::gen::element<size_t>(1, 2, 65'535, 65'536, 65'537);
    pieces.push_back(whole.substr(at, size));
    at += size;
  }
  RC_ASSERT(lines_of(pieces) == lines_of({whole}));
}

}  // namespace
}  // namespace fb
