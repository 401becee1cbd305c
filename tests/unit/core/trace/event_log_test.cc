#include "core/trace/event_log.h"

#include <gtest/gtest.h>
#include <map>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace fb {
namespace {

constexpr ServiceId kDb{0}, kShop{1};

const Event& add(EventLog& log, ServiceId service, std::vector<uint64_t> causes = {}) {
  return log.append(service, EventType::kSyscall, Instant{5}, {{"syscall", "read"}},
                    std::move(causes));
}

TEST(EventLogTest, NumbersEventsFromOne) {
  EventLog log({"db"});
  EXPECT_EQ(add(log, kDb).seq, 1u);
  EXPECT_EQ(log.append_hostless(EventType::kPartitionApplied, Instant{6}, {}).seq, 2u);
  EXPECT_EQ(add(log, kTestDriver).seq, 3u);
  EXPECT_EQ(log.size(), 3u);
  EXPECT_EQ(log.at(3).service, "test");
}

TEST(EventLogTest, AnAnnouncedEventComesBeforeTheNextOneOfItsService) {
  EventLog log({"db", "shop"});
  log.announce(kDb, EventType::kServiceStarted);
  log.announce(kShop, EventType::kServiceStarted);
  add(log, kTestDriver);
  EXPECT_EQ(add(log, kDb).seq, 3u);
  EXPECT_EQ(log.at(2).type, EventType::kServiceStarted);
  log.append_announced(kDb, Instant{7});
  EXPECT_EQ(log.size(), 3u);
  log.append_announced(kShop, Instant{7});
  EXPECT_EQ(log.at(4).service, "shop");
  log.announce(kShop, EventType::kServiceStarted);
  log.withdraw_announced(kShop);
  EXPECT_EQ(add(log, kShop).seq, 5u);
}

TEST(EventLogTest, DriverIsTheHostAfterTheLastService) {
  EventLog log({"db", "shop"});
  EXPECT_EQ(log.host_of(kShop), 1);
  EXPECT_EQ(log.host_of(kTestDriver), 2);
}

TEST(EventLogTest, EventsWithoutServiceHaveNoClock) {
  EventLog log({"db"});
  const Event& event = log.append_hostless(EventType::kTestRestarted, Instant{}, {{"a", "b"}});
  EXPECT_TRUE(event.service.empty());
  EXPECT_TRUE(event.clock.entries().empty());
}

TEST(EventLogTest, CausesAreMergedBeforeTheTick) {
  EventLog log({"db", "shop"});
  add(log, kDb);
  add(log, kDb);
  const Event& caused = add(log, kShop, {2, 1, 2});
  EXPECT_EQ(caused.clock.at(0), 2u);
  EXPECT_EQ(caused.clock.at(1), 1u);
  EXPECT_EQ(caused.causes, (std::vector<uint64_t>{1, 2}));
}

TEST(EventLogTest, KnowledgeWithoutAnEventShowsInTheNextEvent) {
  EventLog log({"db", "shop"});
  add(log, kDb);
  log.merge_into(kShop, log.clock_of(kDb));
  EXPECT_EQ(log.clock_of(kShop).at(1), 0u);
  EXPECT_EQ(add(log, kShop).clock.at(0), 1u);
}

TEST(EventLogTest, ListenersHearEveryEventInOrderEvenWhenTheyAppend) {
  EventLog log({"db"});
  std::vector<std::string> heard;
  log.listen([&](const Event& event) {
    heard.push_back("a" + std::to_string(event.seq));
    if (event.seq == 1) add(log, kTestDriver);
  });
  log.listen([&](const Event& event) { heard.push_back("b" + std::to_string(event.seq)); });
  add(log, kDb);
  EXPECT_EQ(heard, (std::vector<std::string>{"a1", "b1", "a2", "b2"}));
}

TEST(EventLogTest, ListenerAddedWhileTellingHearsOnlyLaterEvents) {
  EventLog log({"db"});
  std::vector<uint64_t> heard;
  log.listen([&](const Event& event) {
    if (event.seq == 1) log.listen([&](const Event& later) { heard.push_back(later.seq); });
  });
  add(log, kDb);
  add(log, kDb);
  EXPECT_EQ(heard, std::vector<uint64_t>{2});
}

TEST(EventLogTest, ListenerMayTakeItselfOff) {
  EventLog log({"db"});
  int heard = 0;
  EventLog::ListenerId id = 0;
  id = log.listen([&](const Event&) {
    ++heard;
    log.stop_listening(id);
  });
  add(log, kDb);
  add(log, kDb);
  EXPECT_EQ(heard, 1);
}

// Spec §17.3: the host's own component grows by exactly one per event of that host; a clock covers
// those of its causes; and an event knows of another exactly when a chain of events leads there.
RC_GTEST_PROP(EventLogProperty, ClocksAreCausality, ()) {
  const auto services = *rc::gen::inRange<uint16_t>(1, 4);
  std::vector<std::string> names;
  for (uint16_t i = 0; i < services; ++i) names.push_back("s" + std::to_string(i));
  EventLog log(names);
  std::vector<std::vector<bool>> reaches;  // reaches[e][c]: c happened before e
  std::map<uint16_t, size_t> last, count;
  const auto steps = *rc::gen::inRange(0, 40);
  for (int step = 0; step < steps; ++step) {
    const auto host = *rc::gen::inRange<uint16_t>(0, static_cast<uint16_t>(services + 1));
    std::vector<uint64_t> causes;
    if (log.size() > 0 && *rc::gen::arbitrary<bool>()) {
      causes.push_back(*rc::gen::inRange<uint64_t>(1, log.size() + 1));
    }
    const Event& event = add(log, host == services ? kTestDriver : ServiceId{host}, causes);
    std::vector<bool> known(event.seq, false);
    const auto learn = [&](size_t index) {
      known[index] = true;
      for (size_t i = 0; i < reaches[index].size(); ++i) {
        if (reaches[index][i]) known[i] = true;
      }
    };
    if (last.contains(host)) learn(last[host]);
    for (uint64_t cause : causes) learn(cause - 1);
    reaches.push_back(known);
    last[host] = event.seq - 1;
    RC_ASSERT(event.clock.at(host) == ++count[host]);
  }
  for (uint64_t a = 1; a <= log.size(); ++a) {
    for (uint64_t b = a + 1; b <= log.size(); ++b) {
      RC_ASSERT(log.at(a).clock.covered_by(log.at(b).clock) == reaches[b - 1][a - 1]);
    }
  }
}

}  // namespace
}  // namespace fb
