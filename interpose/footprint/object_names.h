// Canonical names of what operations touch: the same in every execution in which the object came to
// be in the same way, and never an inode, pid, port number of the kernel's choice or address.
//
//   file, directory   the path at which it was first seen; "#2" when another one had that path
//   pipe, socket pair creator process and the how-manieth it made
//   open file         file and the how-manieth opening of it by that process
//
// The kernel's own identities are only the keys of the tables in here.
#pragma once
#include "core/model/footprint.h"
#include "core/model/ids.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace fb {

// What tells files of the kernel apart, over reuse of inode numbers too.
struct FileId {
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t birth_ns = 0;
  auto operator<=>(const FileId&) const = default;
};

// A process of a service, by position: part of other names.
struct ProcessName {
  ServiceId service;
  uint32_t process = 0;
  auto operator<=>(const ProcessName&) const = default;
  std::string text() const;  // "1:0"
  static ProcessName of(ActorId actor) { return {ServiceId{actor.index}, actor.process}; }
};

// Two processes' descriptors are one open file (shared offset).
using SameOpenFile = bool (*)(int tgid_a, int fd_a, int tgid_b, int fd_b);

class ObjectNames {
 public:
  explicit ObjectNames(SameOpenFile same_open_file) : same_open_file_(same_open_file) {}

  // The file's name; `path` is where it is seen now.
  const std::string& file(const FileId& id, std::string_view path);

  // The explored scope begins: forgets files that are no longer where they were seen. What earlier
  // executions have left behind must not show in names.
  void renew(FileId (*file_at)(const std::string& path));

  // Pipes and socket pairs, by inode of either end.
  void made_pipe(ProcessName creator, uint64_t read_end, uint64_t write_end);
  // Unknown ones (inherited, or made out of sight) get a name by first use.
  const std::string& pipe(uint64_t inode, ProcessName user);
  // Which end of a socket pair: 0 or 1.
  int pair_side(uint64_t inode) const;
  bool known_pipe(uint64_t inode) const { return pipes_.contains(inode); }

  // The open file behind (tgid, fd) of the process.
  std::string open_file(ProcessName process, int tgid, int fd, const FileId& id,
                        const std::string& file_name);

 private:
  struct File {
    std::string name, path;
  };
  struct Pipe {
    std::string name;
    int side = 0;
  };
  struct OpenFile {
    int tgid = 0;
    int fd = 0;
    std::string name;
  };

  SameOpenFile same_open_file_;
  std::map<FileId, File> files_;
  std::map<std::string, uint32_t, std::less<>> paths_used_;
  std::map<uint64_t, Pipe> pipes_;
  std::map<ProcessName, uint32_t> pipes_made_;
  std::map<FileId, std::vector<OpenFile>> open_files_;
  std::map<std::pair<ProcessName, FileId>, uint32_t> openings_;
};

}  // namespace fb
