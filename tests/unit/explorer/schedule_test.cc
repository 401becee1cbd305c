#include "explorer/schedule.h"

#include "core/base/wire.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fb {
namespace {

Schedule example() {
  return {7,
          "optimal",
          "deterministic",
          {{"charge", "pread64", "/data/1.json [0,32)", 0},
           {"charge:2", "pwrite64", "/data/1.json [0,31)", 1},
           {"charge", "pwrite64", "/data/1.json [0,31)", 0}}};
}

rc::Gen<Schedule> any_schedule() {
  return rc::gen::exec([] {
    Schedule schedule;
    schedule.seed = *rc::gen::arbitrary<uint64_t>();
    schedule.strategy = *rc::gen::arbitrary<std::string>();
    schedule.level = *rc::gen::arbitrary<std::string>();
    const auto name = rc::gen::oneOf(rc::gen::element<std::string>("a", "b", "", "futex"),
                                     rc::gen::arbitrary<std::string>());
    const int steps = *rc::gen::inRange(0, 12);
    for (int i = 0; i < steps; ++i)
      schedule.steps.push_back({*name, *name, *name, *rc::gen::arbitrary<uint32_t>()});
    return schedule;
  });
}

RC_GTEST_PROP(ScheduleText, IsReadBack, ()) {
  const Schedule schedule = *any_schedule();
  const std::string text = schedule_text(schedule);
  const Result<Schedule> read = parse_schedule(text);
  RC_ASSERT(read.ok());
  RC_ASSERT(*read == schedule);
  RC_ASSERT(text.find_first_of(" \n\t'\"\\$") == std::string::npos);
}

RC_GTEST_PROP(ScheduleText, ChangedCharacterIsNoticed, ()) {
  const std::string text = schedule_text(*any_schedule());
  std::string changed = text;
  const auto position =
      static_cast<size_t>(*rc::gen::inRange<int>(0, static_cast<int>(text.size())));
  changed[position] = *rc::gen::inRange('!', '~');
  RC_PRE(changed != text);
  RC_ASSERT(!parse_schedule(changed).ok());
}

RC_GTEST_PROP(ScheduleText, CutOffTextIsNoticed, ()) {
  const std::string text = schedule_text(*any_schedule());
  const auto length = static_cast<size_t>(*rc::gen::inRange<int>(0, static_cast<int>(text.size())));
  RC_ASSERT(!parse_schedule(text.substr(0, length)).ok());
}

TEST(ScheduleText, LineEndOfAFileDoesNoHarm) {
  const Result<Schedule> read = parse_schedule(schedule_text(example()) + "\n");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, example());
}

TEST(ScheduleText, RepeatedNamesAreShort) {
  Schedule schedule = example();
  for (int i = 0; i < 400; ++i) schedule.steps.push_back(schedule.steps[0]);
  EXPECT_LE(schedule_text(schedule).size(), 2300u);
}

TEST(ScheduleText, TellsWhatIsWrong) {
  const auto message = [](std::string_view text) { return parse_schedule(text).error().message; };
  EXPECT_EQ(message("hello"), "not a schedule: it does not begin with \"fbs1:\"");
  EXPECT_EQ(message(""), "not a schedule: it does not begin with \"fbs1:\"");
  EXPECT_EQ(message("fbs2:AAAA"), "the schedule has version 2, this faultbox reads version 1");
  EXPECT_TRUE(message("fbs1:AAAA").starts_with("the schedule is damaged or cut off: "))
      << message("fbs1:AAAA");
  EXPECT_TRUE(message("fbs1:!").starts_with("the schedule is damaged or cut off: "));
}

TEST(SchedulePlan, NamesBecomeActors) {
  const std::vector<std::string> services = {"bank", "charge"};
  const Result<Plan> plan = plan_of(example(), services);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->seed, 7u);
  ASSERT_EQ(plan->prefix.size(), 3u);
  EXPECT_EQ(plan->prefix[0].choice.actor, ActorId::service({1}, 0, 0));
  EXPECT_EQ(plan->prefix[1].choice, (Choice{ActorId::service({1}, 2, 0), 1}));
  EXPECT_EQ(plan->prefix[1].operation, "pwrite64");
  EXPECT_EQ(plan->prefix[1].key, "/data/1.json [0,31)");
}

TEST(SchedulePlan, UnknownServiceIsNamed) {
  const std::vector<std::string> services = {"bank"};
  EXPECT_EQ(plan_of(example(), services).error().message,
            "decision 0 of the schedule: no actor is named \"charge\"");
}

}  // namespace
}  // namespace fb
