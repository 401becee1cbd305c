#include "interpose/process/isolation.h"

#include "core/model/errno_table.h"
#include "interpose/sys/posix.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string_view>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace fb {
namespace {

constexpr int kNetworkNamespaces = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
// Resolves to the loopback through the hosts file, on every machine.
constexpr std::string_view kHostName = "localhost";
constexpr std::string_view kHosts = "127.0.0.1\tlocalhost\n";

Error errno_error(std::string_view what) {
  return posix::error_of(errno, what);
}

std::string through(const Fd& fd) {
  return fmt::format("/proc/self/fd/{}", fd.get());
}

// To have the rights of root over new namespaces without being anybody else.
Status enter_user_namespace() {
  const uid_t uid = ::getuid();
  const gid_t gid = ::getgid();
  if (::unshare(CLONE_NEWUSER) != 0) return errno_error("user namespace");
  FB_TRY(posix::write_file("/proc/self/setgroups", "deny"));
  FB_TRY(posix::write_file("/proc/self/uid_map", fmt::format("{0} {0} 1", uid)));
  return posix::write_file("/proc/self/gid_map", fmt::format("{0} {0} 1", gid));
}

// Runs `body` in a child and says whether it succeeded there: for what cannot be undone.
Status in_child(uint64_t namespaces, std::string_view what, const std::function<bool()>& body) {
  clone_args args{};
  int pidfd = -1;
  args.flags = namespaces | CLONE_PIDFD;
  args.pidfd = reinterpret_cast<uintptr_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  const long pid = ::syscall(SYS_clone3, &args, sizeof args);
  if (pid == 0) ::_exit(body() ? 0 : errno);
  if (pid < 0) return errno_error(what);
  const Fd owned(pidfd);
  const ExitState end = FB_TRY(posix::wait_for(pidfd));
  if (end == ExitState{}) return {};
  return end.signalled ? failed(fmt::format("{}: {}", what, end.text()))
                       : posix::error_of(end.code, what);
}

Status probe_pid_namespace() {
  return in_child(CLONE_NEWPID, "PID namespace", [] { return true; });
}

// Some systems let everybody make user namespaces and refuse all use of them; found out too late,
// this process would be nobody for the rest of its life.
Status probe_user_namespace() {
  return in_child(0, "user namespace", [] {
    return enter_user_namespace().ok() && ::unshare(CLONE_NEWNS) == 0 &&
           ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  });
}

Status bring_loopback_up() {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return errno_error("socket");
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", sizeof request.ifr_name - 1);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) return errno_error("loopback");
  return {};
}

Status mount_at(const char* source, const std::string& target, const char* type,
                unsigned long flags, const std::string& data) {
  if (::mount(source, target.c_str(), type, flags, data.c_str()) != 0)
    return errno_error(fmt::format("mount {} on {}", type, target));
  return {};
}

Result<Fd> make_and_open(const std::string& path, mode_t mode) {
  FB_TRY(posix::make_directory(path, 0700));
  if (::chmod(path.c_str(), mode) != 0) return errno_error("chmod " + path);  // past the umask
  return posix::open(path, O_PATH | O_DIRECTORY);
}

}  // namespace

Result<Isolation> Isolation::enter(const IsolationOptions& options) {
  using Wish = IsolationOptions::Wish;
  Isolation isolation;
  IsolationReport& report = isolation.report_;
  std::vector<std::string> shared;
  const auto share = [&](std::string_view what, std::string_view why) {
    shared.push_back(fmt::format("{}: {}", what, why));
  };

  if (options.wish == Wish::kNone) {
    report.mode = "none";
    report.why = "--isolation none";
    return isolation;
  }

  const Status mounts = isolation.enter_mount_namespace();
  const Status pids = probe_pid_namespace();
  report.processes = pids.ok();
  if (!pids.ok()) share("processes", pids.error().message);

  if (options.without_network) {
    // As on the host, because that was asked for.
  } else if (!options.share_network_why.empty()) {
    share("network", options.share_network_why);
  } else if (const Status network = isolation.renew_network(); !network.ok()) {
    FB_TRY(isolation.leave_network());
    share("network", network.error().message);
  } else {
    report.network = true;
  }

  if (!mounts.ok()) {
    if (!options.without_directories) share("directories", mounts.error().message);
    if (!options.without_network) share("hosts", mounts.error().message);
  } else {
    if (options.without_network) {
      // The names of the host's network go with it.
    } else if (const Status hosts = isolation.mount_hosts(); !hosts.ok()) {
      share("hosts", hosts.error().message);
    } else {
      report.hosts = true;
    }
    if (options.without_directories) {
      // As on the host, because that was asked for.
    } else if (!options.share_directories_why.empty()) {
      share("directories", options.share_directories_why);
    } else if (const Status views = isolation.renew_directories(); !views.ok()) {
      isolation.drop_directories();
      share("directories", views.error().message);
    } else {
      report.directories = true;
    }
  }

  report.mode = shared.empty() ? "full"
                : report.network || report.directories || report.hosts || report.processes
                    ? "partial"
                    : "none";
  for (const std::string& one : shared) report.why += (report.why.empty() ? "" : "; ") + one;
  if (options.wish == Wish::kFull && !shared.empty())
    return Error{Code::kUnavailable, "--isolation full is not possible: " + report.why};
  return isolation;
}

