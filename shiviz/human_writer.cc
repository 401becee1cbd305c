#include "shiviz/human_writer.h"

#include "shiviz/human_test.h"
#include "shiviz/human_text.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb {

std::string human_entry(std::span<const TestResult> runs, uint64_t runs_total,
                        const WriteOptions& options) {
  const auto passed =
      static_cast<uint64_t>(std::count_if(runs.begin(), runs.end(), [](const TestResult& test) {
        return test.result == Verdict::kPass;
      }));
  const auto first_shown = std::find_if(runs.begin(), runs.end(), [](const TestResult& test) {
    return test.result != Verdict::kPass;
  });
  if (first_shown == runs.end() && options.failures_only) return {};
  if (runs_total <= 1) {
    std::string out;
    for (const TestResult& test : runs) {
      if (is_shown(test, options)) out += human_test(test, options.colour);
    }
    return out;
  }
  if (first_shown == runs.end()) {
    return fmt::format("\n--- {}: {} ({}/{} runs) ---\n",
                       verdict_mark(Verdict::kPass, options.colour),
                       printable_line(runs.front().name), passed, runs_total);
  }
  return human_test(*first_shown, options.colour) +
         fmt::format("  ({}/{} runs passed before {})\n", passed, runs.size(),
                     first_shown->result == Verdict::kFail ? "failure" : "the interrupt");
}

std::string human_end(const SuiteResult& suite, const WriteOptions& options) {
  std::string out = "\n";
  out += diagnostic_lines(suite.diagnostics, options.colour);
  if (!suite.isolation_why.empty()) {
    out += paragraph(fmt::format("isolation: {}: ", printable_line(suite.isolation_mode)),
                     suite.isolation_why, 2);
  }
  const uint64_t failed = suite.count(Verdict::kFail), cancelled = suite.count(Verdict::kCancelled);
  out += fmt::format("{} passed, {} failed", suite.count(Verdict::kPass), failed);
  if (cancelled > 0) out += fmt::format(", {} cancelled", cancelled);
  return out + "\n";
}

std::string HumanWriter::write(const SuiteResult& suite, const WriteOptions& options) const {
  std::string out;
  const std::span<const TestResult> tests = suite.tests;
  for (size_t begin = 0; begin < tests.size();) {
    size_t end = begin + 1;
    while (end < tests.size() && tests[end].name == tests[begin].name) ++end;
    out += human_entry(tests.subspan(begin, end - begin), suite.runs, options);
    begin = end;
  }
  return out + human_end(suite, options);
}

}  // namespace fb
