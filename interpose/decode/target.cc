#include "interpose/decode/target.h"

#include "interpose/seccomp/kernel.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utility>

namespace fb {
namespace {

constexpr size_t kPage = 4096;

std::optional<std::string> read_link(int dir, const char* name) {
  std::array<char, PATH_MAX> buffer;
  const ssize_t length = readlinkat(dir, name, buffer.data(), buffer.size());
  if (length < 0) return std::nullopt;
  return std::string(buffer.data(), static_cast<size_t>(length));
}

// "fd/N"
class FdEntryName {
 public:
  explicit FdEntryName(int fd) : text_{'f', 'd', '/'} {
    *std::to_chars(text_.data() + 3, text_.data() + text_.size() - 1, fd).ptr = 0;
  }
  const char* text() const { return text_.data(); }

 private:
  std::array<char, 16> text_;
};

}  // namespace

std::optional<Target> Target::open(int tid) {
  static uint64_t opened = 0;
  Target target;
  target.serial_ = ++opened;
  target.tid_ = tid;
  target.proc_dir_ = ::open(fmt::format("/proc/{}", tid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (target.proc_dir_ < 0) return std::nullopt;
  const auto status = target.text("status");
  if (!status) return std::nullopt;
  constexpr std::string_view kKey = "\nTgid:\t";
  const size_t at = status->find(kKey);
  if (at == std::string::npos) return std::nullopt;
  const char* begin = status->data() + at + kKey.size();
  std::from_chars(begin, status->data() + status->size(), target.tgid_);
  if (target.tgid_ <= 0) return std::nullopt;
  return target;
}

Target::Target(Target&& other) noexcept
    : serial_(other.serial_),
      tid_(other.tid_),
      tgid_(other.tgid_),
      proc_dir_(std::exchange(other.proc_dir_, -1)),
      pidfd_(std::exchange(other.pidfd_, -1)) {}

Target& Target::operator=(Target&& other) noexcept {
  std::swap(serial_, other.serial_);
  std::swap(tid_, other.tid_);
  std::swap(tgid_, other.tgid_);
  std::swap(proc_dir_, other.proc_dir_);
  std::swap(pidfd_, other.pidfd_);
  return *this;
}

Target::~Target() {
  if (proc_dir_ >= 0) close(proc_dir_);
  if (pidfd_ >= 0) close(pidfd_);
}

bool Target::alive() const {
  return faccessat(proc_dir_, "stat", F_OK, 0) == 0;
}

size_t Target::read_memory(uint64_t address, std::span<std::byte> into) const {
  if (into.empty()) return 0;
  const iovec local{into.data(), into.size()};
  const iovec remote{reinterpret_cast<void*>(address), into.size()};
  const ssize_t got = process_vm_readv(tid_, &local, 1, &remote, 1, 0);
  return got < 0 ? 0 : static_cast<size_t>(got);
}

bool Target::write_memory(uint64_t address, std::span<const std::byte> bytes) const {
  if (bytes.empty()) return true;
  const iovec local{const_cast<std::byte*>(bytes.data()), bytes.size()};
  const iovec remote{reinterpret_cast<void*>(address), bytes.size()};
  return process_vm_writev(tid_, &local, 1, &remote, 1, 0) == static_cast<ssize_t>(bytes.size());
}

std::optional<std::string> Target::read_string(uint64_t address) const {
  if (address == 0) return std::nullopt;
  std::array<char, kPage> buffer;
  size_t filled = 0;
  // Most paths are short: one read of 256 bytes that stays inside the page settles it.
  while (filled < buffer.size()) {
    const uint64_t from = address + filled;
    const size_t to_page_end = kPage - static_cast<size_t>(from % kPage);
    const size_t wish = std::min({to_page_end, buffer.size() - filled, filled == 0 ? 256 : kPage});
    const size_t got =
        read_memory(from, std::as_writable_bytes(std::span(buffer.data() + filled, wish)));
    if (got == 0) return std::nullopt;
    if (const void* end = std::memchr(buffer.data() + filled, 0, got))
      return std::string(buffer.data(),
                         static_cast<size_t>(static_cast<const char*>(end) - buffer.data()));
    filled += got;
  }
  return std::nullopt;
}

std::optional<std::string> Target::link(const char* name) const {
  return read_link(proc_dir_, name);
}

std::optional<std::string> Target::fd_link(int fd) const {
  if (fd < 0) return std::nullopt;
  return read_link(proc_dir_, FdEntryName(fd).text());
}

Fd Target::fd_handle(int fd) const {
  if (fd < 0) return Fd();
  return Fd(openat(proc_dir_, FdEntryName(fd).text(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
}

std::optional<std::string> Target::link_of(int handle) {
  return read_link(handle, "");
}

int Target::duplicate(int fd) const {
  if (fd < 0) return -1;
  if (pidfd_ < 0) {
    // The thread itself where the kernel can (its table may be its own, and the first thread of a
    // process may have ended); else the process. The number may have been given away meanwhile, so
    // the thread is looked at again afterwards.
    pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, tid_, PIDFD_THREAD));
    if (pidfd_ < 0) pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, tgid_, 0));
    if (pidfd_ >= 0 && !alive()) {
      close(pidfd_);
      pidfd_ = -1;
    }
  }
  return pidfd_ < 0 ? -1 : static_cast<int>(syscall(SYS_pidfd_getfd, pidfd_, fd, 0));
}

std::optional<std::string> Target::text(const char* name) const {
  const int fd = openat(proc_dir_, name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::string text;
  std::array<char, kPage> buffer;
  ssize_t got;
  while ((got = read(fd, buffer.data(), buffer.size())) > 0)
    text.append(buffer.data(), static_cast<size_t>(got));
  close(fd);
  if (got < 0) return std::nullopt;
  return text;
}

std::string_view without_deleted(std::string_view link) {
  constexpr std::string_view kSuffix = " (deleted)";
  if (link.size() > kSuffix.size() && link.front() == '/' && link.ends_with(kSuffix))
    link.remove_suffix(kSuffix.size());
  return link;
}

}  // namespace fb
