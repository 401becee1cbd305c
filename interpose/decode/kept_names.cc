#include "interpose/decode/kept_names.h"

#include "core/base/check.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <unistd.h>

namespace fb {
namespace {

// Watching a file costs as much as asking for its name some fifteen times.
constexpr uint32_t kTimesBeforeKept = 8;
// Threads that use one descriptor; with more, all of them begin again.
constexpr size_t kMaxPerDescriptor = 64;

enum class Effect : uint8_t { kNone, kCloses, kClosesRange, kReplaces, kExecs, kStops };

struct Row {
  std::string_view call;
  Effect effect;
};
constexpr Row kRows[] = {
    {"close", Effect::kCloses},         {"close_range", Effect::kClosesRange},
    {"dup2", Effect::kReplaces},        {"dup3", Effect::kReplaces},
    {"execve", Effect::kExecs},         {"execveat", Effect::kExecs},
    {"io_uring_setup", Effect::kStops}, {"mount", Effect::kStops},
    {"move_mount", Effect::kStops},     {"pivot_root", Effect::kStops},
    {"umount2", Effect::kStops},
};

struct Effects {
  std::array<Effect, SyscallSet::kCapacity> of{};
  SyscallSet calls;
  Effects() {
    for (const Row& row : kRows) {
      const auto id = find_syscall(row.call);
      FB_CHECK(id.has_value());
      of[id->value] = row.effect;
      calls.insert(*id);
    }
  }
};
const Effects& effects() {
  static const Effects table;
  return table;
}

uint64_t number(uint64_t argument) {
  return static_cast<uint32_t>(
      argument);  // the upper half of a descriptor's register means nothing
}

}  // namespace

const SyscallSet& KeptNames::calls_to_see() {
  return effects().calls;
}

bool KeptNames::pay_for(const SyscallSet& recorded) {
  for (const std::string_view family : {"read", "write", "recvfrom", "sendto"})
    for (const SyscallId id : expand_family(family))
      if (recorded.contains(id)) return true;
  return false;
}

void KeptNames::arrived(Caller caller, SyscallId call, const std::array<uint64_t, 6>& arguments) {
  if (stopped_) return;
  if (!under_way_.empty()) under_way_.erase(caller.tid);
  Numbers numbers;
  switch (effects().of[call.value]) {
    case Effect::kNone:
      return;
    case Effect::kStops:
      return stop();
    case Effect::kCloses:
      numbers = {number(arguments[0]), number(arguments[0])};
      break;
    case Effect::kClosesRange:
      numbers = {number(arguments[0]), number(arguments[1])};
      break;
    case Effect::kReplaces:
      numbers = {number(arguments[1]), number(arguments[1])};
      break;
    case Effect::kExecs:
      // The exec of another thread is followed by calls of the first one, which it ends: nobody
      // could tell whether one came before.
      if (!caller.is_first_thread) return stop();
      numbers = {0, std::numeric_limits<uint64_t>::max()};
      break;
  }
  forget(numbers);
  under_way_.emplace(caller.tid, numbers);
  if (under_way_.size() >= look_for_dead_at_) drop_dead_callers();
}

void KeptNames::forget(Numbers numbers) {
  for (auto it = names_.begin(); it != names_.end();)
    it = numbers.contains(it->first) ? names_.erase(it) : std::next(it);
}

void KeptNames::stop() {
  stopped_ = true;
  names_.clear();
  under_way_.clear();
}

// Threads that end after a close make no next call.
void KeptNames::drop_dead_callers() {
  std::erase_if(under_way_, [](const auto& entry) {
    return access(fmt::format("/proc/{}", entry.first).c_str(), F_OK) != 0;
  });
  look_for_dead_at_ = std::max<size_t>(64, 2 * under_way_.size());
}

const std::string* KeptNames::find(const Target& target, int fd) const {
  const auto found = names_.find(fd);
  if (found == names_.end()) return nullptr;
  for (const Name& name : found->second) {
    if (name.target != target.serial()) continue;
    const bool right = name.kept && (!name.is_file || name.moves == moves_.moves());
    return right ? &name.text : nullptr;
  }
  return nullptr;
}

void KeptNames::learn(const Target& target, int fd, const std::string& text) {
  const auto names_it = [&](const auto& entry) { return entry.second.contains(fd); };
  if (stopped_ || std::any_of(under_way_.begin(), under_way_.end(), names_it)) return;
  std::vector<Name>& names = names_[fd];
  if (names.size() >= kMaxPerDescriptor) names.clear();
  auto name = std::find_if(names.begin(), names.end(),
                           [&](const Name& one) { return one.target == target.serial(); });
  if (name == names.end()) name = names.insert(names.end(), Name{.target = target.serial()});
  if (++name->times < kTimesBeforeKept) return;
  name->is_file = text.starts_with('/');
  name->times = 0;
  if (name->is_file) {
    // What was moved before the watch is there shows in the link, what is moved later in moves().
    if (!moves_.watch(target, fd, text) || target.fd_link(fd) != text) return;
    name->moves = moves_.moves();
  }
  name->text = without_deleted(text);
  name->kept = true;
}

}  // namespace fb
