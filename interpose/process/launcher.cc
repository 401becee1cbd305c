#include "interpose/process/launcher.h"

#include "core/base/check.h"
#include "core/model/errno_table.h"
#include "interpose/process/init_process.h"
#include "interpose/process/local_process.h"
#include "interpose/sys/posix.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/sched.h>
#include <new>
#include <signal.h>
#include <sstream>
#include <string_view>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace fb {
namespace {

constexpr Duration kStartLimit = std::chrono::seconds(30);

// Descriptor 0, 1 or 2 may be free in this process, but they are special in the child.
Result<Fd> above_stdio(Result<Fd> opened) {
  Fd fd = FB_TRY(std::move(opened));
  if (fd.get() > 2) return fd;
  Fd lifted(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3));
  if (!lifted) return posix::error_of(errno, "cannot duplicate a descriptor");
  return lifted;
}

Result<posix::Pair> above_stdio(Result<posix::Pair> made) {
  posix::Pair pair = FB_TRY(std::move(made));
  Fd first = FB_TRY(above_stdio(std::move(pair.first)));
  return posix::Pair{std::move(first), FB_TRY(above_stdio(std::move(pair.second)))};
}

// High, so that it is in nobody's way, and below 1024, so that it exists under every usual limit.
int handoff_number() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<int>(std::clamp<rlim_t>(limit.rlim_cur, 64, 1024)) - 1;
}

// argv or envp; the strings outlive it.
class CStrings {
 public:
  explicit CStrings(std::vector<std::string> strings) : strings_(std::move(strings)) {
    for (std::string& string : strings_) pointers_.push_back(string.data());
    pointers_.push_back(nullptr);
  }
  CStrings(const CStrings&) = delete;
  CStrings& operator=(const CStrings&) = delete;
  char* const* data() const { return pointers_.data(); }

 private:
  std::vector<std::string> strings_;
  std::vector<char*> pointers_;
};

std::vector<std::string> arguments_of(const LaunchSpec& spec) {
  std::vector<std::string> all{spec.binary};
  all.insert(all.end(), spec.args.begin(), spec.args.end());
  return all;
}

std::vector<std::string> environment_of(const LaunchSpec& spec) {
  std::vector<std::string> all;
  for (const auto& [name, value] : spec.env) all.push_back(fmt::format("{}={}", name, value));
  return all;
}

// A BirthReport that the child can still write to when it can do nothing else.
class SharedReport {
 public:
  static Result<SharedReport> make() {
    void* page = ::mmap(nullptr, sizeof(BirthReport), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return posix::error_of(errno, "cannot map a page");
    return SharedReport(new (page) BirthReport);
  }
  SharedReport(SharedReport&& other) noexcept : page_(std::exchange(other.page_, nullptr)) {}
  SharedReport& operator=(SharedReport&&) = delete;
  ~SharedReport() {
    if (page_ != nullptr) ::munmap(page_, sizeof(BirthReport));
  }
  BirthReport* get() const { return page_; }

 private:
  explicit SharedReport(BirthReport* page) : page_(page) {}
  BirthReport* page_;
};

// fork(), with a pidfd and perhaps a PID namespace.
struct Forked {
  pid_t pid = -1;  // 0 in the child, -errno if it failed
  Fd pidfd;
};
Forked fork_init(bool pid_namespace) {
  int pidfd = -1;
  clone_args args{};
  args.flags = CLONE_PIDFD | (pid_namespace ? CLONE_NEWPID | CLONE_NEWNS : 0);
  args.pidfd = reinterpret_cast<uintptr_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  // The child must not run a handler of ours before it has its own signal mask.
  sigset_t all, before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before);
  const long pid = ::syscall(SYS_clone3, &args, sizeof args);
  const int error = errno;
  if (pid == 0) return {0, Fd()};
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return {-error, Fd()};
  return {static_cast<pid_t>(pid), Fd(pidfd)};
}

// A map of users or groups in which everybody who exists here keeps their number.
std::string same_numbers(const std::string& map_file) {
  const auto here = posix::read_file(map_file);
  if (!here.ok()) return "";
  std::string map;
  std::istringstream lines(*here);
  uint64_t inside = 0, outside = 0, count = 0;
  while (lines >> inside >> outside >> count)
    map += fmt::format("{} {} {}\n", inside, inside, count);
  return map;
}

// "#!/no/such/interpreter" and a missing dynamic linker give the same ENOENT as a missing file.
std::string exec_error_text(const std::string& binary, int error_number) {
  std::string reason = errno_text(error_number);
  if (error_number != ENOENT || ::access(binary.c_str(), F_OK) != 0) return reason;
  std::string first(256, '\0');
  const auto fd = posix::open(binary, O_RDONLY);
  const ssize_t n = fd.ok() ? ::read(fd.value().get(), first.data(), first.size()) : 0;
  std::string_view line(first.data(), static_cast<size_t>(std::max<ssize_t>(n, 0)));
  if (!line.starts_with("#!")) return "its dynamic linker is missing: " + reason;
  line = line.substr(2, line.find('\n') - 2);
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  line = line.substr(0, line.find_first_of(" \t\r"));
  return fmt::format("bad interpreter '{}': {}", line, reason);
}

Error birth_error(const LaunchSpec& spec, const BirthReport& report) {
  const int number = report.error_number;
  const auto because = [&](std::string_view what) { return posix::error_of(number, what); };
  switch (static_cast<BirthReport::Step>(report.step)) {
    case BirthReport::kFork:
      return because("cannot fork");
    case BirthReport::kDirectory:
      return because(fmt::format("cannot enter '{}'", spec.cwd));
    case BirthReport::kSchedule:
      return because("cannot set its scheduling");
    case BirthReport::kFilter:
      return because("cannot install the system call filter");
    case BirthReport::kExec:
      return Error{because("").code,
                   fmt::format("{}: {}", spec.binary, exec_error_text(spec.binary, number))};
    case BirthReport::kNone:
    case BirthReport::kDescriptors:
      break;
  }
  return because("cannot arrange its descriptors");
}

}  // namespace

