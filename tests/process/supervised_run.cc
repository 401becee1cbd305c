#include "tests/process/supervised_run.h"

#include "core/model/errno_table.h"
#include "interpose/sys/posix.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fb {

std::string guest_path(std::string_view name) {
  return std::string(FB_GUEST_DIR) + "/" + std::string(name);
}

SyscallSet calls_of(std::initializer_list<std::string_view> keys) {
  SyscallSet set;
  for (std::string_view key : keys)
    for (SyscallId id : expand_family(key)) set.insert(id);
  return set;
}

FaultRule rule(std::string_view key, FaultAction action, std::string_view path,
               std::string_view trigger) {
  FaultRule r;
  r.key = std::string(key);
  r.filter = expand_family(key);
  for (SyscallId id : r.filter) r.calls.insert(id);
  r.action = std::move(action);
  if (!path.empty()) r.path = PathPattern::parse(path).value();
  if (!trigger.empty()) r.trigger = parse_trigger(trigger).value();
  r.identity = r.key;
  return r;
}

DenyAction deny(std::string_view name) {
  return {errno_number(name).value(), std::string(name)};
}

SupervisedRun::SupervisedRun(SyscallSet recorded, bool deny_io_uring)
    : deny_io_uring_(deny_io_uring) {
  ServiceSpec service;
  service.name = "svc";
  service.recorded = recorded;
  topology_.services.push_back(std::move(service));
  loop_ = EpollLoop::create().value();
  clock_ = std::make_unique<Clock>(*loop_, Clock::Mode::kReal, 0);
  log_ = std::make_unique<EventLog>(topology_.names());
  rules_ = std::make_unique<RuleSets>(
      topology_, [](std::string_view, std::string_view, uint64_t) { return 0.0; });
  scheduler_ = std::make_unique<Scheduler>(topology_, *log_, *clock_, *rules_);
  supervisor_ = std::make_unique<Supervisor>(*loop_, *scheduler_, *clock_, nullptr);
  planner_ = std::make_unique<SeccompPlanner>(*supervisor_, topology_, SeccompPlanner::Options{});
}

SupervisedRun::~SupervisedRun() {
  if (pid_ > 1 && !status_) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
}

void SupervisedRun::start(const std::vector<std::string>& argv) {
  int out[2], channel[2];
  ASSERT_EQ(pipe2(out, O_CLOEXEC), 0);
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel), 0);
  LaunchSpec spec;
  spec.service = ServiceId{0};
  spec.notify = topology_.services[0].recorded;
  spec.deny_io_uring = deny_io_uring_;
  plan_ = planner_->plan(spec, channel[1]).value();
  std::vector<char*> args;
  for (const std::string& arg : argv) args.push_back(const_cast<char*>(arg.c_str()));
  args.push_back(nullptr);
  pid_ = fork();
  ASSERT_GE(pid_, 0);
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(out[1], 1);
    if (plan_ != nullptr && plan_->install_and_send(channel[1]) != 0) _exit(126);
    execv(args[0], args.data());
    _exit(127);
  }
  close(out[1]);
  close(channel[1]);
  output_ = Fd(out[0]);
  const Fd ours(channel[0]);
  if (plan_ == nullptr) return;
  std::array<std::byte, 1> byte;
  auto message = posix::receive_with_fd(ours.get(), byte);
  ASSERT_TRUE(message.ok() && message->fd);
  plan_->listener_arrived(pid_, std::move(message->fd));
}

bool SupervisedRun::ended() {
  int status = 0;
  if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_.has_value();
}

void SupervisedRun::run_until(const std::function<bool()>& done) {
  bool late = false;
  // Wakes the loop up, for what no watched descriptor tells of.
  std::unique_ptr<Timer> tick;
  std::function<void()> again = [&] { tick = loop_->after(std::chrono::milliseconds(5), again); };
  again();
  auto limit = loop_->after(std::chrono::seconds(20), [&] { late = true; });
  loop_->run_until([&] { return late || done(); });
  ASSERT_FALSE(late) << "the guest did not get there; so far:\n" << output();
}

int SupervisedRun::finish() {
  run_until([this] { return ended(); });
  return status_.value_or(-1);
}

std::string SupervisedRun::output() {
  std::string text;
  std::array<char, 4096> buffer;
  fcntl(output_.get(), F_SETFL, O_NONBLOCK);
  ssize_t got;
  while ((got = read(output_.get(), buffer.data(), buffer.size())) > 0)
    text.append(buffer.data(), static_cast<size_t>(got));
  return text;
}

std::vector<std::string> SupervisedRun::events(bool with_path) const {
  std::vector<std::string> lines;
  for (const Event& event : log_->events()) {
    std::string line(event.field("syscall"));
    line += ' ';
    line += event.field("decision");
    if (with_path && event.has("path")) {
      line += ' ';
      line += event.field("path");
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace fb
