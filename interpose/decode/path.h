// Path arguments: made absolute from dirfd or cwd, normalised lexically (spec §8.3), and, as a
// further name, with symlinks resolved inside the target's own root.
#pragma once
#include "interpose/decode/target.h"

#include <optional>
#include <string>
#include <string_view>

namespace fb {

// "/a/./b//../c" → "/a/c". `path` is absolute.
std::string normalise_path(std::string_view path);

// `path` as the thread would look it up, absolute but not normalised. `dirfd` may be AT_FDCWD. An
// empty path is the descriptor itself. Empty: the descriptor or cwd cannot be read.
std::optional<std::string> absolute_path(const Target& target, int dirfd, std::string_view path);

// Where the lookup of an absolute path ends, symlinks followed by the kernel inside the target's
// root and mounts (never in ours). The last component need not exist; `follow_last`: it is followed
// when it is a link. Empty: some directory on the way does not exist.
std::optional<std::string> resolve_path(const Target& target, std::string_view absolute,
                                        bool follow_last = true);

// Opens `absolute` as the target would find it, O_PATH plus `flags`; -1 and errno when it cannot
// be.
int open_as_target(const Target& target, const std::string& absolute, uint64_t flags);
// The name of what a descriptor of ours is open on, as the target's mounts have it.
std::optional<std::string> name_of_own_fd(int fd);

}  // namespace fb
