#include "explorer/shard.h"

#include "core/base/text.h"

#include <charconv>
#include <fmt/format.h>
#include <optional>

namespace fb {

namespace {

constexpr uint64_t kShardsMax = 1'000'000;

std::optional<uint64_t> number_of(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<std::optional<uint64_t>> variable(const std::map<std::string, std::string>& environment,
                                         const char* name) {
  const auto found = environment.find(name);
  if (found == environment.end() || found->second.empty()) return std::optional<uint64_t>();
  const std::optional<uint64_t> number = number_of(found->second);
  if (!number) return invalid(fmt::format("{}={} is not a number", name, quote(found->second)));
  return number;
}

Result<uint64_t> parse_count(std::string_view text) {
  const std::optional<uint64_t> count = number_of(text);
  if (!count || *count < 1 || *count > kShardsMax)
    return invalid(fmt::format("{} is no number of parts (1 to {})", quote(text), kShardsMax));
  return *count;
}

}  // namespace

std::string Shard::text() const {
  return fmt::format("{}/{}", index + 1, count);
}

// Array jobs count from 0 or from 1, or from anything: what matters is that the numbers of `count`
// tasks in a row fall on different parts.
Result<Shard> parse_shard(std::string_view text,
                          const std::map<std::string, std::string>& environment) {
  const std::optional<uint64_t> task = FB_TRY(variable(environment, "SLURM_ARRAY_TASK_ID"));
  const std::optional<uint64_t> tasks = FB_TRY(variable(environment, "SLURM_ARRAY_TASK_COUNT"));
  const std::optional<uint64_t> job = FB_TRY(variable(environment, "JOB_COMPLETION_INDEX"));
  if (text.empty()) {
    if (!task || !tasks) return Shard{};
    if (*tasks < 1 || *tasks > kShardsMax)
      return invalid(fmt::format("SLURM_ARRAY_TASK_COUNT={} is no number of parts", *tasks));
    return Shard{*task % *tasks, *tasks};
  }
  const size_t slash = text.find('/');
  const std::string_view which = text.substr(0, slash);
  std::optional<uint64_t> count;
  if (slash != std::string_view::npos) count = FB_TRY(parse_count(text.substr(slash + 1)));
  if (which == "auto") {
    if (!count) count = tasks;
    if (!count) return invalid("auto says nothing of the number of parts: write auto/N");
    const std::optional<uint64_t> number = task ? task : job;
    if (!number)
      return invalid(
          "auto needs SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX in the environment; neither is "
          "set");
    return Shard{*number % *count, *count};
  }
  const std::optional<uint64_t> number = number_of(which);
  if (!number || !count) return invalid(fmt::format("{} is not of the form K/N", quote(text)));
  if (*number < 1 || *number > *count)
    return invalid(
        fmt::format("part {} of {}: parts are numbered from 1 to {}", *number, *count, *count));
  return Shard{*number - 1, *count};
}

}  // namespace fb
