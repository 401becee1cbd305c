// What is behind a descriptor of a target, asked without touching it: no duplicate where /proc
// answers, and a duplicate that is closed at once where only the object itself can.
#pragma once
#include "interpose/decode/target.h"
#include "interpose/footprint/object_names.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fb {

struct Descriptor {
  enum class Kind { kFile, kDirectory, kPipe, kSocket, kEventfd, kEpoll, kDevice, kOther };
  Kind kind = Kind::kOther;
  std::string link;    // as /proc shows it, " (deleted)" stripped
  FileId id;           // files and directories
  uint64_t inode = 0;  // pipes and sockets
  uint64_t size = 0;   // files

  bool is_file() const { return kind == Kind::kFile; }
};

// Empty: not open.
std::optional<Descriptor> describe(const Target& target, int fd);

struct DescriptorState {
  uint64_t position = 0;
  int flags = 0;        // O_APPEND, O_NONBLOCK, O_CLOEXEC, access mode
  bool locked = false;  // this process or open file holds locks on it
  bool flock_exclusive = false, flock_shared = false;
};
std::optional<DescriptorState> descriptor_state(const Target& target, int fd);

// poll(0) on a duplicate: POLLIN and the like; 0 when nothing is ready, empty when it cannot be
// told.
std::optional<short> poll_now(const Target& target, int fd, short events);

// A duplicate of a target's descriptor that is gone before anybody could miss an end of file.
class DescriptorCopy {
 public:
  DescriptorCopy(const Target& target, int fd);
  ~DescriptorCopy();
  DescriptorCopy(const DescriptorCopy&) = delete;
  DescriptorCopy& operator=(const DescriptorCopy&) = delete;
  explicit operator bool() const { return fd_ >= 0; }
  int get() const { return fd_; }
  // Events that hold now.
  short poll_for(short events) const;
  // Whether a descriptor of ours is such a copy: it does not make the object ours.
  static bool is_copy(int fd);

 private:
  int fd_;
};

// Open descriptors of the process, ascending.
std::vector<int> open_descriptors(const Target& target);

FileId file_id(int dir_fd, const char* path, int flags, uint64_t* size = nullptr,
               uint32_t* mode = nullptr);  // inode 0: there is none

// "socket:[123]" → 123; 0 when there is no number.
uint64_t inode_of_link(std::string_view link);

// Threads of the process, ascending.
std::vector<int> thread_ids(const Target& target);

// Children of all threads of a process, as this process sees them.
std::vector<int> child_pids(int tgid);

// kcmp(2).
bool same_open_file(int tgid_a, int fd_a, int tgid_b, int fd_b);

}  // namespace fb
