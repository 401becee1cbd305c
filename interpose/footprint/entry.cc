#include "interpose/footprint/entry.h"

#include "interpose/decode/path.h"
#include "interpose/footprint/descriptor.h"

#include <algorithm>
#include <array>
#include <climits>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fb {
namespace {

constexpr int kMaxLinks = 40;  // as the kernel

void add_prefixes(const std::string& path, std::vector<std::string>& into) {
  for (size_t at = 1; at < path.size(); ++at) {
    at = std::min(path.find('/', at), path.size());
    std::string prefix = path.substr(0, at);
    if (std::find(into.begin(), into.end(), prefix) == into.end())
      into.push_back(std::move(prefix));
  }
}

// A path that leads nowhere: where its symbolic links would have led it depends on those names,
// too.
void add_broken(const Target& target, const std::string& broken, std::vector<std::string>& into) {
  std::string path = normalise_path(broken);
  for (int links = 0; links < kMaxLinks; ++links) {
    add_prefixes(path, into);
    bool turned = false;
    for (size_t at = 1; at < path.size() && !turned; ++at) {
      at = std::min(path.find('/', at), path.size());
      const int fd = open_as_target(target, path.substr(0, at), O_PATH | O_NOFOLLOW);
      if (fd < 0) return;
      std::array<char, PATH_MAX> text;
      const ssize_t length = readlinkat(fd, "", text.data(), text.size());
      close(fd);
      if (length <= 0) continue;
      const std::string link(text.data(), static_cast<size_t>(length));
      const std::string parent = path.substr(0, path.rfind('/', at - 1) + 1);
      path = normalise_path((link.starts_with('/') ? link : parent + link) + path.substr(at));
      turned = true;
    }
    if (!turned) return;
  }
}

struct Split {
  std::string directory, base;
};

Split split(const Target& target, std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  size_t slash = path.rfind('/');
  std::string base = path.substr(slash + 1);
  if (base == "." || base == ".." || base.empty()) {
    // The name of a directory by way of itself: where the lookup ends is its proper name.
    if (auto real = resolve_path(target, path)) path = *real;
    slash = path.rfind('/');
    base = path.substr(slash + 1);
  }
  return {slash == 0 ? "/" : path.substr(0, slash), std::move(base)};
}

}  // namespace

Entry look_up(const Target& target, ObjectNames& names, const std::string& absolute,
              bool follow_last) {
  Entry entry;
  std::string path = absolute;
  for (int links = 0; links < kMaxLinks; ++links) {
    auto [directory, base] = split(target, path);
    entry.found_directory = false;
    entry.exists = false;
    const int fd = open_as_target(target, directory, O_DIRECTORY);
    const auto real = fd >= 0 ? name_of_own_fd(fd) : std::nullopt;
    if (!real) {
      if (fd >= 0) close(fd);
      add_broken(target, directory, entry.directories);
      return entry;
    }
    add_prefixes(*real, entry.directories);
    // By way of symbolic links: these are names, too.
    add_prefixes(normalise_path(directory), entry.directories);
    entry.found_directory = true;
    entry.directory = names.file(file_id(fd, "", AT_EMPTY_PATH), *real);
    entry.base = base;
    entry.path = (*real == "/" ? "" : *real) + '/' + base;
    uint32_t mode = 0;
    entry.id =
        file_id(fd, base.empty() ? "." : base.c_str(), AT_SYMLINK_NOFOLLOW, &entry.size, &mode);
    entry.exists = entry.id.inode != 0;
    entry.is_directory = S_ISDIR(mode);
    if (!entry.exists || !S_ISLNK(mode) || !follow_last) {
      close(fd);
      return entry;
    }
    std::array<char, PATH_MAX> text;
    const ssize_t length = readlinkat(fd, base.c_str(), text.data(), text.size());
    close(fd);
    if (length <= 0) return entry;
    entry.links.push_back(entry.name());
    const std::string_view link(text.data(), static_cast<size_t>(length));
    path = link.starts_with('/') ? std::string(link) : *real + '/' + std::string(link);
  }
  return entry;
}

}  // namespace fb
