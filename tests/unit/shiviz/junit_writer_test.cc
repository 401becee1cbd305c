#include "shiviz/junit_writer.h"

#include "shiviz/xml_text.h"
#include "tests/support/sample_results.h"
#include "tests/unit/shiviz/xml_check.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>

namespace fb {
namespace {

using testing::xml_problem;

std::string with_failure_type(const std::string& type) {
  SuiteResult suite;
  suite.star_file = "dir/shop.star";
  suite.tests.resize(1);
  suite.tests[0].name = "test_x";
  suite.tests[0].result = Verdict::kFail;
  suite.tests[0].failure_type = type;
  return JunitWriter().write(suite, {});
}

TEST(XmlCheckTest, RefusesWhatIsNotWellFormed) {
  const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  EXPECT_EQ(xml_problem(head + "<a b=\"c\">x &amp; y<d/></a>\n"), "");
  for (const char* bad :
       {"", "<a>", "<a></b>", "<a/><a/>", "<a b=\"1\" b=\"2\"/>", "<a>&nbsp;</a>", "<a>]]></a>",
        "<a b=\"<\"/>", "<a>\x01</a>", "<a>\xff</a>", "<a>\xef\xbf\xbf</a>", "x<a/>", "<a b=&/>"}) {
    EXPECT_NE(xml_problem(head + bad), "") << bad;
  }
}

TEST(XmlTextTest, EscapesMarkupAndReplacesWhatXmlForbids) {
  EXPECT_EQ(xml_text("a<b>&\"c\"\n\t\r"), "a&lt;b&gt;&amp;\"c\"\n\t&#13;");
  EXPECT_EQ(xml_attribute("a<b>&\"c\"\n\t\r"), "a&lt;b&gt;&amp;&quot;c&quot;&#10;&#9;&#13;");
  EXPECT_EQ(xml_text(std::string_view("\0\x1b\xff\xef\xbf\xbfü", 8)),
            "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdü");
}

TEST(JunitWriterTest, FailuresAndErrorsAreToldApart) {
  for (const char* type :
       {"assertion", "monitor", "timeout", "crash", "deadlock", "livelock", "diverged"}) {
    const std::string text = with_failure_type(type);
    EXPECT_NE(text.find(" failures=\"1\" errors=\"0\""), std::string::npos) << text;
    EXPECT_NE(text.find("<failure type=\"" + std::string(type)), std::string::npos) << text;
  }
  for (const char* type : {"service_start", "error"}) {
    const std::string text = with_failure_type(type);
    EXPECT_NE(text.find(" failures=\"0\" errors=\"1\""), std::string::npos) << text;
    EXPECT_NE(text.find("<error type=\"" + std::string(type)), std::string::npos) << text;
  }
}

TEST(JunitWriterTest, ClassNameIsTheStem) {
  EXPECT_NE(with_failure_type("error").find("classname=\"shop\" name=\"test_x\""),
            std::string::npos);
}

TEST(JunitWriterTest, SampleIsWellFormed) {
  EXPECT_EQ(xml_problem(JunitWriter().write(testing::sample_suite(), {})), "");
}

RC_GTEST_PROP(JunitWriterProperty, AnyResultIsWellFormed, ()) {
  SuiteResult suite;
  suite.tests = {*testing::any_test_result(), *testing::any_test_result()};
  suite.star_file = suite.tests[0].name;
  suite.diagnostics = suite.tests[0].diagnostics;
  const std::string problem = xml_problem(JunitWriter().write(suite, {}));
  if (!problem.empty()) RC_FAIL(problem);
}

}  // namespace
}  // namespace fb
