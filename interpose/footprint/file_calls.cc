// Files: their data, metadata, names and locks.
#include "interpose/decode/path.h"
#include "interpose/footprint/service_model.h"

#include <array>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace fb {
namespace {

using Context = ServiceModel::Context;
using Handling = CallModel::Handling;
using Kind = Descriptor::Kind;

// --- arguments

bool is_at_call(const SyscallRow& row) {
  return row.shape == ArgumentShape::kDirPath || row.shape == ArgumentShape::kTwoDirPaths;
}

std::optional<std::string> path_argument(const Context& c, bool second = false) {
  const SyscallRow& row = row_of(c.call.arguments.call);
  const int8_t path = second ? row.path2 : row.path;
  const int8_t dir = second ? row.fd2 : row.fd;
  if (path < 0) return std::nullopt;
  const auto text = c.call.target.read_string(c.call.arguments.at(path));
  if (!text) return std::nullopt;
  const int dir_fd = is_at_call(row) && dir >= 0 ? c.call.arguments.fd(dir) : AT_FDCWD;
  return absolute_path(c.call.target, dir_fd, *text);
}

struct OpenHow {
  uint64_t flags = 0;
};

OpenHow open_how_of(const Context& c) {
  if (c.name() == "creat") return {O_CREAT | O_WRONLY | O_TRUNC};
  if (c.name() == "open") return {c.arg(1)};
  if (c.name() == "openat") return {c.arg(2)};
  const auto how = c.call.target.read_value<open_how>(c.arg(2));
  return {how ? how->flags : O_CREAT};
}

bool may_write(uint64_t flags) {
  return (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0;
}

// --- names

// Everything the lookup of a name depends on, the name itself included.
void read_entry(Footprint& footprint, const Entry& entry) {
  for (const std::string& path : entry.directories) footprint.read(object::directory(path));
  for (const std::string& link : entry.links) footprint.read(object::entry(link));
  if (entry.found_directory) footprint.read(object::entry(entry.name()));
}

// A name comes, goes, or stands for something else. Whoever looks up what is below it finds that
// out too, if only by another error.
void change_entry(Footprint& footprint, const Entry& entry) {
  for (const std::string& path : entry.directories) footprint.read(object::directory(path));
  for (const std::string& link : entry.links) footprint.read(object::entry(link));
  if (!entry.found_directory) return;
  footprint.write(object::entry(entry.name()));
  footprint.write(object::directory(entry.path));
  footprint.add(object::listing(entry.directory));
}

std::string file_name(Context& c, const Entry& entry) {
  return c.model.names().file(entry.id, entry.path);
}

Entry entry_of(Context& c, const std::string& path, bool follow) {
  return look_up(c.call.target, c.model.names(), path, follow);
}

// --- classification

Handling reads_path(Context& c) {
  const std::string& path = c.operation.path;
  // Without a path it is about something of its own (a socket, an inherited descriptor).
  return !path.starts_with('/') || c.model.is_untouched_system(path) ? Handling::kLocal
                                                                     : Handling::kVisible;
}

Handling changes_path(Context& c) {
  if (c.model.is_untouched_system(c.operation.path)) {
    if (c.operation.path.starts_with("/dev/") || c.operation.path.starts_with("/proc/"))
      return Handling::kLocal;
    c.model.touched_system(c.operation.path);
  }
  return Handling::kVisible;
}

Handling opens(Context& c) {
  return may_write(open_how_of(c).flags) ? changes_path(c) : reads_path(c);
}

// Descriptors whose use nobody else can notice.
bool is_private(Context& c, const std::optional<Descriptor>& d) {
  if (!d) return true;  // EBADF, and others cannot change that
  switch (d->kind) {
    case Kind::kDevice:
      return true;
    case Kind::kFile:
    case Kind::kDirectory:
      return c.model.is_untouched_system(d->link);
    case Kind::kPipe:
    case Kind::kSocket:
      return c.model.is_ours(*d);
    case Kind::kEventfd:
    case Kind::kEpoll:
    case Kind::kOther:
      return false;
  }
  return false;
}

Handling uses_fd(Context& c) {
  return is_private(c, describe(c.call.target, c.fd(0))) ? Handling::kLocal : Handling::kVisible;
}

Handling stats_fd(Context& c) {
  const auto d = describe(c.call.target, c.fd(0));
  const bool file = d && (d->is_file() || d->kind == Kind::kDirectory);
  return file && !is_private(c, d) ? Handling::kVisible : Handling::kLocal;
}

Handling seeks(Context& c) {
  // Who else shares the open file cannot be told for certain.
  return stats_fd(c);
}

Handling controls_fd(Context& c) {
  switch (c.fd(1)) {
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
    case F_GETLK:
    case F_OFD_GETLK:
      return Handling::kVisible;
    case F_SETFL: {
      // Flags belong to the open file: another process may have it, too.
      const auto d = describe(c.call.target, c.fd(0));
      return d && !is_private(c, d) && c.model.is_held_by_others(c.call, *d) ? Handling::kVisible
                                                                             : Handling::kLocal;
    }
    default:
      return Handling::kLocal;
  }
}

Handling is_local(Context&) {
  return Handling::kLocal;
}

// Durability is not an object of the order (yet): what is on disk, nobody reads but a recovery.
constexpr auto syncs = is_local;

// --- names: probes

bool probe_open(Context& c) {
  const auto path = path_argument(c);
  if (!path) return true;  // EFAULT
  const uint64_t flags = open_how_of(c).flags;
  const bool create = (flags & O_CREAT) != 0;
  const bool exclusive = create && (flags & O_EXCL) != 0;
  const Entry entry = entry_of(c, *path, (flags & O_NOFOLLOW) == 0 && !exclusive);
  Footprint& f = c.footprint();
  c.operation.key = entry.found_directory ? entry.name() : *path;
  if (!entry.exists) {
    if (create) {
      change_entry(f, entry);
    } else {
      read_entry(f, entry);
    }
    return true;
  }
  read_entry(f, entry);
  f.read(object::meta(file_name(c, entry)));
  const bool truncate = (flags & O_TRUNC) != 0 && !exclusive && !entry.is_directory;
  if (truncate) {
    const std::string name = file_name(c, entry);
    if (entry.size == 0) {
      f.read(object::size(name));
    } else {
      f.write(object::size(name));
      f.write(object::data(name));
    }
    c.operation.potential = f;
    c.operation.potential.write(object::size(name));
    c.operation.potential.write(object::data(name));
  }
  if (create) {
    if (!truncate) c.operation.potential = f;
    c.operation.potential.write(object::entry(entry.name()));
    c.operation.potential.add(object::listing(entry.directory));
  }
  return true;
}

bool probe_lookup(Context& c) {
  const auto path = path_argument(c);
  if (!path) return true;
  const std::string_view call = c.name();
  const bool follow = call != "lstat" && !call.starts_with("readlink") && !call.starts_with("l");
  const bool no_follow_flag = (call == "newfstatat" && (c.arg(3) & AT_SYMLINK_NOFOLLOW) != 0) ||
                              (call == "statx" && (c.arg(2) & AT_SYMLINK_NOFOLLOW) != 0);
  const Entry entry = entry_of(c, *path, follow && !no_follow_flag);
  Footprint& f = c.footprint();
  c.operation.key = entry.found_directory ? entry.name() : *path;
  read_entry(f, entry);
  if (!entry.exists) return true;
  const std::string name = file_name(c, entry);
  f.read(object::meta(name));
  const bool whole = call.find("stat") != std::string_view::npos;
  if (whole && !entry.is_directory) f.read(object::size(name));
  return true;
}

// mkdir, mknod, symlink, bind to a path: fails where the name exists.
bool probe_create(Context& c) {
  const auto path = path_argument(c);
  if (!path) return true;
  const Entry entry = entry_of(c, *path, false);
  Footprint& f = c.footprint();
  c.operation.key = entry.found_directory ? entry.name() : *path;
  if (entry.exists) {
    read_entry(f, entry);
    c.operation.potential = f;
    change_entry(c.operation.potential, entry);
    return true;
  }
  change_entry(f, entry);
  return true;
}

bool probe_remove(Context& c) {
  const auto path = path_argument(c);
  if (!path) return true;
  const Entry entry = entry_of(c, *path, false);
  Footprint& f = c.footprint();
  c.operation.key = entry.found_directory ? entry.name() : *path;
  const bool directory =
      c.name() == "rmdir" || (c.name() == "unlinkat" && (c.arg(2) & AT_REMOVEDIR));
  auto remove = [&](Footprint& into) {
    change_entry(into, entry);
    if (directory && entry.exists)
      into.read(object::listing(file_name(c, entry)));  // must be empty
  };
  if (entry.exists && entry.is_directory == directory) {
    remove(f);
    return true;
  }
  read_entry(f, entry);
  c.operation.potential = f;
  remove(c.operation.potential);
  return true;
}

bool probe_rename(Context& c) {
  const auto from = path_argument(c);
  const auto to = path_argument(c, true);
  if (!from || !to) return true;
  const Entry source = entry_of(c, *from, false);
  const Entry target = entry_of(c, *to, false);
  Footprint& f = c.footprint();
  c.operation.key = fmt::format("{} -> {}", source.found_directory ? source.name() : *from,
                                target.found_directory ? target.name() : *to);
  auto move = [&](Footprint& into) {
    change_entry(into, source);
    change_entry(into, target);
  };
  constexpr uint64_t kNoReplace = 1;  // RENAME_NOREPLACE
  const bool refused = c.name() == "renameat2" && (c.arg(4) & kNoReplace) != 0 && target.exists;
  if (source.exists && target.found_directory && !refused) {
    move(f);
    return true;
  }
  read_entry(f, source);
  read_entry(f, target);
  c.operation.potential = f;
  move(c.operation.potential);
  return true;
}

bool probe_link(Context& c) {
  const auto from = path_argument(c);
  const auto to = path_argument(c, true);
  if (!from || !to) return true;
  const Entry source = entry_of(c, *from, c.name() == "linkat" && (c.arg(4) & AT_SYMLINK_FOLLOW));
  const Entry target = entry_of(c, *to, false);
  Footprint& f = c.footprint();
  c.operation.key = fmt::format("{} -> {}", source.found_directory ? source.name() : *from,
                                target.found_directory ? target.name() : *to);
  read_entry(f, source);
  if (source.exists && !target.exists) {
    change_entry(f, target);
    return true;
  }
  read_entry(f, target);
  c.operation.potential = f;
  change_entry(c.operation.potential, target);
  return true;
}

// chmod, chown, utimes, xattrs by path or descriptor. Times are nobody's business.
bool probe_meta(Context& c) {
  const SyscallRow& row = row_of(c.call.arguments.call);
  const bool reads = c.name().find("get") != std::string_view::npos ||
                     c.name().find("list") != std::string_view::npos;
  std::string name;
  if (row.path >= 0) {
    const auto path = path_argument(c);
    if (!path) return true;
    const Entry entry = entry_of(c, *path, !c.name().starts_with('l'));
    read_entry(c.footprint(), entry);
    c.operation.key = entry.found_directory ? entry.name() : *path;
    if (!entry.exists) return true;
    name = file_name(c, entry);
  } else {
    const auto d = describe(c.call.target, c.fd(0));
    if (!d || d->id.inode == 0) return true;
    name = c.model.names().file(d->id, d->link);
    c.operation.key = name;
  }
  if (reads)
    c.footprint().read(object::meta(name));
  else
    c.footprint().write(object::meta(name));
  return true;
}

bool probe_truncate(Context& c) {
  std::string name;
  uint64_t size = 0;
  if (c.name() == "truncate") {
    const auto path = path_argument(c);
    if (!path) return true;
    const Entry entry = entry_of(c, *path, true);
    read_entry(c.footprint(), entry);
    c.operation.key = entry.found_directory ? entry.name() : *path;
    if (!entry.exists) return true;
    name = file_name(c, entry);
    size = entry.size;
  } else {
    const auto d = describe(c.call.target, c.fd(0));
    if (!d || !d->is_file()) return true;
    name = c.model.names().file(d->id, d->link);
    size = d->size;
    c.operation.key = name;
  }
  const uint64_t wish = c.name() == "fallocate" ? c.arg(2) + c.arg(3) : c.arg(1);
  if (wish == size) {
    c.footprint().read(object::size(name));
    return true;
  }
  c.footprint().write(object::size(name));
  c.footprint().write(object::data(name), std::min(wish, size));
  return true;
}

bool probe_listing(Context& c) {
  const auto d = describe(c.call.target, c.fd(0));
  if (!d) return true;
  const std::string name = c.model.names().file(d->id, d->link);
  c.operation.key = name;
  c.footprint().read(object::listing(name));
  c.footprint().write(object::offset(
      c.model.names().open_file(c.process(), c.call.target.tgid(), c.fd(0), d->id, name)));
  return true;
}

bool probe_stat_fd(Context& c) {
  const auto d = describe(c.call.target, c.fd(0));
  if (!d || d->id.inode == 0) return true;
  const std::string name = c.model.names().file(d->id, d->link);
  c.operation.key = name;
  if (c.name() != "lseek" || c.arg(2) >= SEEK_END) c.footprint().read(object::size(name));
  if (c.name() != "lseek") {
    c.footprint().read(object::meta(name));
  } else {
    c.footprint().write(object::offset(
        c.model.names().open_file(c.process(), c.call.target.tgid(), c.fd(0), d->id, name)));
  }
  return true;
}

// --- locks

enum class Mode { kShared, kExclusive, kUnlock };

// Whether a new opening of the file could take the flock now. Asked through an opening of our own,
// which is closed again, so nothing is taken.
bool flock_free(const Target& target, int fd, bool exclusive) {
  const int own = openat(target.proc_dir(), fmt::format("fd/{}", fd).c_str(),
                         O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (own < 0) return true;
  const bool free = flock(own, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0;
  close(own);
  return free;
}

void lock_footprint(Context& c, const std::string& name, Mode mode, bool held, bool would_get) {
  Footprint& f = c.footprint();
  const ObjectKey lock = object::lock(name);
  switch (mode) {
    case Mode::kUnlock:
      if (!held) {
        f.read(lock);  // somebody might take it through the same open file
        return;
      }
      f.write(lock);
      f.provides.push_back({lock});
      return;
    case Mode::kShared:
    case Mode::kExclusive:
      if (would_get && mode == Mode::kExclusive)
        f.write(lock);
      else
        f.read(lock);
      // Shared ones do not keep each other out, but make another's attempt fail.
      if (would_get)
        f.add(object::taken(name));
      else
        f.read(object::taken(name));
      return;
  }
}

bool probe_flock(Context& c) {
  const auto d = describe(c.call.target, c.fd(0));
  const auto state = d ? descriptor_state(c.call.target, c.fd(0)) : std::nullopt;
  if (!state) return true;
  const std::string name = c.model.names().file(d->id, d->link);
  const int how = c.fd(1);
  c.operation.key = name;
  const bool held = state->flock_exclusive || state->flock_shared;
  if ((how & LOCK_UN) != 0) {
    lock_footprint(c, name, Mode::kUnlock, held, true);
    return true;
  }
  const bool exclusive = (how & LOCK_EX) != 0;
  // What it holds itself does not stand in its way; an upgrade waits for the other readers.
  bool free = false;
  if (state->flock_exclusive || (state->flock_shared && !exclusive))
    free = true;
  else if (state->flock_shared)
    free = false;
  else
    free = flock_free(c.call.target, c.fd(0), exclusive);
  const bool waits = (how & LOCK_NB) == 0;
  lock_footprint(c, name, exclusive ? Mode::kExclusive : Mode::kShared, held, free || waits);
  if (waits) {
    c.footprint().needs.push_back({object::lock(name)});
  } else if (!free) {
    c.operation.potential = c.footprint();
    c.operation.potential.write(object::lock(name));
  }
  // An upgrade may have to wait in the kernel: nobody but the kernel knows the other readers.
  return free || !waits || (state->flock_shared && exclusive);
}

bool probe_fcntl(Context& c) {
  const auto d = describe(c.call.target, c.fd(0));
  if (!d) return true;
  if (c.fd(1) == F_SETFL) {
    c.operation.key = d->link;
    c.footprint().everything();
    return true;
  }
  const std::string name = c.model.names().file(d->id, d->link);
  c.operation.key = name;
  const auto wish = c.call.target.read_value<struct flock>(c.arg(2));
  if (!wish) return true;
  const int command = c.fd(1);
  const bool of_file = command == F_OFD_SETLK || command == F_OFD_SETLKW || command == F_OFD_GETLK;
  const bool waits = command == F_SETLKW || command == F_OFD_SETLKW;
  const bool asks = command == F_GETLK || command == F_OFD_GETLK;
  Footprint& f = c.footprint();
  Access range{object::records(name)};
  if (wish->l_whence == SEEK_SET && wish->l_start >= 0 && wish->l_len > 0) {
    range.low = static_cast<uint64_t>(wish->l_start);
    range.high = range.low + static_cast<uint64_t>(wish->l_len);
  }
  const auto touch = [&](Footprint& into, AccessMode mode) {
    into.accesses.push_back({range.object, mode, range.low, range.high});
  };
  if (wish->l_type == F_UNLCK && !asks) {
    const auto state = descriptor_state(c.call.target, c.fd(0));
    if (state && !state->locked) {
      touch(f, AccessMode::kRead);  // somebody might take it through the same open file
      return true;
    }
    touch(f, AccessMode::kWrite);
    f.provides.push_back(range);
    return true;
  }
  bool free = true;
  if (const int copy = c.call.target.duplicate(c.fd(0)); copy >= 0) {
    struct flock other = *wish;
    other.l_pid = 0;
    // Through the shared open file, the file's own locks do not conflict; a process's own do, as
    // seen from here, and are recognised by their owner.
    if (fcntl(copy, of_file ? F_OFD_GETLK : F_GETLK, &other) == 0 && other.l_type != F_UNLCK)
      free = !of_file && other.l_pid == c.call.target.tgid();
    close(copy);
  }
  const bool reads = asks || wish->l_type == F_RDLCK || (!free && !waits);
  touch(f, reads ? AccessMode::kRead : AccessMode::kWrite);
  const bool takes = !asks && (free || waits);
  f.accesses.push_back({object::taken(name), takes ? AccessMode::kAdd : AccessMode::kRead});
  if (waits) f.needs.push_back(range);
  if (!free && !waits && !asks) {
    c.operation.potential = f;
    touch(c.operation.potential, AccessMode::kWrite);
  }
  return free || !waits;
}

constexpr ServiceModel::Row kRows[] = {
    {"access", reads_path, probe_lookup},
    {"chmod", changes_path, probe_meta},
    {"chown", changes_path, probe_meta},
    {"creat", opens, probe_open},
    {"faccessat", reads_path, probe_lookup},
    {"faccessat2", reads_path, probe_lookup},
    {"fallocate", uses_fd, probe_truncate},
    {"fchmod", stats_fd, probe_meta},
    {"fchmodat", changes_path, probe_meta},
    {"fchown", stats_fd, probe_meta},
    {"fchownat", changes_path, probe_meta},
    {"fcntl", controls_fd, probe_fcntl},
    {"fdatasync", syncs, nullptr},
    {"fgetxattr", stats_fd, probe_meta},
    {"flistxattr", stats_fd, probe_meta},
    {"flock", uses_fd, probe_flock},
    {"fremovexattr", stats_fd, probe_meta},
    {"fsetxattr", stats_fd, probe_meta},
    {"fstat", stats_fd, probe_stat_fd},
    {"fsync", syncs, nullptr},
    {"ftruncate", uses_fd, probe_truncate},
    {"futimesat", is_local, nullptr},
    {"getdents", uses_fd, probe_listing},
    {"getdents64", uses_fd, probe_listing},
    {"getxattr", reads_path, probe_meta},
    {"lchown", changes_path, probe_meta},
    {"lgetxattr", reads_path, probe_meta},
    {"link", changes_path, probe_link},
    {"linkat", changes_path, probe_link},
    {"listxattr", reads_path, probe_meta},
    {"llistxattr", reads_path, probe_meta},
    {"lremovexattr", changes_path, probe_meta},
    {"lseek", seeks, probe_stat_fd},
    {"lsetxattr", changes_path, probe_meta},
    {"lstat", reads_path, probe_lookup},
    {"mkdir", changes_path, probe_create},
    {"mkdirat", changes_path, probe_create},
    {"mknod", changes_path, probe_create},
    {"mknodat", changes_path, probe_create},
    {"newfstatat", reads_path, probe_lookup},
    {"open", opens, probe_open},
    {"openat", opens, probe_open},
    {"openat2", opens, probe_open},
    {"readlink", reads_path, probe_lookup},
    {"readlinkat", reads_path, probe_lookup},
    {"removexattr", changes_path, probe_meta},
    {"rename", changes_path, probe_rename},
    {"renameat", changes_path, probe_rename},
    {"renameat2", changes_path, probe_rename},
    {"rmdir", changes_path, probe_remove},
    {"setxattr", changes_path, probe_meta},
    {"stat", reads_path, probe_lookup},
    {"statx", reads_path, probe_lookup},
    {"symlink", changes_path, probe_create},
    {"symlinkat", changes_path, probe_create},
    {"sync", is_local, nullptr},
    {"sync_file_range", syncs, nullptr},
    {"syncfs", syncs, nullptr},
    {"truncate", changes_path, probe_truncate},
    {"unlink", changes_path, probe_remove},
    {"unlinkat", changes_path, probe_remove},
    {"utime", is_local, nullptr},
    {"utimensat", is_local, nullptr},
    {"utimes", is_local, nullptr},
};

}  // namespace

std::span<const ServiceModel::Row> file_rows() {
  return kRows;
}

}  // namespace fb
