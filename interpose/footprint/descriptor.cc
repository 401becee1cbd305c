#include "interpose/footprint/descriptor.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/kcmp.h>
#include <memory>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace fb {
namespace {

// The number after `key` in the text of an fdinfo file.
std::optional<uint64_t> field(std::string_view text, std::string_view key, int base) {
  const size_t at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  size_t begin = at + key.size();
  while (begin < text.size() && (text[begin] == ' ' || text[begin] == '\t')) ++begin;
  uint64_t value = 0;
  std::from_chars(text.data() + begin, text.data() + text.size(), value, base);
  return value;
}

}  // namespace

uint64_t inode_of_link(std::string_view link) {
  const size_t open = link.find(":[");
  if (open == std::string_view::npos) return 0;
  uint64_t inode = 0;
  std::from_chars(link.data() + open + 2, link.data() + link.size(), inode);
  return inode;
}

FileId file_id(int dir_fd, const char* path, int flags, uint64_t* size, uint32_t* mode) {
  struct statx stx {};
  if (statx(dir_fd, path, flags | AT_STATX_DONT_SYNC,
            STATX_TYPE | STATX_INO | STATX_SIZE | STATX_BTIME, &stx) != 0)
    return {};
  if (size != nullptr) *size = stx.stx_size;
  if (mode != nullptr) *mode = stx.stx_mode;
  FileId id{uint64_t{stx.stx_dev_major} << 32 | stx.stx_dev_minor, stx.stx_ino, 0};
  if ((stx.stx_mask & STATX_BTIME) != 0)
    id.birth_ns = stx.stx_btime.tv_sec * 1'000'000'000 + stx.stx_btime.tv_nsec;
  return id;
}

std::optional<Descriptor> describe(const Target& target, int fd) {
  const auto link = target.fd_link(fd);
  if (!link) return std::nullopt;
  Descriptor d;
  d.link = std::string(without_deleted(*link));
  if (d.link.starts_with("pipe:[")) {
    d.kind = Descriptor::Kind::kPipe;
    d.inode = inode_of_link(d.link);
  } else if (d.link.starts_with("socket:[")) {
    d.kind = Descriptor::Kind::kSocket;
    d.inode = inode_of_link(d.link);
  } else if (d.link == "anon_inode:[eventfd]") {
    d.kind = Descriptor::Kind::kEventfd;
  } else if (d.link == "anon_inode:[eventpoll]") {
    d.kind = Descriptor::Kind::kEpoll;
  } else if (d.link.starts_with('/')) {
    uint32_t mode = 0;
    const std::string name = fmt::format("fd/{}", fd);
    d.id = file_id(target.proc_dir(), name.c_str(), 0, &d.size, &mode);
    d.inode = d.id.inode;
    if (S_ISREG(mode))
      d.kind = Descriptor::Kind::kFile;
    else if (S_ISDIR(mode))
      d.kind = Descriptor::Kind::kDirectory;
    else if (S_ISFIFO(mode))
      d.kind = Descriptor::Kind::kPipe;
    else if (S_ISCHR(mode) || S_ISBLK(mode))
      d.kind = Descriptor::Kind::kDevice;
  }
  return d;
}

std::optional<DescriptorState> descriptor_state(const Target& target, int fd) {
  const auto text = target.text(fmt::format("fdinfo/{}", fd).c_str());
  if (!text) return std::nullopt;
  DescriptorState state;
  state.position = field(*text, "pos:", 10).value_or(0);
  state.flags = static_cast<int>(field(*text, "flags:", 8).value_or(0));
  state.locked = text->find("\nlock:") != std::string::npos;
  // "lock:  1: FLOCK  ADVISORY  WRITE 359 00:13:11691 0 EOF"
  if (const size_t at = text->find("FLOCK"); at != std::string::npos) {
    state.flock_exclusive = text->find(" WRITE ", at) != std::string::npos;
    state.flock_shared = !state.flock_exclusive;
  }
  return state;
}

std::optional<short> poll_now(const Target& target, int fd, short events) {
  const int copy = target.duplicate(fd);
  if (copy < 0) return std::nullopt;
  pollfd entry{copy, events, 0};
  const int result = poll(&entry, 1, 0);
  close(copy);
  if (result < 0) return std::nullopt;
  return entry.revents;
}

namespace {

// Nested only a few deep.
std::vector<int>& open_copies() {
  static std::vector<int> copies;
  return copies;
}

}  // namespace

DescriptorCopy::DescriptorCopy(const Target& target, int fd) : fd_(target.duplicate(fd)) {
  if (fd_ >= 0) open_copies().push_back(fd_);
}

DescriptorCopy::~DescriptorCopy() {
  if (fd_ < 0) return;
  std::erase(open_copies(), fd_);
  close(fd_);
}

short DescriptorCopy::poll_for(short events) const {
  pollfd entry{fd_, events, 0};
  return poll(&entry, 1, 0) > 0 ? entry.revents : short{0};
}

bool DescriptorCopy::is_copy(int fd) {
  const std::vector<int>& copies = open_copies();
  return std::find(copies.begin(), copies.end(), fd) != copies.end();
}

namespace {

// The numbers a directory of /proc holds as names, ascending.
std::vector<int> numbers_in(const Target& target, const char* directory) {
  std::vector<int> fds;
  const int dir_fd = openat(target.proc_dir(), directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir_fd < 0) return fds;
  DIR* dir = fdopendir(dir_fd);
  if (dir == nullptr) {
    close(dir_fd);
    return fds;
  }
  while (const dirent* entry = readdir(dir)) {
    int fd = -1;
    const std::string_view name(entry->d_name);
    if (std::from_chars(name.data(), name.data() + name.size(), fd).ec == std::errc{})
      fds.push_back(fd);
  }
  closedir(dir);
  std::sort(fds.begin(), fds.end());
  return fds;
}

}  // namespace

std::vector<int> open_descriptors(const Target& target) {
  return numbers_in(target, "fd");
}
std::vector<int> thread_ids(const Target& target) {
  return numbers_in(target, "task");
}

std::vector<int> child_pids(int tgid) {
  std::vector<int> pids;
  const auto target = Target::open(tgid);
  if (!target) return pids;
  for (const int tid : thread_ids(*target)) {
    const auto list = target->text(fmt::format("task/{}/children", tid).c_str());
    if (!list) continue;
    for (size_t at = 0; at < list->size(); at = std::min(list->find(' ', at), list->size()) + 1) {
      int pid = 0;
      std::from_chars(list->data() + at, list->data() + list->size(), pid);
      if (pid > 0) pids.push_back(pid);
    }
  }
  return pids;
}

bool same_open_file(int tgid_a, int fd_a, int tgid_b, int fd_b) {
  if (tgid_a == tgid_b && fd_a == fd_b) {
    // The number may have been closed and opened again since: nobody can tell, and the position of
    // a file opened anew belongs to the same program text.
    return true;
  }
  return syscall(SYS_kcmp, tgid_a, tgid_b, KCMP_FILE, fd_a, fd_b) == 0;
}

}  // namespace fb
