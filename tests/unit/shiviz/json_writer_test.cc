#include "shiviz/json_writer.h"

#include "shiviz/event_json.h"
#include "shiviz/json_values.h"
#include "tests/support/sample_results.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace fb {
namespace {

using Document = nlohmann::ordered_json;

Document parsed(const SuiteResult& suite, const WriteOptions& options = {}) {
  return Document::parse(JsonWriter().write(suite, options));
}

std::vector<std::string> keys(const Document& object) {
  std::vector<std::string> out;
  for (const auto& [key, value] : object.items()) out.push_back(key);
  return out;
}

using Keys = std::vector<std::string>;

TEST(JsonWriterTest, TopLevelKeysInTheDocumentedOrder) {
  EXPECT_EQ(keys(parsed(testing::sample_suite())),
            (Keys{"version", "star_file", "duration_ms", "pass", "fail", "tests", "cancelled",
                  "tool", "seed", "isolation", "causality", "jobs", "diagnostics"}));
}

TEST(JsonWriterTest, TestKeysInTheDocumentedOrder) {
  SuiteResult suite = testing::sample_suite();
  suite.tests[0].schedule = "fbs1:X";
  suite.tests[0].exploration = suite.tests[2].exploration;
  suite.tests[0].run = 4;
  const Document test = parsed(suite)["tests"][0];
  EXPECT_EQ(keys(test), (Keys{"name", "result", "reason", "failure_type", "seed", "duration_ms",
                              "replay_command", "error_detail", "faults", "syscall_summary",
                              "diagnostics", "events", "protocol_faults", "restarts", "services",
                              "held", "schedule", "exploration", "run"}));
  EXPECT_EQ(keys(test["events"][8]), (Keys{"seq", "timestamp", "type", "event_type",
                                           "partition_key", "service", "fields", "vector_clock"}));
  EXPECT_EQ(keys(test["events"][2]).back(), "causes");
  EXPECT_EQ(keys(test["faults"][0]), (Keys{"service", "syscall", "action", "errno", "hits", "label",
                                           "path", "trigger", "matched", "rule", "filter"}));
  EXPECT_EQ(keys(test["faults"][1])[3], "hits");  // errno belongs to deny
}

TEST(JsonWriterTest, APassHasNoReason) {
  const Document test = parsed(testing::sample_suite())["tests"][1];
  EXPECT_EQ(keys(test), (Keys{"name", "result", "seed", "duration_ms", "faults", "syscall_summary",
                              "diagnostics", "events"}));
}

TEST(JsonWriterTest, EventsWithoutServiceHaveNoClock) {
  const Document event = parsed(testing::sample_suite())["tests"][0]["events"][12];
  EXPECT_EQ(keys(event), (Keys{"seq", "timestamp", "type", "event_type", "fields"}));
}

TEST(JsonWriterTest, ClocksAreByName) {
  const Document event = parsed(testing::sample_suite())["tests"][0]["events"][5];
  EXPECT_EQ(event["vector_clock"].dump(), R"({"db":2,"shop":1,"test":1})");
}

TEST(JsonWriterTest, EmptySuiteIsAWholeDocument) {
  SuiteResult suite;
  suite.star_file = "a.star";
  const std::string text = JsonWriter().write(suite, {});
  EXPECT_EQ(text.substr(0, 37), "{\n  \"version\": 2,\n  \"star_file\": \"a.s");
  EXPECT_EQ(text.substr(text.size() - 3), "\n}\n");
  EXPECT_EQ(parsed(suite)["tests"], Document::array());
}

TEST(JsonWriterTest, CountsStayWhenPassesAreLeftOut) {
  WriteOptions options;
  options.failures_only = true;
  const Document document = parsed(testing::sample_suite(), options);
  EXPECT_EQ(document["pass"], 1);
  EXPECT_EQ(document["fail"], 2);
  EXPECT_EQ(document["tests"].size(), 3u);
}

// Written piece by piece or as one tree: the text is the same, whatever bytes are in it.
RC_GTEST_PROP(JsonWriterProperty, TextIsTheUsualIndentedForm, ()) {
  SuiteResult suite;
  suite.tests = {*testing::any_test_result()};
  const std::string text = JsonWriter().write(suite, {});
  const Document document = Document::parse(text, nullptr, false);
  RC_ASSERT(!document.is_discarded());
  // Keys that occur twice (fields of any name may) are lost in the tree; then the texts differ.
  RC_PRE(document.dump(2).size() + 1 == text.size());
  RC_ASSERT(document.dump(2) + "\n" == text);
}

RC_GTEST_PROP(JsonWriterTest, EventsAreWrittenAsTheirTree, ()) {
  const TestResult test = *testing::any_test_result();
  EventJson events(test);
  for (const Event& event : test.events) {
    std::string text, tree;
    events.append(event, text, 3);
    append_json(tree, json_of(event, test), 3);
    RC_ASSERT(text == tree);
  }
}

RC_GTEST_PROP(JsonWriterTest, EventsOfRealLogsAreWrittenAsTheirTree, (uint64_t seed)) {
  const TestResult test = testing::random_result(seed);
  EventJson events(test);
  for (const Event& event : test.events) {
    std::string text, tree;
    events.append(event, text, 3);
    append_json(tree, json_of(event, test), 3);
    RC_ASSERT(text == tree);
  }
}

}  // namespace
}  // namespace fb
