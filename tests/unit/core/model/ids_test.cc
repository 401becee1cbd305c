#include "core/model/ids.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace fb {
namespace {

const std::vector<std::string> kServices = {"ledger", "api-1", "test.db", "timer"};

TEST(ActorNameTest, IsMadeOfPositions) {
  const ActorId branch = ActorId::branch(ActorId::test(), 1);
  EXPECT_EQ(actor_name(ActorId::test(), kServices), "test");
  EXPECT_EQ(actor_name(branch, kServices), "test/1");
  EXPECT_EQ(actor_name(ActorId::branch(branch, 0), kServices), "test/1/0");
  EXPECT_EQ(actor_name(ActorId::service({0}, 0, 0), kServices), "ledger");
  EXPECT_EQ(actor_name(ActorId::service({0}, 2, 0), kServices), "ledger:2");
  EXPECT_EQ(actor_name(ActorId::service({0}, 2, 3), kServices), "ledger:2.3");
  EXPECT_EQ(actor_name(ActorId::service({1}, 0, 3), kServices), "api-1:0.3");
  EXPECT_EQ(actor_name(ActorId::timer(4), kServices), "timer#4");
  EXPECT_EQ(actor_name({ActorId::Kind::kProxy, 9, 0, 0}, kServices), "proxy#9");
}

rc::Gen<ActorId> any_actor() {
  const auto small =
      rc::gen::oneOf(rc::gen::inRange<uint32_t>(0, 4), rc::gen::arbitrary<uint32_t>());
  return rc::gen::oneOf(
      rc::gen::just(ActorId::test()),
      rc::gen::map(rc::gen::arbitrary<uint16_t>(), [](uint16_t n) { return ActorId::timer(n); }),
      rc::gen::map(rc::gen::arbitrary<uint16_t>(),
                   [](uint16_t n) {
                     return ActorId{ActorId::Kind::kProxy, n, 0, 0};
                   }),
      rc::gen::map(rc::gen::tuple(rc::gen::inRange<uint16_t>(0, 4), small, small),
                   [](const std::tuple<uint16_t, uint32_t, uint32_t>& t) {
                     return ActorId::service({std::get<0>(t)}, std::get<1>(t), std::get<2>(t));
                   }),
      rc::gen::map(rc::gen::suchThat(rc::gen::container<std::vector<uint32_t>>(
                                         rc::gen::inRange<uint32_t>(0, 255)),
                                     [](const auto& path) { return path.size() <= 4; }),
                   [](const std::vector<uint32_t>& path) {
                     ActorId actor = ActorId::test();
                     for (uint32_t i : path) actor = ActorId::branch(actor, i);
                     return actor;
                   }));
}

RC_GTEST_PROP(ActorNameTest, IsReadBack, ()) {
  const ActorId actor = *rc::gen::resize(4, any_actor());
  const Result<ActorId> back = parse_actor_name(actor_name(actor, kServices), kServices);
  RC_ASSERT(back.ok());
  RC_ASSERT((*back == actor));
}

TEST(ParseActorNameTest, RefusesOtherNames) {
  for (std::string_view name : {"",
                                "nobody",
                                "ledger:",
                                "ledger:0",
                                "ledger:02",
                                "ledger:2.0",
                                "ledger:2.",
                                "ledger:x",
                                "ledger:4294967296",
                                "ledger:-1",
                                "test/",
                                "test/255",
                                "test/0/1/2/3/4",
                                "test/01",
                                "timer#",
                                "timer#65536",
                                "timer#04",
                                "proxy#x",
                                "service#9",
                                "Ledger"}) {
    const Result<ActorId> actor = parse_actor_name(name, kServices);
    ASSERT_FALSE(actor) << name;
    EXPECT_EQ(actor.error().code, Code::kNotFound);
  }
}

RC_GTEST_PROP(ParseActorNameTest, TakesAnyText, ()) {
  const auto text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("testledger/:.#0123456789")));
  const Result<ActorId> actor = parse_actor_name(text, kServices);
  if (actor) RC_ASSERT(actor_name(*actor, kServices) == text);
}

}  // namespace
}  // namespace fb
