#include "core/run/service_runner.h"

#include "core/base/text.h"
#include "core/run/diagnose.h"
#include "core/run/readiness.h"
#include "core/runtime/loop.h"

#include <fmt/format.h>

namespace fb {
namespace {

constexpr Duration kStopGrace = std::chrono::seconds(2);
constexpr Duration kKillLimit = std::chrono::seconds(10);
constexpr Duration kPortsLimit = std::chrono::seconds(10);
constexpr Duration kPortsPause = std::chrono::milliseconds(100);
constexpr int kSigKill = 9, kSigCont = 18, kSigStop = 19;

Diagnostic problem(const std::string& service, std::string code, std::string message,
                   std::string suggestion) {
  Diagnostic diagnostic{
      .code = std::move(code), .message = std::move(message), .suggestion = std::move(suggestion)};
  diagnostic.service = service;
  return diagnostic;
}

// I/O of these kinds must not go round the rules through io_uring (spec §8.2).
bool io_uring_goes_round(const SyscallSet& recorded) {
  for (const char* key : {"read", "write", "fsync", "open", "sendto", "recvfrom", "connect",
                          "accept", "bind", "listen", "shutdown", "socket"})
    for (const SyscallId call : expand_family(key))
      if (recorded.contains(call)) return true;
  return false;
}

std::string listening_text(const std::vector<std::string>& addresses) {
  if (addresses.empty()) return "the process lives, but listens on no TCP port";
  return "the process lives and listens on " + join(addresses, ", ");
}

}  // namespace

ServiceRunner::ServiceRunner(ServiceId id, const Surroundings& surroundings)
    : id_(id),
      around_(surroundings),
      spec_(surroundings.topology.at(id)),
      observers_(id, spec_,
                 {surroundings.env, surroundings.log, surroundings.clock, surroundings.fibers}) {}

void ServiceRunner::log(EventType type) {
  around_.log.append(id_, type, around_.clock.now(), {});
}

// What the service does from here on comes after what the driver has done so far (spec §17.3).
void ServiceRunner::follows_driver() {
  around_.log.learn(id_, around_.log.clock_of(kTestDriver), around_.log.last_of(kTestDriver));
}

// In a network shared with others a declared port may be taken (spec §5).
Status ServiceRunner::await_free_ports() {
  if (!around_.env.port_holder) return {};
  const Instant deadline = around_.clock.now() + kPortsLimit;
  for (const InterfaceSpec& interface : spec_.interfaces) {
    for (std::string holder; !(holder = around_.env.port_holder(interface.port)).empty();) {
      if (around_.clock.now() >= deadline)
        return failed(fmt::format("port {} of service \"{}\" is in use by {}", interface.port,
                                  spec_.name, holder));
      await_sleep(around_.clock, kPortsPause);
    }
  }
  return {};
}

Result<std::unique_ptr<Process>> ServiceRunner::launch() {
  FB_TRY(await_free_ports());
  const ExecutionEnvironment& env = around_.env;
  LaunchSpec launch;
  launch.service = id_;
  launch.name = spec_.name;
  launch.binary = FB_TRY(env.find_binary(spec_));
  // A restarted service finds what it has left there.
  if (!directory_) directory_ = FB_TRY(env.private_directory(spec_.name));
  launch.args = spec_.args;
  launch.env = service_environment(env.inherited, around_.topology, spec_, *directory_);
  launch.cwd = spec_.cwd;
  launch.notify = spec_.recorded;
  launch.deny_io_uring = io_uring_goes_round(spec_.recorded);
  launch.controlled = around_.controlled;
  launch.followed = around_.followed;
  // Whoever may connect may connect to an interface with a proxy.
  launch.route_connects = !around_.controlled && around_.topology.any_proxied();
  launch.deny_io_uring = launch.deny_io_uring || launch.route_connects;
  return env.launcher.launch(launch, around_.listener);
}

std::optional<Diagnostic> ServiceRunner::start(std::optional<Duration> ready_limit) {
  exit_.reset();
  ready_ = false;
  process_.reset();
  const Status attached = observers_.attach();
  if (!attached.ok())
    return problem(
        spec_.name, "LAUNCH_FAILED",
        fmt::format("cannot observe service \"{}\": {}", spec_.name, attached.error().message),
        "see observe=");
  follows_driver();
  around_.log.announce(id_, EventType::kServiceStarted);
  Result<std::unique_ptr<Process>> launched = launch();
  if (!launched.ok()) {
    around_.log.withdraw_announced(id_);
    return problem(spec_.name, "LAUNCH_FAILED", launched.error().message,
                   "see binary=, cwd= and the permissions of the file");
  }
  process_ = std::move(launched).value();
  around_.log.append_announced(id_, around_.clock.now());
  observers_.started();
  ServiceSpec wanted = spec_;
  if (ready_limit) wanted.healthcheck.timeout = *ready_limit;
  const Status ready =
      await_ready(wanted, *process_, around_.clock, around_.env.probe_net, around_.env.clients,
                  [&] { return exit_.has_value() || around_.given_up(); });
  if (exit_ && !ready.ok()) {
    Diagnostic crash =
        crash_diagnostic(spec_.name, *exit_, tail_.text(), around_.log, around_.clock.now());
    crash.message = fmt::format("service \"{}\" exited before it was ready: {}{}", spec_.name,
                                exit_->text(), quoted_tail(tail_.text()));
    return crash;
  }
  if (around_.given_up()) return std::nullopt;
  if (!ready.ok())
    return problem(spec_.name, "HEALTHCHECK_TIMEOUT",
                   fmt::format("service \"{}\" {}", spec_.name, ready.error().message),
                   listening_text(process_->listening_addresses()));
  ready_ = true;
  if (spec_.healthcheck.kind != HealthCheck::Kind::kNone) log(EventType::kServiceReady);
  observers_.ready();
  return std::nullopt;
}

void ServiceRunner::stop() {
  if (process_ == nullptr) return;
  follows_driver();
  if (paused_ && is_up()) (void)process_->signal_all(kSigCont).ok();
  paused_ = false;
  process_->await_stop(kStopGrace);
}

Status ServiceRunner::kill(int signal) {
  if (!is_up()) return failed(fmt::format("service \"{}\" is not running", spec_.name));
  acknowledge();
  follows_driver();
  FB_TRY(process_->signal_all(signal));
  if (signal == kSigKill && !process_->await_exit(kKillLimit))
    return Error{Code::kTimeout, fmt::format("service \"{}\" did not end", spec_.name)};
  return {};
}

Status ServiceRunner::pause() {
  if (!is_up()) return failed(fmt::format("service \"{}\" is not running", spec_.name));
  if (paused_) return failed(fmt::format("service \"{}\" is paused already", spec_.name));
  FB_TRY(process_->signal_all(kSigStop));
  follows_driver();
  paused_ = true;
  log(EventType::kServicePaused);
  return {};
}

Status ServiceRunner::resume() {
  if (!is_up()) return failed(fmt::format("service \"{}\" is not running", spec_.name));
  if (!paused_) return failed(fmt::format("service \"{}\" is not paused", spec_.name));
  FB_TRY(process_->signal_all(kSigCont));
  paused_ = false;
  follows_driver();
  log(EventType::kServiceResumed);
  return {};
}

void ServiceRunner::printed(bool is_stderr, std::string_view bytes) {
  tail_.add(bytes);
  observers_.printed(is_stderr, bytes);
  if (around_.env.output) around_.env.output(spec_, is_stderr, bytes);
}

void ServiceRunner::exited(ExitState state) {
  exit_ = state;
  observers_.output_ended();
}

void ServiceRunner::catch_up() {
  if (observers_.empty()) return;
  if (process_ != nullptr) process_->catch_up();
  observers_.catch_up();
}

void ServiceRunner::await_end_under_way() {
  if (is_up() && process_->ending()) process_->await_exit(kKillLimit);
}

std::vector<std::string> ServiceRunner::blocked_in() const {
  return is_up() ? process_->blocked_in() : std::vector<std::string>{};
}

bool ServiceRunner::exit_expected() const {
  return acknowledged_ || spec_.may_exit ||
         (spec_.interfaces.empty() && exit_ && !exit_->signalled && exit_->code == 0);
}

void ServiceRunner::log_exit(bool expected) {
  around_.log.append(id_, EventType::kServiceStopped, around_.clock.now(),
                     {{exit_->signalled ? "signal" : "exit_code", std::to_string(exit_->code)},
                      {"expected", expected ? "true" : "false"}});
}

}  // namespace fb
