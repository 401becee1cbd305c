#include "interpose/footprint/service_model.h"

#include "core/model/pattern.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fb {
namespace {

// Below these nothing is written while services run, unless one does: touched_system().
constexpr std::string_view kSystem[] = {"/bin/",  "/etc/",  "/lib",  "/opt/",
                                        "/proc/", "/sbin/", "/sys/", "/usr/"};

bool below_dev(std::string_view path) {
  return path.starts_with("/dev/") && !path.starts_with("/dev/shm/") &&
         !path.starts_with("/dev/mqueue/");
}

bool holds_inode(uint64_t inode) {
  DIR* dir = opendir("/proc/self/fd");
  if (dir == nullptr) return false;
  bool found = false;
  while (const dirent* entry = readdir(dir)) {
    // Most are settled by their number, which costs a fraction of what the link does.
    const int fd = std::atoi(entry->d_name);
    struct stat info {};
    if (fstat(fd, &info) != 0 || info.st_ino != inode) continue;
    std::array<char, 64> link;
    const ssize_t length = readlinkat(dirfd(dir), entry->d_name, link.data(), link.size());
    if (length > 0 && inode_of_link({link.data(), static_cast<size_t>(length)}) == inode &&
        !DescriptorCopy::is_copy(fd))
      found = true;
  }
  closedir(dir);
  return found;
}

}  // namespace

ServiceModel::ServiceModel(Connections& connections)
    : connections_(connections), names_(same_open_file) {}

const ServiceModel::Row* ServiceModel::row_of_call(SyscallId call) {
  static const std::map<SyscallId, const Row*> rows = [] {
    std::map<SyscallId, const Row*> by_call;
    for (const auto& table :
         {file_rows(), io_rows(), process_rows(), readiness_rows(), socket_rows()})
      for (const Row& row : table)
        if (const auto id = find_syscall(row.name)) by_call.emplace(*id, &row);
    return by_call;
  }();
  auto found = rows.find(call);
  return found == rows.end() ? nullptr : found->second;
}

CallModel::Handling ServiceModel::classify(const ModelledCall& call, const Operation& operation) {
  by_tgid_.insert_or_assign(call.target.tgid(), ProcessName::of(call.actor));
  // What this thread made last is there; the memory that tells may be used again.
  for (const Made& made : made_)
    if (made.tid == call.target.tid()) name_made(made);
  std::erase_if(made_, [&](const Made& made) { return made.tid == call.target.tid(); });
  const Row* row = row_of_call(call.arguments.call);
  if (row == nullptr) return Handling::kVisible;
  Operation copy = operation;
  Context context{*this, call, copy};
  return row->classify == nullptr ? Handling::kVisible : row->classify(context);
}

bool ServiceModel::probe(const ModelledCall& call, Operation& operation) {
  operation.footprint = {};
  operation.potential = {};
  operation.key.clear();
  const Row* row = row_of_call(call.arguments.call);
  Context context{*this, call, operation};
  bool enabled = true;
  if (row == nullptr)
    operation.footprint.everything();
  else if (row->probe != nullptr)
    enabled = row->probe(context);
  order_in_time(call, operation);
  return enabled;
}

void ServiceModel::order_in_time(const ModelledCall& call, Operation& operation) {
  std::optional<uint64_t> after;
  if (auto slept = overslept_.find(call.actor); slept != overslept_.end()) after = slept->second;
  if (call.timed_out) after = std::max(after.value_or(0), call.timed_out_after);
  time_order(operation.footprint, operations(), after);
}

std::optional<Duration> ServiceModel::timeout(const ModelledCall& call) {
  return wait_limit(call);
}

bool ServiceModel::may_go(const ModelledCall& call) {
  const Row* row = row_of_call(call.arguments.call);
  if (row == nullptr || row->probe == nullptr) return true;
  Operation scratch;
  Context context{*this, call, scratch};
  return row->probe(context);
}

Decision ServiceModel::let_go(const ModelledCall& call, Handling handling,
                              const Operation& operation) {
  const Row* row = row_of_call(call.arguments.call);
  Operation copy = operation;
  Context context{*this, call, copy};
  if (handling == Handling::kInternal) {
    if (call.timed_out) overslept_[call.actor] = call.timed_out_after;
  } else if (handling == Handling::kVisible) {
    connections_.operation_goes();
    overslept_.erase(call.actor);
    pauses_.clear();
  }
  return row != nullptr && row->let_go != nullptr ? row->let_go(context) : Decision{Allow{}};
}

std::string ServiceModel::value(const ModelledCall& call, const Operation& operation) {
  Operation copy = operation;
  Context context{*this, call, copy};
  return value_of(context);
}

