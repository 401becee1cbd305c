#include "shiviz/junit_writer.h"

#include "shiviz/human_test.h"
#include "shiviz/human_text.h"
#include "shiviz/timestamp.h"
#include "shiviz/xml_text.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb {

namespace {

// The test could not be carried out, as against: it was, and something was wrong.
bool is_error(const TestResult& test) {
  return test.result == Verdict::kFail &&
         (test.failure_type == "service_start" || test.failure_type == "error");
}
bool is_failure(const TestResult& test) {
  return test.result == Verdict::kFail && !is_error(test);
}

std::string seconds(int64_t ms) {
  return fmt::format("{}.{:03}", ms / 1000, ms % 1000);
}

// "dir/shop.star" → "shop"
std::string_view stem(std::string_view file) {
  file.remove_prefix(file.find_last_of('/') + 1);  // npos + 1 is 0
  if (file.ends_with(".star")) file.remove_suffix(5);
  return file;
}

std::string failure_element(const TestResult& test) {
  std::string text;
  if (test.error_detail && !test.error_detail->position.empty()) {
    text += paragraph("", test.error_detail->position, 2);
  }
  text += closest_event_lines(test);
  text += diagnostic_lines(test.diagnostics, Colour::kOff);
  const std::string_view tag = is_error(test) ? "error" : "failure";
  return fmt::format("    <{} type=\"{}\" message=\"{}\">{}</{}>\n", tag,
                     xml_attribute(test.failure_type), xml_attribute(test.reason), xml_text(text),
                     tag);
}

std::string test_case(const TestResult& test, std::string_view class_name) {
  std::string out =
      fmt::format("  <testcase classname=\"{}\" name=\"{}\" time=\"{}\">\n",
                  xml_attribute(class_name), xml_attribute(test.name), seconds(test.duration_ms));
  out += fmt::format(
      "    <properties>\n      <property name=\"seed\" value=\"{}\"/>\n    </properties>\n",
      test.seed);
  if (test.result == Verdict::kCancelled) out += "    <skipped message=\"cancelled\"/>\n";
  if (test.result == Verdict::kFail) out += failure_element(test);
  std::string output;
  if (!test.replay_command.empty()) output += test.replay_command + "\n";
  output += human_test(test, Colour::kOff);
  return out + fmt::format("    <system-out>{}</system-out>\n  </testcase>\n", xml_text(output));
}

}  // namespace

std::string JunitWriter::write(const SuiteResult& suite, const WriteOptions& options) const {
  const auto count = [&](auto matches) {
    return std::count_if(suite.tests.begin(), suite.tests.end(), matches);
  };
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format(
      "<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" "
      "time=\"{}\" "
      "timestamp=\"{}\">\n",
      xml_attribute(suite.star_file), suite.tests.size(), count(is_failure), count(is_error),
      suite.count(Verdict::kCancelled), seconds(suite.duration_ms),
      iso8601_seconds(suite.started_unix_ns));
  for (const TestResult& test : suite.tests) {
    if (is_shown(test, options)) out += test_case(test, stem(suite.star_file));
  }
  if (!suite.diagnostics.empty()) {
    out += fmt::format("  <system-err>{}</system-err>\n",
                       xml_text(diagnostic_lines(suite.diagnostics, Colour::kOff)));
  }
  return out + "</testsuite>\n";
}

}  // namespace fb