Isolation::~Isolation() {
  remove_service_directories();
}

Status Isolation::enter_mount_namespace() {
  cwd_ = std::filesystem::current_path().string();
  if (::unshare(CLONE_NEWNS) != 0) {
    if (errno != EPERM) return errno_error("mount namespace");
    FB_TRY(probe_user_namespace());
    FB_TRY(enter_user_namespace());
    report_.user_namespace = true;
    if (::unshare(CLONE_NEWNS) != 0) return errno_error("mount namespace");
  }
  // What we mount must not spread to the host.
  return mount_at(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, "");
}

Status Isolation::renew() {
  remove_service_directories();
  if (report_.network) FB_TRY(renew_network());
  if (report_.directories) {
    drop_directories();
    FB_TRY(renew_directories());
  }
  return {};
}

// --- network

Status Isolation::renew_network() {
  if (!host_network_) {
    host_network_ = FB_TRY(posix::open("/proc/self/ns/net", O_RDONLY));
    host_ipc_ = FB_TRY(posix::open("/proc/self/ns/ipc", O_RDONLY));
    host_uts_ = FB_TRY(posix::open("/proc/self/ns/uts", O_RDONLY));
  }
  if (::unshare(kNetworkNamespaces) != 0) return errno_error("network namespace");
  FB_TRY(bring_loopback_up());
  if (::sethostname(kHostName.data(), kHostName.size()) != 0) return errno_error("host name");
  // Services that listen on port 80 may do so without being root.
  return posix::write_file("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
}

Status Isolation::leave_network() {
  for (const Fd* home : {&host_network_, &host_ipc_, &host_uts_})
    if (*home && ::setns(home->get(), 0) != 0) return errno_error("return to the host's network");
  return {};
}

// --- directories

Status Isolation::mount_hosts() {
  struct stat info {};
  if (::stat("/etc/hosts", &info) != 0) return errno_error("/etc/hosts");
  // The tmpfs needs a place only until the file is bound.
  FB_TRY(mount_at("faultbox", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=64k"));
  const auto bind = [&]() -> Status {
    const Fd file = FB_TRY(posix::open("/tmp/hosts", O_WRONLY | O_CREAT | O_EXCL, 0644));
    if (::fchmod(file.get(), 0644) != 0) return errno_error("hosts file");
    if (::write(file.get(), kHosts.data(), kHosts.size()) != static_cast<ssize_t>(kHosts.size()))
      return errno_error("hosts file");
    return mount_at("/tmp/hosts", "/etc/hosts", "", MS_BIND, "");
  };
  const Status bound = bind();
  if (::umount2("/tmp", MNT_DETACH) != 0) return errno_error("umount /tmp");
  return bound;
}

Status Isolation::renew_directories() {
  if (views_.empty()) {
    std::filesystem::path first;
    for (const char* path : {"/tmp", "/var/tmp"}) {
      std::error_code missing;
      const auto real = std::filesystem::canonical(path, missing);
      if (missing || real == first) continue;  // /var/tmp may lead to /tmp, or not be there
      first = real;
      // The host's directory itself, whatever is mounted over it later.
      struct statvfs host {};
      const bool nosuid = ::statvfs(path, &host) != 0 || (host.f_flag & ST_NOSUID) != 0;
      views_.push_back(
          {path, FB_TRY(posix::open(path, O_PATH | O_DIRECTORY)), Fd(), Fd(), nosuid, false});
    }
    if (views_.empty() || views_[0].path != "/tmp") return failed("there is no /tmp");
  }
  // Whoever stands below /tmp must stand in the new view of it.
  if (::chdir("/") != 0) return errno_error("chdir /");
  FB_TRY(mount_at("faultbox", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0711"));
  upper_mounted_ = true;
  for (size_t i = 0; i < views_.size(); ++i) {
    struct stat lower {};
    if (::fstat(views_[i].lower.get(), &lower) != 0) return errno_error(views_[i].path);
    views_[i].upper = FB_TRY(make_and_open(fmt::format("/tmp/upper{}", i), lower.st_mode & 07777));
    views_[i].work = FB_TRY(make_and_open(fmt::format("/tmp/work{}", i), 0700));
  }
  for (View& view : views_) FB_TRY(mount_view(view));
  std::error_code missing;
  if (std::filesystem::is_directory("/dev/shm", missing)) {
    FB_TRY(mount_at("faultbox", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"));
    shm_mounted_ = true;
  }
  if (::chdir(cwd_.c_str()) != 0) return errno_error("chdir " + cwd_);
  return {};
}

Status Isolation::mount_view(View& view) {
  std::string options = fmt::format("lowerdir={},upperdir={},workdir={}", through(view.lower),
                                    through(view.upper), through(view.work));
  // In a user namespace trusted.* attributes cannot be set; overlayfs then keeps its notes in
  // user.*. A tmpfs before Linux 6.6 knows neither: the view works without, except for renamed
  // directories.
  const unsigned long flags = MS_NODEV | (view.nosuid ? MS_NOSUID : 0);
  if (report_.user_namespace &&
      mount_at("faultbox", view.path, "overlay", flags, options + ",userxattr").ok()) {
    view.mounted = true;
    return {};
  }
  FB_TRY(mount_at("faultbox", view.path, "overlay", flags, options));
  view.mounted = true;
  return {};
}

void Isolation::drop_directories() {
  (void)!::chdir("/");
  if (std::exchange(shm_mounted_, false)) ::umount2("/dev/shm", MNT_DETACH);
  for (auto view = views_.rbegin(); view != views_.rend(); ++view) {
    if (std::exchange(view->mounted, false)) ::umount2(view->path.c_str(), MNT_DETACH);
    view->upper.reset();
    view->work.reset();
  }
  if (std::exchange(upper_mounted_, false)) ::umount2("/tmp", MNT_DETACH);
  (void)!::chdir(cwd_.c_str());
}

std::vector<Isolation::Written> Isolation::written() const {
  std::vector<Written> all;
  for (const View& view : views_)
    if (view.mounted) all.push_back({view.path, view.upper.get()});
  return all;
}

std::string Isolation::host_path(const std::string& path) const {
  for (const View& view : views_)
    if (view.mounted && path.starts_with(view.path + "/"))
      return through(view.lower) + path.substr(view.path.size());
  return path;
}

// --- services

Result<std::string> Isolation::make_service_directory(const std::string& service,
                                                      const std::string& shared_parent) {
  if (!report_.directories) {
    std::string path = fmt::format("{}/{}-XXXXXX", shared_parent, service);
    if (::mkdtemp(path.data()) == nullptr) return errno_error("cannot create " + path);
    service_directories_.push_back(path);
    return path;
  }
  // The same name in every execution, unless the host's /tmp has it already.
  for (int i = 0;; ++i) {
    std::string path = fmt::format("/tmp/faultbox-{}", service);
    if (i > 0) path += fmt::format(".{}", i);
    if (::mkdir(path.c_str(), 0700) == 0) {
      if (::chmod(path.c_str(), 0777) != 0) return errno_error("chmod " + path);
      return path;
    }
    if (errno != EEXIST) return errno_error("cannot create " + path);
  }
}

void Isolation::remove_service_directories() {
  for (const std::string& path : service_directories_) {
    std::error_code gone;
    std::filesystem::remove_all(path, gone);
  }
  service_directories_.clear();
}

}  // namespace fb