void ServiceModel::dropped(const ModelledCall& /*call*/) {}

bool ServiceModel::is_untouched_system(std::string_view path) const {
  if (below_dev(path)) return true;
  const bool system =
      std::any_of(std::begin(kSystem), std::end(kSystem),
                  [&](std::string_view prefix) { return path.starts_with(prefix); });
  return system && (touched_.empty() || !touched_.contains(path));
}

void ServiceModel::touched_system(std::string_view path) {
  if (!below_dev(path)) touched_.emplace(path);
}

bool ServiceModel::is_ours(const Descriptor& descriptor) {
  if (descriptor.inode == 0) return false;
  auto [known, fresh] = ours_.try_emplace(descriptor.inode, false);
  if (fresh) known->second = holds_inode(descriptor.inode);
  return known->second;
}

std::string ServiceModel::process_text(int tgid) const {
  auto found = by_tgid_.find(tgid);
  return found == by_tgid_.end() ? "" : found->second.text();
}

bool ServiceModel::is_held_elsewhere(const ModelledCall& call, int fd, const Descriptor& descriptor,
                                     bool whole_process) {
  const ServiceId service{call.actor.index};
  auto access = [](const Target& target, int number) {
    const auto state = descriptor_state(target, number);
    return state ? state->flags & O_ACCMODE : -1;
  };
  const bool pipe = descriptor.kind == Descriptor::Kind::kPipe;
  const int direction = pipe ? access(call.target, fd) : 0;
  for (const auto& [tgid, process] : by_tgid_) {
    const bool own = tgid == call.target.tgid();
    if (process.service != service || (own && whole_process)) continue;
    const auto other = Target::open(tgid);
    if (!other) continue;
    for (const int number : open_descriptors(*other)) {
      if (own && number == fd) continue;
      const auto link = other->fd_link(number);
      if (!link || without_deleted(*link) != descriptor.link) continue;
      if (!pipe || access(*other, number) == direction) return true;
    }
  }
  return false;
}

bool ServiceModel::is_held_by_others(const ModelledCall& call, const Descriptor& descriptor) const {
  for (const auto& [tgid, process] : by_tgid_) {
    if (process.service.value != call.actor.index || tgid == call.target.tgid()) continue;
    const auto other = Target::open(tgid);
    if (!other) continue;
    for (const int number : open_descriptors(*other)) {
      const auto link = other->fd_link(number);
      if (link && without_deleted(*link) == descriptor.link) return true;
    }
  }
  return false;
}

bool ServiceModel::is_reactive(ProcessName process) const {
  auto found = processes_.find(process);
  return found != processes_.end() && found->second.waits_for_readiness;
}

void ServiceModel::will_make_pair(const ModelledCall& call, uint64_t address, bool sockets) {
  made_.push_back({call.target.tid(), ProcessName::of(call.actor), address, sockets});
}

void ServiceModel::will_connect(const ModelledCall& call, int fd) {
  ++processes_[ProcessName::of(call.actor)].connects;
  const auto link = call.target.fd_link(fd);
  if (link) connecting_.push_back({call.target.tid(), fd, inode_of_link(*link)});
}

void ServiceModel::name_made(const Made& made) {
  const auto target = Target::open(made.tid);
  const auto fds = target ? target->read_value<std::array<int, 2>>(made.address) : std::nullopt;
  if (!fds) return;
  const auto first = target->fd_link((*fds)[0]);
  const auto second = target->fd_link((*fds)[1]);
  if (!first || !second) return;
  const uint64_t a = inode_of_link(*first), b = inode_of_link(*second);
  if (a == 0 || b == 0 || names_.known_pipe(a)) return;  // the call failed
  names_.made_pipe(made.creator, a, b);
  if (made.sockets) connections_.paired(names_.pipe(a, made.creator), a, b);
}

void ServiceModel::quiet() {
  if (connections_.marks() != marks_seen_) {
    marks_seen_ = connections_.marks();
    names_.renew([](const std::string& path) {
      return file_id(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW);
    });
  }
  for (const Made& made : made_) name_made(made);
  made_.clear();
  for (const Connecting& connecting : connecting_) {
    if (!connections_.is_pending(connecting.socket)) continue;
    const auto target = Target::open(connecting.tid);
    const int copy = target ? target->duplicate(connecting.fd) : -1;
    if (copy >= 0) {
      connections_.look(copy, connecting.socket);
      close(copy);
    }
    connections_.forget_pending(connecting.socket);  // refused, or gone already
  }
  connecting_.clear();
}

}  // namespace fb
