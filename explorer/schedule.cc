#include "explorer/schedule.h"

#include "core/base/wire.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <xxhash.h>

namespace fb {

namespace {

constexpr std::string_view kPrefix = "fbs1:";

// Names repeat all the time: each is written once, where it is first used, and then by number.
class NameWriter {
 public:
  explicit NameWriter(WireWriter& out) : out_(out) {}
  void write(std::string_view name) {
    const auto [entry, is_new] = numbers_.try_emplace(std::string(name), numbers_.size() + 1);
    out_.u64(is_new ? 0 : entry->second);
    if (is_new) out_.string(name);
  }

 private:
  WireWriter& out_;
  std::map<std::string, uint64_t> numbers_;
};

class NameReader {
 public:
  explicit NameReader(WireReader& in) : in_(in) {}
  Result<std::string> read() {
    const uint64_t number = FB_TRY(in_.u64_at_most(names_.size()));
    if (number > 0) return names_[number - 1];
    std::string name = FB_TRY(in_.string());
    if (std::find(names_.begin(), names_.end(), name) != names_.end())
      return invalid("a name is written twice");
    names_.push_back(name);
    return name;
  }

 private:
  WireReader& in_;
  std::vector<std::string> names_;
};

// Guards against typing errors and cut-off lines.
uint64_t checksum(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size()) & 0xffffffff;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

Result<Schedule> decode(std::string_view bytes) {
  WireReader in(bytes);
  NameReader names(in);
  Schedule schedule;
  const uint64_t expected = FB_TRY(in.u64());
  // The checksum is written first, so what it covers is the rest.
  WireWriter sum;
  sum.u64(expected);
  if (checksum(bytes.substr(sum.data().size())) != expected)
    return invalid("the checksum does not match");
  schedule.seed = FB_TRY(in.u64());
  schedule.strategy = FB_TRY(in.string());
  schedule.level = FB_TRY(in.string());
  const size_t steps = FB_TRY(in.count(4));
  schedule.steps.reserve(steps);
  for (size_t i = 0; i < steps; ++i) {
    ScheduleStep step;
    step.actor = FB_TRY(names.read());
    step.operation = FB_TRY(names.read());
    step.key = FB_TRY(names.read());
    step.outcome =
        static_cast<uint32_t>(FB_TRY(in.u64_at_most(std::numeric_limits<uint32_t>::max())));
    schedule.steps.push_back(std::move(step));
  }
  FB_TRY(in.finish());
  return schedule;
}

bool is_other_version(std::string_view text) {
  const size_t colon = text.find(':');
  if (!text.starts_with("fbs") || colon == std::string_view::npos || colon == 3) return false;
  return std::all_of(text.begin() + 3, text.begin() + static_cast<ptrdiff_t>(colon),
                     [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string schedule_text(const Schedule& schedule) {
  WireWriter body;
  NameWriter names(body);
  body.u64(schedule.seed);
  body.string(schedule.strategy);
  body.string(schedule.level);
  body.count(schedule.steps.size());
  for (const ScheduleStep& step : schedule.steps) {
    names.write(step.actor);
    names.write(step.operation);
    names.write(step.key);
    body.u64(step.outcome);
  }
  WireWriter sum;
  sum.u64(checksum(body.data()));
  return std::string(kPrefix) + base64url_encode(sum.data() + body.data());
}

Result<Schedule> parse_schedule(std::string_view text) {
  text = trim(text);
  if (!text.starts_with(kPrefix)) {
    if (is_other_version(text))
      return invalid(fmt::format("the schedule has version {}, this faultbox reads version 1",
                                 text.substr(3, text.find(':') - 3)));
    return invalid("not a schedule: it does not begin with \"fbs1:\"");
  }
  const Result<std::string> bytes = base64url_decode(text.substr(kPrefix.size()));
  if (!bytes.ok()) return bytes.error().within("the schedule is damaged or cut off");
  Result<Schedule> schedule = decode(*bytes);
  if (!schedule.ok()) return schedule.error().within("the schedule is damaged or cut off");
  return schedule;
}

Schedule schedule_of(const ExecutionRecord& record, uint64_t seed, std::string strategy,
                     std::string level) {
  Schedule schedule{seed, std::move(strategy), std::move(level), {}};
  schedule.steps.reserve(record.steps.size());
  for (const ExecutedStep& step : record.steps) {
    const Candidate& chosen = step.chosen();
    schedule.steps.push_back({actor_name(chosen.actor, record.services), chosen.operation,
                              chosen.key, step.choice.outcome});
  }
  return schedule;
}

Result<Plan> plan_of(const Schedule& schedule, std::span<const std::string> services) {
  Plan plan;
  plan.seed = schedule.seed;
  plan.prefix.reserve(schedule.steps.size());
  for (size_t i = 0; i < schedule.steps.size(); ++i) {
    const ScheduleStep& step = schedule.steps[i];
    const Result<ActorId> actor = parse_actor_name(step.actor, services);
    if (!actor.ok()) return actor.error().within(fmt::format("decision {} of the schedule", i));
    plan.prefix.push_back({{*actor, step.outcome}, step.operation, step.key});
  }
  return plan;
}

}  // namespace fb
