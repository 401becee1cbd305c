#include "cli/program_run.h"

#include "cli/call_log.h"
#include "core/base/draw.h"
#include "core/run/diagnose_rules.h"
#include "core/run/fault_report.h"
#include "core/trace/syscall_summary.h"
#include "interpose/partition/socket_cut.h"
#include "interpose/process/binary_lookup.h"
#include "interpose/process/isolation.h"
#include "interpose/process/launcher.h"
#include "interpose/seccomp/planner.h"
#include "interpose/seccomp/supervisor.h"
#include "interpose/sys/epoll_loop.h"
#include "interpose/sys/passed_signals.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace fb::cli {
namespace {

constexpr const char* kName = "run";
constexpr ServiceId kProgram{0};

ProgramFailure ours(const Error& error) {
  return {false, error.message};
}

Result<Isolation> isolate(const RunOptions& options) {
  IsolationOptions wish;
  wish.wish = options.isolation == IsolationWish::kFull   ? IsolationOptions::Wish::kFull
              : options.isolation == IsolationWish::kNone ? IsolationOptions::Wish::kNone
                                                          : IsolationOptions::Wish::kAuto;
  wish.without_network = options.host_network;
  // A program that is run works on the user's files.
  wish.without_directories = true;
  return Isolation::enter(wish);
}

Topology topology_of(const RunOptions& options, const std::string& binary) {
  ServiceSpec program;
  program.name = kName;
  program.binary = binary;
  program.args = options.args;
  for (const FaultRule& rule : options.rules)
    for (SyscallId call : rule.filter) program.recorded.insert(call);
  Topology topology;
  topology.services.push_back(std::move(program));
  return topology;
}

// I/O must not go round the rules (spec §8.2).
bool goes_round(const std::vector<FaultRule>& rules) {
  static constexpr std::string_view kFamilies[] = {"read",    "write",  "fsync",  "open",
                                                   "connect", "accept", "sendto", "recvfrom"};
  for (const FaultRule& rule : rules)
    for (SyscallId call : rule.filter)
      if (std::ranges::find(kFamilies, row_of(call).family) != std::end(kFamilies)) return true;
  return false;
}

class ProgramRun final : private ProcessListener {
 public:
  ProgramRun(const RunOptions& options, const std::string& binary, EpollLoop& loop,
             const Isolation& isolation, const Log& log)
      : options_(options),
        log_(log),
        loop_(loop),
        isolation_(isolation),
        topology_(topology_of(options, binary)),
        clock_(loop, Clock::Mode::kReal, EpollLoop::unix_time_ns()),
        events_(topology_.names()),
        rules_(topology_,
               [seed = options.seed](std::string_view service, std::string_view rule, uint64_t n) {
                 return draw(seed, kName, service, rule, n);
               }),
        scheduler_(topology_, events_, clock_, rules_),
        supervisor_(loop, scheduler_, clock_, nullptr),
        planner_(supervisor_, topology_, {}),
        launcher_(loop, &planner_,
                  {.pid_namespace = isolation.report().processes,
                   .private_network = isolation.report().network,
                   .pass_stdio = true,
                   // Without the rights of root we are in one already.
                   .user_namespace = options.isolation != IsolationWish::kNone &&
                                     !isolation.report().user_namespace}) {
    events_.listen([this](const Event& event) { tell(event); });
  }

  std::variant<ProgramEnd, ProgramFailure> run(const Invocation& invocation,
                                               PassedSignals& signals) {
    open_rules();
    std::optional<Error> error;
    loop_.fibers().spawn("launch", [&] {
      Result<std::unique_ptr<Process>> launched = launcher_.launch(launch_of(invocation), *this);
      if (launched.ok())
        process_ = std::move(launched).value();
      else
        error = launched.error();
    });
    const auto passing = loop_.watch(signals.fd(), {true, false}, [&](Ready) {
      // Before the launch has returned there is nobody to get it yet: it stays readable.
      if (process_ == nullptr) return;
      if (const int signal = signals.take(); signal != 0) (void)process_->signal_main(signal);
    });
    loop_.run_until([&] { return exit_ || error; });
    if (error) return ProgramFailure{launcher_.exec_failed(), error->message};
    if (!launcher_.shared_users_why().empty() && options_.isolation == IsolationWish::kAuto)
      log_.warn("not isolated", {{"what", launcher_.shared_users_why()}});
    process_.reset();  // ends what it has left behind
    return end();
  }

