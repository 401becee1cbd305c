#include "interpose/decode/fd_names.h"

namespace fb {
namespace {

// Handles are descriptors of ours. Beyond these, all are made anew.
constexpr size_t kMaxHandles = 256;

}  // namespace

std::optional<std::string> FdNames::link(const Target& target, int fd) {
  if (fd < 0) return std::nullopt;
  const auto found = asked_.find({target.tid(), fd});
  if (found != asked_.end() && found->second.handle) {
    if (auto name = Target::link_of(found->second.handle.get())) return name;
    // Closed, or the thread's number has been given away: begin again.
    asked_.erase(found);
    return target.fd_link(fd);
  }
  if (found == asked_.end() && asked_.size() >= kMaxHandles) asked_.clear();
  Asked& asked = found == asked_.end() ? asked_[{target.tid(), fd}] : found->second;
  if (++asked.times > 1) asked.handle = target.fd_handle(fd);
  return target.fd_link(fd);
}

}  // namespace fb
