#include "tests/unit/starlark/spec/spec_fixture.h"

#include <fmt/format.h>

namespace fb::spec {
namespace {

using Type = StepParameter::Type;

constexpr StepParameter kGet[] = {{"path", Type::kString, false, "\"/\""},
                                  {"headers", Type::kStringMap, false, "{}"}};
constexpr StepParameter kPost[] = {{"path", Type::kString, false, "\"/\""},
                                   {"body", Type::kString, false, "\"\""},
                                   {"headers", Type::kStringMap, false, "{}"}};
constexpr StepMethod kHttp[] = {
    {"get", kGet, std::chrono::seconds(30), false, "GET."},
    {"post", kPost, std::chrono::seconds(30), false, "POST."},
};
constexpr StepParameter kSend[] = {{"data", Type::kString, true, ""}};
constexpr StepMethod kTcp[] = {{"send", kSend, std::chrono::seconds(10), true, "A line."}};
constexpr StepParameter kCommand[] = {{"cmd", Type::kString, true, ""},
                                      {"args", Type::kAny, false, "[]"}};
constexpr StepMethod kRedis[] = {
    {"command", kCommand, std::chrono::seconds(10), false, "A command."}};

}  // namespace

Status IdleProcess::signal_all(int signal) {
  if (exit_ || (signal != 9 && signal != 15)) return {};
  exit_ = ExitState{.signalled = true, .code = signal};
  // The run hears of it from the loop.
  loop_.fibers().spawn("exit", [&listener = listener_, service = service_, state = *exit_] {
    listener.exited(service, state);
  });
  return {};
}

bool IdleProcess::await_exit(Duration) {
  // Lets the fiber that tells of the exit go first.
  FiberPool::wake(*FiberPool::current());
  FiberPool::park();
  return exit_.has_value();
}

std::span<const StepMethod> ScriptedCatalog::methods(std::string_view protocol) const {
  if (protocol == "http") return kHttp;
  if (protocol == "tcp") return kTcp;
  if (protocol == "redis") return kRedis;
  return {};
}

StepResponse ScriptedCatalog::call(Net&, const StepCall& call) {
  calls.push_back(call);
  if (answer) return answer(call);
  return {.ok = true, .status = 200, .body = "OK"};
}

Spec::Loaded SpecTest::load(const std::string& source) {
  if (cache_ == nullptr || source != last_source_) cache_ = std::make_unique<SpecCache>();
  last_source_ = source;
  files_.texts["spec.star"] = source;
  return Spec::load({.path = "spec.star",
                     .files = files_,
                     .clients = catalog_,
                     .cache = *cache_,
                     .print = [this](std::string_view line) { printed_.emplace_back(line); },
                     .extensions = extensions_});
}

std::string SpecTest::load_error(const std::string& source) {
  SpecCache fresh;
  files_.texts["spec.star"] = source;
  Spec::Loaded loaded =
      Spec::load({.path = "spec.star", .files = files_, .clients = catalog_, .cache = fresh});
  return loaded.report;
}

TestResult SpecTest::run(const std::string& source, const std::string& test) {
  Spec::Loaded loaded = load(source);
  EXPECT_NE(loaded.spec, nullptr) << loaded.report;
  if (!loaded.spec) return {};
  spec_ = std::move(loaded.spec);
  const ExecutionEnvironment environment{
      .launcher = launcher_,
      .net = net_,
      .probe_net = net_,
      .clients = catalog_,
      .find_binary = [](const ServiceSpec& service) -> Result<std::string> {
        return service.binary;
      },
      .private_directory = [](const std::string& service) -> Result<std::string> {
        return "/run/" + service;
      }};
  execution_ =
      std::make_unique<Execution>(loop_, spec_->topology(), ExecutionOptions{.test = test});
  spec_->install(*execution_);
  return execution_->run(environment, [&] {
    if (before_body_) before_body_();
    return spec_->run_test(*execution_, test);
  });
}

std::string SpecTest::reason_in_test(const std::string& body) {
  std::string source = std::string(kServices) + "def test_a():\n";
  for (size_t at = 0; at < body.size();) {
    const size_t end = std::min(body.find('\n', at), body.size());
    source += "    " + body.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return run(source).reason;
}

size_t SpecTest::submit(std::string_view service, std::string_view call, const std::string& path,
                        int pid) {
  const ServiceId id = *execution_->topology().find(service);
  Operation operation;
  operation.actor = ActorId::service(id, 0, static_cast<uint32_t>(pid));
  operation.service = id;
  operation.call = *find_syscall(call);
  operation.pid = pid;
  operation.tid = pid;
  operation.path = path;
  const size_t index = decisions_.size();
  decisions_.emplace_back();
  // Decisions may come from inside submit(), before the id is known.
  submitted_[OperationId{0}] = index;
  const bool recorded = execution_->topology().at(id).recorded.contains(operation.call);
  const OperationId submitted =
      execution_->scheduler().submit(std::move(operation), *this, recorded);
  submitted_[submitted] = index;
  return index;
}

void SpecTest::decided(OperationId id, const Decision& decision) {
  const auto known = submitted_.find(id);
  const size_t index = known != submitted_.end() ? known->second : submitted_[OperationId{0}];
  const auto* deny = std::get_if<Deny>(&decision);
  decisions_[index] = deny != nullptr ? fmt::format("deny {}", deny->error_number) : "allow";
}

}  // namespace fb::spec