LocalLauncher::LocalLauncher(EpollLoop& loop, FilterPlanner* planner, LaunchOptions options)
    : loop_(loop), planner_(planner), options_(options) {
  FB_CHECK(::sched_getaffinity(0, sizeof cpus_, &cpus_) == 0);
  if (!options_.pid_namespace) shared_processes_why_ = "not asked for";
}

Result<std::unique_ptr<Process>> LocalLauncher::launch(const LaunchSpec& spec,
                                                       ProcessListener& listener) {
  exec_failed_ = false;
  const auto cannot_start = [&](const Error& error) {
    return error.within(fmt::format("cannot start service \"{}\"", spec.name));
  };
  auto launched = start(spec, listener);
  if (!launched.ok()) return cannot_start(launched.error());
  return std::unique_ptr<Process>(std::move(launched).value());
}

Result<std::unique_ptr<LocalProcess>> LocalLauncher::start(const LaunchSpec& spec,
                                                           ProcessListener& listener) {
  const int handoff = handoff_number();
  std::unique_ptr<FilterPlan> plan;
  if (planner_ != nullptr) plan = FB_TRY(planner_->plan(spec, handoff));

  const CStrings argv(arguments_of(spec));
  const CStrings envp(environment_of(spec));
  const SharedReport report = FB_TRY(SharedReport::make());
  posix::Pair out, err;
  if (!options_.pass_stdio) {
    out = FB_TRY(above_stdio(posix::pipe()));
    err = FB_TRY(above_stdio(posix::pipe()));
  }
  posix::Pair commands = FB_TRY(above_stdio(posix::socket_pair(SOCK_SEQPACKET)));
  posix::Pair events = FB_TRY(above_stdio(posix::socket_pair(SOCK_SEQPACKET)));
  posix::Pair handed = FB_TRY(above_stdio(posix::socket_pair(SOCK_SEQPACKET)));
  Fd null = FB_TRY(above_stdio(posix::open("/dev/null", O_RDWR)));
  // Our ends only: the service's standard output blocks, as programs expect it to.
  for (const Fd* ours : {&out.first, &err.first, &events.first, &handed.first})
    if (*ours) FB_TRY(posix::set_nonblocking(ours->get()));

  InitProcess init;
  init.commands = commands.second.get();
  init.events = events.second.get();
  init.main = {.binary = spec.binary.c_str(),
               .argv = argv.data(),
               .envp = envp.data(),
               .cwd = spec.cwd.c_str(),
               .pass_stdio = options_.pass_stdio,
               .null = null.get(),
               .out = out.second.get(),
               .err = err.second.get(),
               .handoff = handed.second.get(),
               .handoff_number = handoff,
               .controlled = spec.controlled,
               .cpus = cpus_,
               .plan = plan.get(),
               .report = report.get()};
  if (spec.controlled) {
    CPU_ZERO(&init.main.cpus);
    CPU_SET(static_cast<size_t>(std::max(::sched_getcpu(), 0)), &init.main.cpus);
  }

  const std::string user_map = same_numbers("/proc/self/uid_map");
  const std::string group_map = same_numbers("/proc/self/gid_map");
  if (options_.user_namespace) {
    init.user_map = user_map.c_str();
    init.group_map = group_map.c_str();
  }

  init.pid_namespace = shared_processes_why_.empty();
  Forked forked = fork_init(init.pid_namespace);
  if (forked.pid == -EPERM && init.pid_namespace) {
    shared_processes_why_ = "PID namespaces: " + errno_text(EPERM);
    init.pid_namespace = false;
    forked = fork_init(false);
  }
  if (forked.pid == 0) run_init(init);
  if (forked.pid < 0) return posix::error_of(-forked.pid, "cannot fork");

  auto process = std::make_unique<LocalProcess>(
      loop_, listener,
      LocalProcess::Parts{.service = spec.service,
                          .pid_namespace = init.pid_namespace,
                          .private_network = options_.private_network,
                          .init = std::move(forked.pidfd),
                          .commands = std::move(commands.first),
                          .events = std::move(events.first),
                          .out = std::move(out.first),
                          .err = std::move(err.first)});
  for (Fd* theirs : {&out.second, &err.second, &commands.second, &events.second, &handed.second})
    theirs->reset();

  const Status started = process->await_started(kStartLimit);
  if (report.get()->users_error != 0)
    shared_users_why_ = "user namespace: " + errno_text(report.get()->users_error);
  if (!started.ok()) {
    if (report.get()->error_number != 0) return birth_error(spec, *report.get());
    return started.error();
  }
  const std::byte go{};
  FB_TRY(posix::send_all(handed.first.get(), std::span(&go, 1)));
  // The listener, if there is a filter; then the end of the socket: exec closed it, or death did.
  while (true) {
    std::byte byte{};
    auto message = FB_TRY(posix::receive_with_fd(handed.first.get(), std::span(&byte, 1)));
    if (message.none) {
      if (!loop_.await_readable(handed.first.get(), kStartLimit))
        return Error{Code::kTimeout, "exec does not return"};
      continue;
    }
    if (message.size == 0) break;
    if (plan != nullptr && message.fd)
      plan->listener_arrived(process->pid(), std::move(message.fd));
  }
  if (report.get()->error_number != 0) {
    exec_failed_ = report.get()->step == BirthReport::kExec;
    return birth_error(spec, *report.get());
  }
  process->go_live();
  return process;
}

}  // namespace fb
