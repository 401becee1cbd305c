#include "cli/execution_host.h"

#include "cli/call_log.h"
#include "cli/decision_log.h"
#include "cli/disk_files.h"
#include "cli/execution_message.h"
#include "cli/interception.h"
#include "cli/kept_files.h"
#include "cli/secrets.h"
#include "cli/service_output.h"
#include "core/run/diagnose_assertions.h"
#include "core/run/execution.h"
#include "explorer/replay_chooser.h"
#include "explorer/schedule.h"
#include "interpose/process/binary_lookup.h"
#include "interpose/process/isolation.h"
#include "interpose/process/launcher.h"
#include "interpose/process/process_tree.h"
#include "interpose/seccomp/filter.h"
#include "interpose/sys/epoll_loop.h"
#include "interpose/sys/inotify_watch.h"
#include "interpose/sys/socket_net.h"
#include "proxies/catalog.h"
#include "starlark/spec/spec.h"

#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <set>

namespace fb::cli {
namespace {

constexpr Duration kDefaultTimeout = std::chrono::seconds(60);

IsolationOptions::Wish isolation_wish(IsolationWish wish) {
  switch (wish) {
    case IsolationWish::kAuto:
      return IsolationOptions::Wish::kAuto;
    case IsolationWish::kFull:
      return IsolationOptions::Wish::kFull;
    case IsolationWish::kNone:
      return IsolationOptions::Wish::kNone;
  }
  return IsolationOptions::Wish::kAuto;
}

IsolationOptions isolation_options(const TestOptions& options) {
  return {.wish = isolation_wish(options.isolation),
          .share_network_why = options.host_network ? "options(network=\"host\")" : ""};
}

// An execution that could not even begin.
ExecutionReply broken(const ExecutionRequest& request, const std::string& type,
                      const std::string& reason) {
  ExecutionReply reply;
  reply.result.name = request.test;
  reply.result.seed = request.seed;
  reply.result.result = Verdict::kFail;
  reply.result.failure_type = type;
  reply.result.reason = reason;
  reply.record.end = type == "diverged" ? EndState::kDiverged : EndState::kBroken;
  reply.record.failed = true;
  reply.record.message = reason;
  return reply;
}

class ExecutionHost {
 public:
  ExecutionHost(const TestOptions& options, const Invocation& invocation)
      : options_(options),
        invocation_(invocation),
        lines_(false),
        log_(options.log_format, {}, [this](std::string_view lines) { lines_.put(true, lines); }),
        output_(lines_, options.format == Format::kText),
        isolation_(Isolation::enter(isolation_options(options))),
        binaries_{files_.current_directory(), directory_of(options.file), path(), kind_of_file} {}

  ExecutionReply execute(const ExecutionRequest& request);

 private:
  // One try; a call met only at run time is asked for in `wanted` (spec §8.9).
  ExecutionReply attempt(const ExecutionRequest& request,
                         const std::vector<spec::RecordedExtension>& extensions,
                         std::optional<spec::RecordedExtension>& wanted);
  Result<std::unique_ptr<Chooser>> chooser_for(const ExecutionRequest& request,
                                               const Topology& topology) const;
  Result<std::string> private_directory(const std::string& service);

  static std::string directory_of(const std::string& file) {
    const std::filesystem::path parent = std::filesystem::absolute(file).parent_path();
    return parent.string();
  }
  std::string path() const {
    const auto found = invocation_.environment.find("PATH");
    return found == invocation_.environment.end() ? "/usr/local/bin:/usr/bin:/bin" : found->second;
  }

  void keep(const ExecutionRequest& request);

