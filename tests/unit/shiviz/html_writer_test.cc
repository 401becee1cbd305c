#include "shiviz/html_writer.h"

#include "tests/support/sample_results.h"
#include "tests/unit/shiviz/xml_check.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>

namespace fb {
namespace {

using testing::xml_problem;

// The page is written so that it is well-formed XML too; what is wrong with it as such.
std::string problem(const std::string& page) {
  const std::string doctype = "<!DOCTYPE html>\n";
  if (!page.starts_with(doctype)) return "no doctype";
  return xml_problem("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + page.substr(doctype.size()));
}

SuiteResult one_test(TestResult test) {
  SuiteResult suite;
  suite.star_file = "a.star";
  suite.tests.push_back(std::move(test));
  return suite;
}

size_t count(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++n;
  return n;
}

TEST(HtmlWriterTest, TheSampleSuiteIsWellFormed) {
  EXPECT_EQ(problem(HtmlWriter().write(testing::sample_suite(), {})), "");
}

RC_GTEST_PROP(HtmlWriterTest, AnyTextOfServicesStaysText, ()) {
  const std::string page = HtmlWriter().write(one_test(*testing::any_test_result()), {});
  const std::string wrong = problem(page);
  RC_ASSERT(wrong.empty());
}

TEST(HtmlWriterTest, MarkupOfAServiceIsEscaped) {
  TestResult test;
  test.name = "test_a";
  test.result = Verdict::kFail;
  test.reason = "<script>alert(1)</script>";
  ServiceReport service;
  service.name = "db";
  service.output_tail = "</pre><img src=x onerror=alert(2)>";
  test.services.push_back(service);
  const std::string page = HtmlWriter().write(one_test(test), {});
  EXPECT_EQ(count(page, "<script>"), 1u);  // ours
  EXPECT_EQ(count(page, "<img"), 0u);
  EXPECT_EQ(problem(page), "");
}

TEST(HtmlWriterTest, NothingIsLoadedFromAnywhere) {
  const std::string page = HtmlWriter().write(testing::sample_suite(), {});
  EXPECT_EQ(count(page, " src="), 0u);
  EXPECT_EQ(count(page, "@import"), 0u);
  EXPECT_EQ(count(page, "url(http"), 0u);
  EXPECT_EQ(count(page, "href=\"http"), 0u);
}

TEST(HtmlWriterTest, AtMostFiveThousandEventsAreDrawnAndThePageSaysSo) {
  TestResult test;
  test.name = "test_a";
  test.service_names = {"db"};
  for (uint64_t seq = 1; seq <= 5100; ++seq) {
    Event event;
    event.seq = seq;
    event.service = "db";
    event.fields = {{"syscall", "write"}, {"decision", seq == 5100 ? "deny(x)" : "allow"}};
    test.events.push_back(std::move(event));
  }
  const std::string page = HtmlWriter().write(one_test(test), {});
  EXPECT_EQ(count(page, "<g class=\"event"), 5000u);
  EXPECT_EQ(count(page, "100 of 5100 events are left out"), 1u);
  EXPECT_EQ(count(page, "id=\"t0e5100\""), 1u);  // the fault is there
}

TEST(HtmlWriterTest, DiagnosticsLinkToTheirEvents) {
  TestResult test;
  test.name = "test_a";
  test.service_names = {"db"};
  Event event;
  event.seq = 7;
  event.service = "db";
  test.events.push_back(event);
  Diagnostic diagnostic;
  diagnostic.code = "ASSERTION_MISMATCH";
  diagnostic.events = {7};
  test.diagnostics.push_back(diagnostic);
  const std::string page = HtmlWriter().write(one_test(test), {});
  EXPECT_EQ(count(page, "href=\"#t0e7\""), 1u);
  EXPECT_EQ(count(page, "id=\"t0e7\""), 1u);
}

}  // namespace
}  // namespace fb
