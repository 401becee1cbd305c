// A path argument, looked up as the kernel will: the directory it ends in, the name in there, what
// the name stands for now. Lookups happen inside the target's root and mounts.
#pragma once
#include "interpose/decode/target.h"
#include "interpose/footprint/object_names.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fb {

struct Entry {
  // Directories gone through, as paths ("/tmp", "/tmp/d"): renaming or removing one of them
  // matters.
  std::vector<std::string> directories;
  // Symbolic links followed at the end, as entries.
  std::vector<std::string> links;
  bool found_directory = false;  // else nothing below is known
  std::string directory;         // canonical name of the directory
  std::string path;              // directory as it is now + name
  std::string base;
  bool exists = false;
  bool is_directory = false;
  FileId id;  // of what the name stands for
  uint64_t size = 0;

  std::string name() const { return directory == "/" ? "/" + base : directory + "/" + base; }
};

Entry look_up(const Target& target, ObjectNames& names, const std::string& absolute,
              bool follow_last);

}  // namespace fb
