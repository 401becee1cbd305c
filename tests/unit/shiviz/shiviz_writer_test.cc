#include "shiviz/shiviz_writer.h"

#include "tests/support/sample_results.h"
#include "tests/unit/shiviz/shiviz_log.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace fb {
namespace {

using testing::read_shiviz_log;
using testing::ShivizEvent;

constexpr const char* kHeader = "(?<host>\\S+) (?<clock>\\{.*?\\}) (?<event>.*)\n\n";

std::string written(const SuiteResult& suite) {
  return ShivizWriter().write(suite, {});
}

TEST(ShivizLogTest, ReaderRefusesWhatShivizWouldRefuse) {
  const std::string header = kHeader;
  EXPECT_TRUE(read_shiviz_log(header + "a {\"a\": 1} x\nb {\"a\": 1, \"b\": 1} y\n").ok());
  EXPECT_FALSE(read_shiviz_log("a {\"a\": 1} x\n").ok());
  EXPECT_FALSE(read_shiviz_log(header + "a {\"a\": 1} x").ok());
  EXPECT_FALSE(read_shiviz_log(header + "a {a: 1} x\n").ok());
  EXPECT_FALSE(read_shiviz_log(header + "a {\"b\": 1, \"a\": 1} x\n").ok());
  EXPECT_FALSE(read_shiviz_log(header + "a {\"a\": 2} x\n").ok());
  EXPECT_FALSE(read_shiviz_log(header + "a {\"a\": 1} x\na {\"a\": 1} y\n").ok());
  EXPECT_FALSE(read_shiviz_log(header + "a {\"a\": 1, \"b\": 1} x\n").ok());
  // b forgets what it knew of a.
  EXPECT_FALSE(
      read_shiviz_log(header + "a {\"a\": 1} x\nb {\"a\": 1, \"b\": 1} y\nb {\"b\": 2} z\n").ok());
  // c knows b, but not what b knew.
  EXPECT_FALSE(read_shiviz_log(header + "a {\"a\": 1} x\nb {\"a\": 1, \"b\": 1} y\n"
                                        "c {\"b\": 1, \"c\": 1} z\n")
                   .ok());
}

TEST(ShivizWriterTest, NoTestsGiveTheHeaderOnly) {
  EXPECT_EQ(written({}), kHeader);
}

TEST(ShivizWriterTest, TextHoldsWhatIsPresent) {
  Event event;
  event.fields = {{"syscall", "write"}, {"decision", "delay(5ms)"}, {"path", "/a b"},
                  {"label", "wal"},     {"latency_ms", "5"},        {"method", "x"}};
  EXPECT_EQ(shiviz_text(event), "syscall.write delay(5ms) [wal] /a b (+5ms)");
  event.fields = {{"target", "db"}, {"method", "put"}};
  event.type = EventType::kStepSend;
  EXPECT_EQ(shiviz_text(event), "step_send.db put→db");
}

TEST(ShivizWriterTest, SampleIsAValidLog) {
  const auto log = read_shiviz_log(written(testing::sample_suite()));
  ASSERT_TRUE(log.ok()) << log.error().message;
}

TEST(ShivizWriterTest, AFailedTestEndsWithAViolationThatCoversEveryHost) {
  SuiteResult suite = testing::sample_suite();
  suite.tests.resize(1);
  const auto log = read_shiviz_log(written(suite));
  ASSERT_TRUE(log.ok()) << log.error().message;
  const ShivizEvent& last = log->back();
  EXPECT_EQ(last.host, "test");
  EXPECT_EQ(last.text, "VIOLATION [test_disk_full] assert_eq failed: 200 != 503");
  for (const ShivizEvent& event : *log) EXPECT_TRUE(event.precedes(last)) << event.text;
}

TEST(ShivizWriterTest, AFailureBeforeAnyEventIsStillALine) {
  SuiteResult suite;
  suite.tests.resize(1);
  suite.tests[0].name = "test_x";
  suite.tests[0].result = Verdict::kFail;
  suite.tests[0].reason = "failed to start services: db\nno";
  EXPECT_EQ(written(suite),
            std::string(kHeader) +
                "test {\"test\": 1} VIOLATION [test_x] failed to start services: db no\n");
}

TEST(ShivizWriterTest, CounterexampleIsTaggedAndFollowedByItsPassingTwin) {
  SuiteResult suite = testing::sample_suite();
  suite.tests = {suite.tests[2]};
  const auto log = read_shiviz_log(written(suite));
  ASSERT_TRUE(log.ok()) << log.error().message;
  ASSERT_EQ(log->size(), 7u);
  EXPECT_EQ((*log)[1].text, "syscall.pread64 allow /data/1.json <race>");
  EXPECT_EQ((*log)[2].text, "syscall.pwrite64 allow /data/1.json <race> <critical>");
  EXPECT_EQ((*log)[3].host, "test");
  EXPECT_EQ((*log)[5].text, "syscall.pwrite64 allow /data/1.json");
  EXPECT_EQ((*log)[6].clock.at("charge"), 6u);
}

TEST(ShivizWriterTest, PassingTestsCanBeLeftOut) {
  SuiteResult suite = testing::sample_suite();
  suite.tests = {suite.tests[1]};
  WriteOptions options;
  options.failures_only = true;
  EXPECT_EQ(ShivizWriter().write(suite, options), kHeader);
}

// In every log the clocks are sound, each event with a service has its line, and the order between
// two events of one test is the order of their clocks: no arrow is lost and none is made up.
RC_GTEST_PROP(ShivizWriterProperty, RandomSuitesGiveSoundLogs, ()) {
  SuiteResult suite;
  for (int n = *rc::gen::inRange(1, 5); n > 0; --n) {
    suite.tests.push_back(testing::random_result(*rc::gen::arbitrary<uint64_t>()));
  }
  const auto log = read_shiviz_log(written(suite));
  if (!log.ok()) RC_FAIL(log.error().message);
  size_t line = 0;
  for (const TestResult& test : suite.tests) {
    std::vector<const Event*> events;
    for (const Event& event : test.events) {
      if (!event.service.empty()) events.push_back(&event);
    }
    for (size_t i = 0; i < events.size(); ++i) {
      RC_ASSERT((*log)[line + i].host == events[i]->service);
      for (size_t j = i; j < events.size(); ++j) {
        RC_ASSERT((*log)[line + i].precedes((*log)[line + j]) ==
                  events[i]->clock.covered_by(events[j]->clock));
      }
    }
    line += events.size();
    if (test.result == Verdict::kFail) {
      for (size_t i = 0; i < line; ++i) RC_ASSERT((*log)[i].precedes((*log)[line]));
      ++line;
    }
  }
  RC_ASSERT(line == log->size());
}

// Between tests only a host's own past orders events: what an event of the second test knows of the
// first is what the hosts it knows of knew at the end of the first.
RC_GTEST_PROP(ShivizWriterProperty, TestsAreOrderedByTheirHostsOnly, (uint64_t a, uint64_t b)) {
  SuiteResult suite;
  suite.tests = {testing::random_result(a), testing::random_result(b)};
  suite.tests[0].result = suite.tests[1].result = Verdict::kPass;
  const auto log = read_shiviz_log(written(suite));
  if (!log.ok()) RC_FAIL(log.error().message);
  std::vector<ShivizEvent> first, second;
  std::map<std::string, ShivizEvent> last;
  size_t of_first = 0;
  for (const Event& event : suite.tests[0].events) of_first += event.service.empty() ? 0 : 1;
  for (size_t i = 0; i < log->size(); ++i) {
    (i < of_first ? first : second).push_back((*log)[i]);
    if (i < of_first) last[(*log)[i].host] = (*log)[i];
  }
  for (const ShivizEvent& early : first) {
    for (const ShivizEvent& late : second) {
      bool expected = false;
      for (const ShivizEvent& known : second) {
        if (!known.precedes(late)) continue;
        auto end = last.find(known.host);
        expected |= end != last.end() && early.precedes(end->second);
      }
      RC_ASSERT(early.precedes(late) == expected);
    }
  }
}

}  // namespace
}  // namespace fb
