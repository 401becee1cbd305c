#include "core/trace/event_selection.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

std::vector<Event> log(size_t size, size_t denied) {
  std::vector<Event> events;
  for (size_t i = 0; i < size; ++i) {
    Event event;
    event.seq = i + 1;
    event.fields = {{"decision", i == denied ? "deny(input/output error)" : "allow"}};
    events.push_back(std::move(event));
  }
  return events;
}

std::vector<uint64_t> seqs(const std::vector<Event>& events) {
  std::vector<uint64_t> out;
  for (const Event& event : events) out.push_back(event.seq);
  return out;
}

TEST(EventSelectionTest, AShortLogStaysWhole) {
  EXPECT_EQ(select_events(log(3, 1), 3).size(), 3u);
}

TEST(EventSelectionTest, FaultsThenNeighboursInLogOrder) {
  EXPECT_EQ(seqs(select_events(log(100, 50), 1)), std::vector<uint64_t>{51});
  EXPECT_EQ(seqs(select_events(log(100, 50), 3)), (std::vector<uint64_t>{50, 51, 52}));
}

TEST(EventSelectionTest, WithoutAnythingSpecialTheBeginning) {
  EXPECT_EQ(seqs(select_events(log(10, 99), 2)), (std::vector<uint64_t>{1, 2}));
}

}  // namespace
}  // namespace fb
