// One thread of a supervised process, as the supervisor reaches it: its memory, its descriptors,
// its directories. Everything is read once, into copies of ours; whoever acts on them must ask the
// listener first whether the notification is still valid.
//
// The thread is known by an open /proc/TID, not by its number: once the thread has died every
// access through it fails, even if the number has been given to another one since.
#pragma once
#include "core/base/result.h"
#include "interpose/sys/fd.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fb {

class Target {
 public:
  // Empty: the thread is gone.
  static std::optional<Target> open(int tid);
  Target(Target&& other) noexcept;
  Target& operator=(Target&& other) noexcept;
  Target(const Target&) = delete;
  ~Target();

  int tid() const { return tid_; }
  int tgid() const { return tgid_; }
  int proc_dir() const { return proc_dir_; }
  // Of no other Target of this process.
  uint64_t serial() const { return serial_; }
  bool alive() const;

  // Bytes read, fewer at the end of a mapping; 0 when nothing can be read.
  size_t read_memory(uint64_t address, std::span<std::byte> into) const;
  // All of `bytes`, or false.
  bool write_memory(uint64_t address, std::span<const std::byte> bytes) const;
  template <class T>
  std::optional<T> read_value(uint64_t address) const {
    T value{};
    if (read_memory(address, std::as_writable_bytes(std::span(&value, 1))) != sizeof value)
      return std::nullopt;
    return value;
  }
  // A NUL-terminated string of at most 4095 bytes.
  std::optional<std::string> read_string(uint64_t address) const;

  // What `fd/N`, `cwd`, `root`, `exe` of the thread point to, as the target's own mounts name it.
  std::optional<std::string> link(const char* name) const;
  std::optional<std::string> fd_link(int fd) const;
  // An O_PATH descriptor of ours for the entry `fd/N` itself, whatever it points to at any time;
  // empty: it is not open now. link_of() follows it. Empty: not open, or the thread has died.
  Fd fd_handle(int fd) const;
  static std::optional<std::string> link_of(int handle);
  // A duplicate of one of its descriptors; -1 when there is none. Close it at once: a duplicate
  // that stays open hides end-of-file and resets from the target's peers.
  int duplicate(int fd) const;
  // The text of a small file below /proc/TID ("stat", "fdinfo/3").
  std::optional<std::string> text(const char* name) const;

 private:
  Target() = default;
  uint64_t serial_ = 0;
  int tid_ = 0;
  int tgid_ = 0;
  int proc_dir_ = -1;
  mutable int pidfd_ = -1;  // opened when first needed
};

// The file behind a link of /proc/PID/fd, without " (deleted)".
std::string_view without_deleted(std::string_view link);

}  // namespace fb
