#include "core/trace/diff.h"

#include "core/trace/lcs.h"

#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <set>
#include <span>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace fb {

namespace {

// Which section: a test may be in one file several times (runs), so the how-manieth counts too.
struct SectionKey {
  size_t occurrence = 0;  // of the test, from 0
  std::string_view test, service;
  auto operator<=>(const SectionKey&) const = default;
};

struct Section {
  SectionKey key;
  std::string_view header;  // its line in the file; empty before the first header
  size_t first_line = 1;    // number of the first line after the header
  std::vector<std::string_view> lines;
};

struct Trace {
  size_t line_count = 0;
  std::vector<Section> sections;
  std::map<SectionKey, size_t> index;

  const Section* find(const SectionKey& key) const {
    auto at = index.find(key);
    return at == index.end() ? nullptr : &sections[at->second];
  }
};

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// The name in `=== name ===`; empty: the line is no header of that kind.
std::string_view header_name(std::string_view line, std::string_view mark) {
  if (line.size() <= 2 * mark.size() + 2 || !line.starts_with(mark) || !line.ends_with(mark)) {
    return {};
  }
  line = line.substr(mark.size(), line.size() - 2 * mark.size());
  if (line.front() != ' ' || line.back() != ' ') return {};
  return line.substr(1, line.size() - 2);
}

Trace read_trace(std::string_view text) {
  Trace trace;
  std::map<std::string_view, size_t> occurrences;
  SectionKey key;
  const auto open = [&](std::string_view header) {
    // A repeated service header in one test goes on with the section it began.
    if (trace.index.try_emplace(key, trace.sections.size()).second) {
      trace.sections.push_back({key, header, trace.line_count + 1, {}});
    }
  };
  text = trim(text);
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++trace.line_count;
    if (const auto test = header_name(line, "==="); !test.empty()) {
      key = {occurrences[test]++, test, {}};
      open(line);
    } else if (const auto service = header_name(line, "---"); !service.empty()) {
      key.service = service;
      open(line);
    } else {
      if (trace.sections.empty()) {
        --trace.line_count;
        open({});
        ++trace.line_count;
      }
      trace.sections[trace.index.at(key)].lines.push_back(line);
    }
  }
  return trace;
}

class Report {
 public:
  explicit Report(Colour colour) : colour_(colour) {}

  void change(const SectionKey& key, size_t line, std::string_view before,
              std::span<const std::string_view> removed, std::span<const std::string_view> added) {
    text_ += title(key);
    text_ += fmt::format("  line {}:\n", line);
    if (!before.empty()) text_ += fmt::format("      {}\n", before);
    for (std::string_view old_line : removed) marked("- ", old_line, kRed);
    for (std::string_view new_line : added) marked("+ ", new_line, kGreen);
  }

  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }

 private:
  static std::string title(const SectionKey& key) {
    if (key.test.empty()) return "before the first test\n";
    if (key.service.empty()) return fmt::format("test {}\n", key.test);
    return fmt::format("test {}, service {}\n", key.test, key.service);
  }

  void marked(std::string_view mark, std::string_view line, std::string_view colour) {
    text_ += "    " + paint(std::string(mark) + std::string(line), colour, colour_) + "\n";
  }

  Colour colour_;
  std::string text_;
};

// A section that only one file has: its header counts as changed, so that an empty one is seen too.
std::vector<std::string_view> with_header(const Section& section) {
  std::vector<std::string_view> lines{section.header};
  lines.insert(lines.end(), section.lines.begin(), section.lines.end());
  return lines;
}

void compare_sections(const Section& a, const Section& b, Report& report) {
  std::unordered_map<std::string_view, uint32_t> numbers;  // only looked up, never walked
  const auto tokens_of = [&](const Section& section) {
    std::vector<uint32_t> tokens;
    for (std::string_view line : section.lines) {
      tokens.push_back(
          numbers.try_emplace(line, static_cast<uint32_t>(numbers.size())).first->second);
    }
    return tokens;
  };
  const auto tokens_a = tokens_of(a), tokens_b = tokens_of(b);
  auto common = longest_common_subsequence(tokens_a, tokens_b);
  common.emplace_back(a.lines.size(), b.lines.size());  // the end counts as common
  size_t next_a = 0, next_b = 0;
  for (auto [i, j] : common) {
    if (i > next_a || j > next_b) {
      report.change(a.key, a.first_line + next_a, next_a > 0 ? a.lines[next_a - 1] : "",
                    std::span(a.lines).subspan(next_a, i - next_a),
                    std::span(b.lines).subspan(next_b, j - next_b));
    }
    next_a = i + 1;
    next_b = j + 1;
  }
}

}  // namespace

TraceDiff diff_traces(std::string_view a_text, std::string_view b_text, Colour colour) {
  const Trace a = read_trace(a_text), b = read_trace(b_text);
  Report report(colour);
  for (const Section& section : a.sections) {
    if (const Section* other = b.find(section.key)) {
      compare_sections(section, *other, report);
    } else {
      report.change(section.key, section.first_line - 1, "", with_header(section), {});
    }
  }
  for (const Section& section : b.sections) {
    if (a.find(section.key) == nullptr) {
      report.change(section.key, section.first_line - 1, "", {}, with_header(section));
    }
  }
  if (report.empty()) return {true, "traces are identical\n"};
  return {false, fmt::format("traces differ ({} vs {} lines):\n{}", a.line_count, b.line_count,
                             report.text())};
}

}  // namespace fb
