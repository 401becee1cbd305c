// All that a replay needs: the seed and what was chosen at every decision of the explored scope.
// The content says what was chosen, not how-manieth it was: a schedule that no longer fits is
// noticed and named instead of followed into the wrong place.
//
// Text form: one line, "fbs1:" + base64url of the compact encoding. Every schedule has exactly one
// text, and only that text is read back. The same line is the content of a schedule file.
#pragma once
#include "core/base/result.h"
#include "core/sched/world.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fb {

struct ScheduleStep {
  std::string actor;  // as actor_name() writes it
  std::string operation;
  std::string key;
  uint32_t outcome = 0;
  auto operator<=>(const ScheduleStep&) const = default;
};

struct Schedule {
  uint64_t seed = 0;
  std::string strategy;  // how it was found: "all", "surw", …
  std::string level;     // level of control it was recorded at
  std::vector<ScheduleStep> steps;
  auto operator<=>(const Schedule&) const = default;
};

// Longer texts belong into a file.
inline constexpr size_t kScheduleTextMax = 2048;

std::string schedule_text(const Schedule& schedule);
// Errors name the defect: not a schedule, made by a newer version, damaged or cut off. White space
// around the text is ignored, so that a file's last line end does no harm.
Result<Schedule> parse_schedule(std::string_view text);

// What `record` did.
Schedule schedule_of(const ExecutionRecord& record, uint64_t seed, std::string strategy,
                     std::string level);
// A plan that follows the schedule to its end and goes on in the default order. Error: the schedule
// names an actor that cannot exist among `services`.
Result<Plan> plan_of(const Schedule& schedule, std::span<const std::string> services);

}  // namespace fb