 private:
  void output(ServiceId, bool, std::string_view) override {}
  void exited(ServiceId, ExitState state) override { exit_ = state; }

  LaunchSpec launch_of(const Invocation& invocation) const {
    LaunchSpec launch;
    launch.service = kProgram;
    launch.name = kName;
    launch.binary = topology_.at(kProgram).binary;
    launch.args = options_.args;
    launch.env = invocation.environment;
    for (const auto& [name, value] : options_.env) launch.env[name] = value;
    launch.notify = topology_.at(kProgram).recorded;
    launch.deny_io_uring = goes_round(options_.rules);
    return launch;
  }

  void open_rules() {
    events_.append(kProgram, EventType::kServiceStarted, clock_.now(), {});
    if (options_.rules.empty()) return;
    std::vector<FaultRule> rules = options_.rules;
    std::vector<std::pair<std::string, std::string>> fields;
    std::map<std::string, int> ordinals;
    for (FaultRule& rule : rules) {
      const std::string text = fmt::format("|{}={}", rule.key, rule.text());
      rule.identity = fmt::format("{}|{}", text, ordinals[text]++);
      fields.emplace_back(rule.key, rule.applied_text());
    }
    rules_.open(kProgram, std::move(rules), false);
    events_.append(kProgram, EventType::kFaultApplied, clock_.now(), std::move(fields));
  }

  void tell(const Event& event) const {
    if (event.type != EventType::kSyscall) return;
    if (options_.debug)
      debug_call(log_, event);
    else if (is_faulted_decision(event.field("decision")))
      log_.info(event.field("syscall"), call_fields(event));
  }

  ProgramEnd end() {
    events_.append(kProgram, EventType::kServiceStopped, clock_.now(),
                   {{exit_->signalled ? "signal" : "exit_code", std::to_string(exit_->code)},
                    {"expected", "true"}});
    ProgramEnd end{.exit = *exit_,
                   .result = {},
                   .isolation_mode = isolation_.report().mode,
                   .isolation_why = isolation_.report().why};
    TestResult& result = end.result;
    result.name = kName;
    result.seed = options_.seed;
    result.started_unix_ns = clock_.epoch_ns();
    result.duration_ms = (clock_.now() - Instant{}) / std::chrono::milliseconds(1);
    result.faults = fault_reports(topology_, rules_);
    result.events.assign(events_.events().begin(), events_.events().end());
    result.syscall_summary = syscall_summary(result.events);
    result.service_names = topology_.names();
    ServiceReport report{.name = kName, .output_tail = {}};
    (exit_->signalled ? report.signal : report.exit_code) = exit_->code;
    result.services.push_back(std::move(report));
    add_rules_not_fired(result, rules_, topology_);
    sort_by_level(result.diagnostics);
    return end;
  }

  const RunOptions& options_;
  const Log& log_;
  EpollLoop& loop_;
  const Isolation& isolation_;
  Topology topology_;
  Clock clock_;
  EventLog events_;
  RuleSets rules_;
  Scheduler scheduler_;
  Supervisor supervisor_;
  SeccompPlanner planner_;
  LocalLauncher launcher_;
  std::unique_ptr<Process> process_;
  std::optional<ExitState> exit_;
};

}  // namespace

std::variant<ProgramEnd, ProgramFailure> run_program(const RunOptions& options,
                                                     const Invocation& invocation, const Log& log) {
  Result<PassedSignals> signals = PassedSignals::block();
  if (!signals.ok()) return ours(signals.error());
  const std::string here = std::filesystem::current_path().string();
  const auto path = invocation.environment.find("PATH");
  const Result<std::string> binary = look_up_binary(
      options.program,
      {here, here,
       path == invocation.environment.end() ? "/usr/local/bin:/usr/bin:/bin" : path->second,
       kind_of_file});
  if (!binary.ok()) return ProgramFailure{true, binary.error().message};
  Result<Isolation> isolation = isolate(options);
  if (!isolation.ok()) return ours(isolation.error());
  if (options.isolation == IsolationWish::kAuto && !isolation->report().why.empty())
    log.warn("not isolated", {{"what", isolation->report().why}});
  Result<std::unique_ptr<EpollLoop>> loop = EpollLoop::create();
  if (!loop.ok()) return ours(loop.error());
  return ProgramRun(options, *binary, **loop, *isolation, log).run(invocation, *signals);
}

}  // namespace fb::cli
