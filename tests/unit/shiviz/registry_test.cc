#include "shiviz/registry.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace fb {
namespace {

TEST(RegistryTest, EveryWriterIsFoundByItsNameAndTheyAreSorted) {
  std::vector<std::string_view> names;
  for (const TraceWriter* writer : trace_writers()) {
    EXPECT_EQ(find_trace_writer(writer->name()), writer);
    names.push_back(writer->name());
  }
  EXPECT_EQ(names, (std::vector<std::string_view>{"html", "human", "json", "junit", "normalized",
                                                  "shiviz"}));
  EXPECT_EQ(find_trace_writer("yaml"), nullptr);
}

TEST(RegistryTest, EveryDocumentEndsWithANewline) {
  SuiteResult suite;
  suite.tests.resize(1);
  suite.tests[0].name = "test_a";
  for (const TraceWriter* writer : trace_writers()) {
    EXPECT_TRUE(writer->write(suite, {}).ends_with('\n')) << writer->name();
  }
}

}  // namespace
}  // namespace fb
