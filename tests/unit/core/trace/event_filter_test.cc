#include "core/trace/event_filter.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace fb {
namespace {

using Filters = std::vector<std::pair<std::string, std::string>>;

Event syscall_event(uint64_t seq, std::string call, std::string decision, std::string path = "") {
  Event event;
  event.seq = seq;
  event.service = "db";
  event.fields = {{"syscall", std::move(call)}, {"pid", "7"}, {"decision", std::move(decision)}};
  if (!path.empty()) event.fields.add("path", std::move(path));
  return event;
}

EventFilter filter(Filters filters, EventPredicate where = nullptr) {
  auto made = EventFilter::make(std::move(filters), std::move(where),
                                [](std::string_view) { return std::string("/srv/db"); });
  EXPECT_TRUE(made.ok());
  return std::move(made).value();
}

bool path_matches(const std::string& pattern, const std::string& path) {
  return filter({{"path", pattern}}).matches(syscall_event(1, "write", "allow", path));
}

TEST(EventFilterTest, AllFiltersMustHold) {
  const Event event = syscall_event(12, "fsync", "deny(input/output error)");
  EXPECT_TRUE(
      filter({{"service", "db"}, {"syscall", "fsync"}, {"decision", "deny*"}}).matches(event));
  EXPECT_FALSE(filter({{"service", "db"}, {"syscall", "write"}}).matches(event));
  EXPECT_TRUE(filter({}).matches(event));
}

TEST(EventFilterTest, AttributesAndFields) {
  const Event event = syscall_event(12, "fsync", "allow");
  EXPECT_TRUE(filter({{"seq", "12"}}).matches(event));
  EXPECT_FALSE(filter({{"seq", "1"}}).matches(event));
  EXPECT_TRUE(filter({{"type", "syscall"}}).matches(event));
  EXPECT_TRUE(filter({{"event_type", "syscall.f*"}}).matches(event));
  EXPECT_TRUE(filter({{"pid", "7"}}).matches(event));
}

TEST(EventFilterTest, TypeAlsoMatchesADecodedField) {
  Event event;
  event.seq = 1;
  event.type = EventType::kStdout;
  event.fields = {{"type", "order.created"}, {"data", "{}"}};
  EXPECT_TRUE(filter({{"type", "stdout"}}).matches(event));
  EXPECT_TRUE(filter({{"type", "order.*"}}).matches(event));
  EXPECT_FALSE(filter({{"type", "order.paid"}}).matches(event));
}

TEST(EventFilterTest, AnAbsentFieldMatchesOnlyTheEmptyPattern) {
  const Event event = syscall_event(1, "fsync", "allow");
  EXPECT_FALSE(filter({{"label", "*"}}).matches(event));
  EXPECT_TRUE(filter({{"label", ""}}).matches(event));
  EXPECT_TRUE(filter({{"path", ""}}).matches(event));
}

TEST(EventFilterTest, PathIsAPathPattern) {
  EXPECT_TRUE(path_matches("*.wal", "/tmp/x.wal"));
  EXPECT_TRUE(path_matches("/tmp/**/x.wal", "/tmp/a/b/x.wal"));
  EXPECT_FALSE(path_matches("/tmp/?/x.wal", "/tmp/a/b/x.wal"));
  EXPECT_TRUE(path_matches("data/x.wal", "/srv/db/data/x.wal"));
  EXPECT_FALSE(path_matches("data/x.wal", "/other/data/x.wal"));
}

TEST(EventFilterTest, PathWithOneStarAtAnEndIsAlsoAPlainPrefixOrSuffix) {
  EXPECT_TRUE(path_matches("/tmp/*", "/tmp/a/b/c"));
  EXPECT_TRUE(path_matches("socket*", "socket:[12]"));
  EXPECT_TRUE(path_matches("*/b/c", "/tmp/a/b/c"));
  // Two wildcards: segments count again.
  EXPECT_FALSE(path_matches("/tmp/*/c*", "/tmp/a/b/c"));
  EXPECT_FALSE(path_matches("/t?p/*", "/tmp/a/b"));
}

TEST(EventFilterTest, MalformedPathPatternIsAnError) {
  EXPECT_FALSE(EventFilter::make({{"path", "[a-"}}).ok());
}

TEST(EventFilterTest, SyscallAliasesMeanTheKernelsName) {
  EXPECT_TRUE(filter({{"syscall", "pread"}}).matches(syscall_event(1, "pread64", "allow")));
  EXPECT_FALSE(filter({{"syscall", "pread"}}).matches(syscall_event(1, "read", "allow")));
}

TEST(EventFilterTest, PredicateIsAskedOnlyWhenTheFiltersHold) {
  int asked = 0;
  const EventFilter both = filter({{"syscall", "fsync"}}, [&](const Event& event) {
    ++asked;
    return event.seq > 1;
  });
  EXPECT_FALSE(both.matches(syscall_event(5, "write", "allow")));
  EXPECT_EQ(asked, 0);
  EXPECT_FALSE(both.matches(syscall_event(1, "fsync", "allow")));
  EXPECT_TRUE(both.matches(syscall_event(2, "fsync", "allow")));
  EXPECT_EQ(asked, 2);
}

TEST(EventFilterTest, TextListsTheFilters) {
  EXPECT_EQ(filter({{"service", "db"}, {"syscall", "fsync"}}).text(),
            R"(service="db", syscall="fsync")");
}

TEST(ClosestEventsTest, MostFiltersMetThenNearestValueThenLatest) {
  const std::vector<Event> events = {
      syscall_event(1, "fdatasync", "allow"),                 // one of two, far
      syscall_event(2, "fsync", "allow"),                     // one of two
      syscall_event(3, "write", "deny(input/output error)"),  // one of two
      syscall_event(4, "fsync", "allow"),                     // as 2, later
      syscall_event(5, "openat", "allow (system path)"),      // none
  };
  const auto closest =
      closest_events(filter({{"syscall", "fsync"}, {"decision", "allowed"}}), events);
  ASSERT_EQ(closest.size(), 3u);
  EXPECT_EQ(closest[0].seq, 4u);
  EXPECT_EQ(closest[1].seq, 2u);
  EXPECT_EQ(closest[0].failed, R"(decision="allowed" (is "allow"))");
  EXPECT_EQ(closest[2].met, 0u);
}

TEST(ClosestEventsTest, NamesThePredicateAndAbsentFields) {
  const std::vector<Event> events = {syscall_event(1, "fsync", "allow")};
  const auto by_predicate =
      closest_events(filter({{"syscall", "fsync"}}, [](const Event&) { return false; }), events);
  ASSERT_EQ(by_predicate.size(), 1u);
  EXPECT_EQ(by_predicate[0].failed, "where= predicate");
  const auto absent = closest_events(filter({{"syscall", "fsync"}, {"label", "wal"}}), events);
  ASSERT_EQ(absent.size(), 1u);
  EXPECT_EQ(absent[0].failed, R"(label="wal" (absent))");
}

TEST(ClosestEventsTest, WhatHasNothingInCommonIsNotListed) {
  const std::vector<Event> events = {syscall_event(1, "fsync", "allow")};
  EXPECT_TRUE(closest_events(filter({{"label", "wal"}}), events).empty());
}

TEST(ClosestEventsTest, MatchingEventsAreNoMisses) {
  const std::vector<Event> events = {syscall_event(1, "fsync", "allow")};
  EXPECT_TRUE(closest_events(filter({{"syscall", "fsync"}}), events).empty());
}

TEST(DescribeEventTest, FormsOfAppendixA) {
  EXPECT_EQ(describe_event(syscall_event(41, "write", "allow", "/d/x")),
            "#41 (service=db syscall=write decision=allow path=/d/x)");
  Event partition;
  partition.seq = 3;
  partition.type = EventType::kPartitionApplied;
  partition.fields = {{"between", "a,b"}};
  EXPECT_EQ(describe_event(partition), "#3 (type=partition_applied between=a,b)");
}

}  // namespace
}  // namespace fb