  const TestOptions& options_;
  const Invocation& invocation_;
  std::set<std::string> notes_;  // told
  DiskFiles files_;
  spec::SpecCache cache_;
  TestLines lines_;
  Log log_;
  ServiceOutput output_;
  Result<Isolation> isolation_;
  BinaryLookup binaries_;
};

ExecutionReply ExecutionHost::execute(const ExecutionRequest& request) {
  if (!isolation_.ok()) return broken(request, "service_start", isolation_.error().message);
  lines_ =
      TestLines(request.collect_lines, options_.erase_text, invocation_.stdout_stream.terminal);
  std::optional<spec::RecordedExtension> wanted;
  ExecutionReply reply = attempt(request, {}, wanted);
  if (wanted) {
    const spec::RecordedExtension first = *wanted;
    wanted.reset();
    reply = attempt(request, {first}, wanted);
    reply.result.restarts = {{first.service, first.word}};
    if (wanted) {
      reply.result.result = Verdict::kFail;
      reply.result.failure_type = "error";
      reply.result.reason = fmt::format(
          "a second call was met only at run time: {} of \"{}\"; name it literally in the spec",
          wanted->word, wanted->service);
    }
  }
  const IsolationReport& report = isolation_->report();
  reply.isolation_mode = report.mode;
  reply.isolation_why = report.why;
  reply.lines = lines_.take();
  return reply;
}

Result<std::unique_ptr<Chooser>> ExecutionHost::chooser_for(const ExecutionRequest& request,
                                                            const Topology& topology) const {
  const std::vector<std::string> services = topology.names();
  Plan plan;
  if (request.plan) {
    plan = *request.plan;
  } else if (!request.schedule.empty()) {
    const Schedule schedule = FB_TRY(parse_schedule(request.schedule));
    plan = FB_TRY(plan_of(schedule, services));
    plan.anchored = request.anchored;
    plan.max_steps = request.max_steps;
  }
  std::unique_ptr<Chooser> chooser = FB_TRY(make_chooser(plan, services));
  return chooser;
}

Result<std::string> ExecutionHost::private_directory(const std::string& service) {
  return isolation_->make_service_directory(service, temporary_directory(invocation_));
}

void ExecutionHost::keep(const ExecutionRequest& request) {
  const Result<std::string> kept = keep_files(*isolation_, options_.keep_in, request.keep_as);
  if (kept.ok())
    log_.info("kept", {{"test", request.test}, {"path", *kept}});
  else
    log_.warn(kept.error().message);
}

ExecutionReply ExecutionHost::attempt(const ExecutionRequest& request,
                                      const std::vector<spec::RecordedExtension>& extensions,
                                      std::optional<spec::RecordedExtension>& wanted) {
  const Status renewed = isolation_->renew();
  if (!renewed.ok()) return broken(request, "service_start", renewed.error().message);
  Result<std::unique_ptr<EpollLoop>> loop = EpollLoop::create();
  if (!loop.ok()) return broken(request, "error", loop.error().message);

  const Execution* running = nullptr;
  Catalog catalog([&] { return running == nullptr ? Instant{} : running->now(); });
  log_.hide(redaction_of(options_, invocation_));
  spec::Spec::Loaded loaded = spec::Spec::load(
      {.path = options_.file,
       .files = files_,
       .clients = catalog,
       .cache = cache_,
       .syscall_exists = [](SyscallId call) { return number_of_syscall(call).has_value(); },
       .print = [this](std::string_view line) { log_.block(line); },
       .extensions = extensions});
  if (loaded.failure) return broken(request, "error", loaded.failure->message);
  spec::Spec& spec = *loaded.spec;
  log_.hide(redaction_of(options_, invocation_, secrets_of(spec)));
  output_.hide(log_.secrets());

  ExecutionOptions execution_options;
  execution_options.test = request.test;
  execution_options.seed = request.seed;
  execution_options.wall_ns = EpollLoop::unix_time_ns();
  execution_options.timeout =
      request.timeout.value_or(spec.defaults().timeout.value_or(kDefaultTimeout));
  execution_options.controlled = request.controlled;
  execution_options.virtual_time = request.virtual_time;
  execution_options.followed = request.followed;
  execution_options.max_steps = request.plan ? request.plan->max_steps : request.max_steps;
  execution_options.want_values = request.plan && request.plan->want_result;
  std::unique_ptr<Chooser> chooser;
  if (request.controlled) {
    Result<std::unique_ptr<Chooser>> made = chooser_for(request, spec.topology());
    if (!made.ok()) return broken(request, "diverged", made.error().message);
    chooser = std::move(made).value();
    execution_options.chooser = chooser.get();
  }
  Execution execution(**loop, spec.topology(), execution_options);
  running = &execution;
  Interception interception(**loop, execution);
  const Status proxied = interception.start_proxies();
  if (!proxied.ok()) return broken(request, "service_start", proxied.error().message);
  SocketNet probe_net(**loop);
  InotifyWatch files(**loop);
  LocalLauncher launcher(**loop, &interception.planner(),
                         {.pid_namespace = isolation_->report().processes,
                          .private_network = isolation_->report().network});
  ExecutionEnvironment environment{
      .launcher = launcher,
      .net = interception.net(),
      .probe_net = probe_net,
      .clients = catalog,
      .quiescence = interception.quiescence(),
      .network_cut = &interception.network_cut(),
      .files = &files,
      .inherited = invocation_.environment,
      .find_binary =
          [this](const ServiceSpec& service) { return look_up_binary(service.binary, binaries_); },
      .private_directory =
          [this](const std::string& service) { return private_directory(service); },
      .output =
          [&](const ServiceSpec& service, bool is_stderr, std::string_view bytes) {
            if (request.forward_output) output_.write(service.name, is_stderr, bytes);
          },
  };
  if (!isolation_->report().network) environment.port_holder = port_holder;
  if (options_.debug)
    execution.log().listen([this](const Event& event) {
      if (event.type == EventType::kSyscall) debug_call(log_, event);
    });
  spec.install(execution);
  ExecutionReply reply;
  reply.result = execution.run(environment, [&] { return spec.run_test(execution, request.test); });
  add_no_assertions(reply.result,
                    {.asserted = spec.facts().asserted, .monitored = spec.facts().had_monitor});
  sort_by_level(reply.result.diagnostics);
  reply.record = execution.take_record();
  wanted = spec.extension();
  if (options_.debug && request.controlled)
    log_.block(fmt::format("execution of {}:\n{}", request.test, decision_log(reply.record)));
  output_.flush();
  for (const std::string& note : interception.notes())
    if (notes_.insert(note).second) log_.warn(note);
  if (!request.keep_as.empty() && wanted == std::nullopt) keep(request);
  return reply;
}

}  // namespace

std::string temporary_directory(const Invocation& invocation) {
  for (const char* name : {"XDG_RUNTIME_DIR", "TMPDIR"}) {
    const auto found = invocation.environment.find(name);
    if (found != invocation.environment.end() && !found->second.empty()) return found->second;
  }
  return "/tmp";
}

std::string shared_network_why(const TestOptions& options) {
  auto probe = Worker::start([&options](WorkerChannel& channel) {
    const Result<Isolation> isolation = Isolation::enter(isolation_options(options));
    // What makes it an error is told by the first execution.
    const bool shared = isolation.ok() && !isolation->report().network;
    return channel.send(shared ? isolation->report().why : "").ok() ? 0 : 1;
  });
  if (!probe.ok()) return "";
  const Result<std::string> why = probe.value()->receive();
  return why.ok() ? *why : "";
}

WorkerPool::Serve make_execution_host(const TestOptions& options, const Invocation& invocation) {
  auto host = std::make_shared<ExecutionHost>(options, invocation);
  return [host](std::string_view bytes) {
    const Result<ExecutionRequest> request = decode_request(bytes);
    if (!request.ok()) return encode_reply(broken({}, "error", request.error().message));
    return encode_reply(host->execute(*request));
  };
}

}  // namespace fb::cli
