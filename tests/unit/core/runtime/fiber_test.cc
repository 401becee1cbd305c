#include "core/runtime/fiber.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace fb {
namespace {

TEST(FiberTest, RunsInTheOrderOfSpawning) {
  FiberPool pool;
  std::string order;
  for (char c : {'a', 'b', 'c'}) pool.spawn("f", [&order, c] { order += c; });
  EXPECT_EQ(pool.alive(), 3u);
  EXPECT_TRUE(pool.anything_ready());
  pool.run_ready();
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(pool.alive(), 0u);
}

TEST(FiberTest, GoesOnInTheOrderOfWakeUps) {
  FiberPool pool;
  std::string order;
  std::vector<Fiber*> fibers;
  for (char c : {'a', 'b', 'c'})
    fibers.push_back(&pool.spawn("f", [&order, c] {
      FiberPool::park();
      order += c;
    }));
  pool.run_ready();
  EXPECT_FALSE(pool.anything_ready());
  for (size_t i : {2u, 0u, 1u, 2u}) FiberPool::wake(*fibers[i]);  // the second of c is the same one
  pool.run_ready();
  EXPECT_EQ(order, "cab");
}

TEST(FiberTest, AWakeUpWhileRunningIsKept) {
  FiberPool pool;
  int rounds = 0;
  pool.spawn("f", [&] {
    FiberPool::wake(*FiberPool::current());
    FiberPool::wake(*FiberPool::current());
    FiberPool::park();
    ++rounds;
    FiberPool::park();
    ++rounds;
  });
  pool.run_ready();
  EXPECT_EQ(rounds, 1) << "two wake-ups while running are one";
}

TEST(FiberTest, ASpawnedFiberRunsAfterWhatWasReadyBefore) {
  FiberPool pool;
  std::string order;
  pool.spawn("a", [&] {
    order += 'a';
    pool.spawn("c", [&] { order += 'c'; });
    order += 'A';
  });
  pool.spawn("b", [&] { order += 'b'; });
  pool.run_ready();
  EXPECT_EQ(order, "aAbc");
}

TEST(FiberTest, KnowsWhoRuns) {
  FiberPool pool;
  EXPECT_EQ(FiberPool::current(), nullptr);
  std::string name;
  pool.spawn("the name", [&] { name = name_of(*FiberPool::current()); });
  pool.run_ready();
  EXPECT_EQ(name, "the name");
  EXPECT_EQ(FiberPool::current(), nullptr);
}

struct Noted {
  std::string& into;
  char c;
  ~Noted() { into += c; }
};

TEST(FiberTest, CancellingAParkedOneUnwindsItsStack) {
  FiberPool pool;
  std::string order;
  Fiber& fiber = pool.spawn("f", [&] {
    Noted first{order, '1'};
    [&] {
      Noted second{order, '2'};
      FiberPool::park();
      order += 'x';
    }();
  });
  pool.run_ready();
  FiberPool::cancel(fiber);
  EXPECT_EQ(order, "") << "the unwinding takes its turn among the ready ones";
  pool.run_ready();
  EXPECT_EQ(order, "21");
  EXPECT_EQ(pool.alive(), 0u);
}

TEST(FiberTest, CancellingARunningOneUnwindsAtTheNextPark) {
  FiberPool pool;
  std::string order;
  pool.spawn("f", [&] {
    Noted noted{order, '1'};
    FiberPool::cancel(*FiberPool::current());
    order += 'a';
    FiberPool::park();
    order += 'x';
  });
  pool.run_ready();
  EXPECT_EQ(order, "a1");
  EXPECT_EQ(pool.alive(), 0u);
}

TEST(FiberTest, ACancelledOneThatReturnsWithoutParkingJustEnds) {
  FiberPool pool;
  bool ended = false;
  pool.spawn("f", [&] {
    FiberPool::cancel(*FiberPool::current());
    ended = true;
  });
  pool.run_ready();
  EXPECT_TRUE(ended);
  EXPECT_EQ(pool.alive(), 0u);
  EXPECT_FALSE(pool.anything_ready());
}

TEST(FiberTest, ACancelledOneThatNeverRanNeverStarts) {
  FiberPool pool;
  bool ran = false;
  FiberPool::cancel(pool.spawn("f", [&] { ran = true; }));
  pool.run_ready();
  EXPECT_FALSE(ran);
  EXPECT_EQ(pool.alive(), 0u);
}

TEST(FiberTest, DestructorsOfAnUnwindingFiberMayWakeAndSpawn) {
  std::string order;
  {
    FiberPool pool;
    Fiber* other = nullptr;
    struct Farewell {
      FiberPool& pool;
      Fiber*& other;
      std::string& order;
      ~Farewell() {
        FiberPool::wake(*FiberPool::current());
        FiberPool::wake(*other);
        pool.spawn("late", [&o = order] { o += 'l'; });
      }
    };
    Fiber& fiber = pool.spawn("f", [&] {
      Farewell farewell{pool, other, order};
      FiberPool::park();
    });
    other = &pool.spawn("other", [&] {
      FiberPool::park();
      order += 'o';
    });
    pool.run_ready();
    FiberPool::cancel(fiber);
    pool.run_ready();
    EXPECT_EQ(order, "ol");
    EXPECT_EQ(pool.alive(), 0u);
  }
  EXPECT_EQ(order, "ol");
}

TEST(FiberTest, ThePoolCancelsWhatStillRuns) {
  std::string order;
  {
    FiberPool pool;
    for (char c : {'a', 'b'})
      pool.spawn("f", [&order, c] {
        Noted noted{order, c};
        FiberPool::park();
      });
    pool.run_ready();
    pool.spawn("never", [&order] { order += 'x'; });
  }
  EXPECT_EQ(order, "ab");
}

TEST(FiberTest, WhatTheBodyHoldsIsGoneWhenTheFiberIs) {
  auto held = std::make_shared<int>(1);
  FiberPool pool;
  pool.spawn("f", [held] { FiberPool::park(); });
  Fiber& never = pool.spawn("g", [held] {});
  EXPECT_EQ(held.use_count(), 3);
  FiberPool::cancel(never);
  pool.run_ready();
  EXPECT_EQ(held.use_count(), 2);
}

#ifndef __SANITIZE_THREAD__  // it counts fibers as threads and gives up at 8128
TEST(FiberTest, TenThousandParkedAtOnce) {
  FiberPool pool;
  std::vector<Fiber*> fibers;
  uint64_t sum = 0;
  for (uint64_t i = 0; i < 10'000; ++i)
    fibers.push_back(&pool.spawn(
        "f",
        [&sum, i] {
          FiberPool::park();
          sum += i;
        },
        16 * 1024));
  pool.run_ready();
  EXPECT_EQ(pool.alive(), 10'000u);
  for (Fiber* fiber : fibers) FiberPool::wake(*fiber);
  pool.run_ready();
  EXPECT_EQ(sum, 49'995'000u);
  EXPECT_EQ(pool.alive(), 0u);
}
#endif

TEST(FiberTest, OneHasTheStackItAskedFor) {
  FiberPool pool;
  size_t used = 0;
  pool.spawn(
      "deep",
      [&used] {
        volatile char block[900 * 1024];
        for (size_t i = 0; i < sizeof block; i += 4096) block[i] = 1;
        for (size_t i = 0; i < sizeof block; i += 4096) used += static_cast<size_t>(block[i]);
      },
      1024 * 1024);
  pool.run_ready();
  EXPECT_EQ(used, 225u);
}

TEST(FiberDeathTest, WaitingWhileBeingCancelledIsABug) {
  EXPECT_DEATH(
      {
        FiberPool pool;
        struct Waits {
          ~Waits() { FiberPool::park(); }
        };
        Fiber& fiber = pool.spawn("f", [] {
          Waits waits;
          FiberPool::park();
        });
        pool.run_ready();
        FiberPool::cancel(fiber);
        pool.run_ready();
      },
      "unwinding");
}

// A program of wake-ups and spawns, written by RapidCheck, runs in the same order twice.
std::string trace_of(const std::vector<uint8_t>& program) {
  std::string trace;
  std::vector<Fiber*> fibers;
  size_t position = 0;
  FiberPool pool;
  std::function<void()> body = [&] {
    const char self = static_cast<char>('A' + name_of(*FiberPool::current()).size());
    while (position < program.size()) {
      const uint8_t op = program[position++];
      trace += self;
      if (op % 3 == 0 && fibers.size() < 16) {
        fibers.push_back(&pool.spawn(std::string(fibers.size(), 'f'), body));
      } else if (op % 3 == 1) {
        FiberPool::wake(*fibers[op / 3 % fibers.size()]);
      } else {
        FiberPool::wake(*FiberPool::current());
        FiberPool::park();
      }
    }
    // Nobody ends, so that every reference stays valid.
    while (true) FiberPool::park();
  };
  fibers.push_back(&pool.spawn("", body));
  pool.run_ready();
  return trace;
}

RC_GTEST_PROP(FiberProperty, OrderIsAFunctionOfTheProgram, (std::vector<uint8_t> program)) {
  RC_ASSERT(trace_of(program) == trace_of(program));
}

}  // namespace
}  // namespace fb
