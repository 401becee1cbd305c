#include "tests/process/controlled_world.h"

#include "core/base/check.h"
#include "explorer/replay_chooser.h"
#include "interpose/process/launcher.h"
#include "interpose/quiescence/kernel_quiescence.h"
#include "interpose/seccomp/planner.h"
#include "interpose/sys/controlled_net.h"

#include <array>

namespace fb {
namespace {

class NoClients final : public ClientCatalog {
 public:
  std::span<const StepMethod> methods(std::string_view) const override { return {}; }
  StepResponse call(Net&, const StepCall&) override { return {}; }
  Status probe(Net&, std::string_view, const Address&, Duration) override { return {}; }
  Status check_rule(std::string_view, const ProtocolRule&) const override { return {}; }
  Status probe_http(Net&, std::string_view, Duration) override { return {}; }
};

constexpr Duration kLimit = std::chrono::seconds(5);

std::string exchange(Net& net, ActorId actor, uint16_t port, const std::string& line) {
  auto stream = net.connect(actor, Address::loopback4(port), kLimit);
  if (!stream.ok()) return stream.error().message;
  if (const Status sent = (*stream)->write(bytes_of(line + "\n"), kLimit); !sent.ok())
    return sent.error().message;
  std::string reply;
  std::array<std::byte, 4096> buffer;
  while (reply.find('\n') == std::string::npos) {
    const auto got = (*stream)->read(buffer, kLimit);
    if (!got.ok()) return got.error().message;
    if (*got == 0) break;
    reply.append(reinterpret_cast<const char*>(buffer.data()), *got);
  }
  (*stream)->close();
  return reply.substr(0, reply.find('\n'));
}

}  // namespace

ControlledWorld::ControlledWorld(LineScenario scenario)
    : scenario_(std::move(scenario)), isolation_(Isolation::enter({}).value()) {
  for (const LineService& line : scenario_.services) {
    ServiceSpec service;
    service.name = line.name;
    service.binary = line.binary;
    service.args = line.args;
    service.env = line.env;
    service.depends_on = line.depends_on;
    service.interfaces = {{.name = "main", .protocol = "tcp", .port = line.port}};
    service.healthcheck = {.kind = HealthCheck::Kind::kTcp,
                           .target = "localhost:" + std::to_string(line.port)};
    topology_.services.push_back(std::move(service));
  }
}

void ControlledWorld::start(uint64_t ticket, const Plan& plan) {
  finished_.push_back({ticket, execute(plan)});
}

World::Finished ControlledWorld::await_any() {
  FB_CHECK(!finished_.empty());
  Finished next = std::move(finished_.front());
  finished_.erase(finished_.begin());
  return next;
}

ExecutionRecord ControlledWorld::execute(const Plan& plan) {
  FB_CHECK(isolation_.renew().ok());
  auto loop = EpollLoop::create().value();
  auto chooser = make_chooser(plan, topology_.names()).value();
  ExecutionOptions options;
  options.test = "test";
  options.controlled = true;
  options.chooser = chooser.get();
  options.max_steps = plan.max_steps;
  options.want_values = plan.want_result;
  Execution execution(*loop, topology_, options);
  Connections connections;
  ServiceModel model(connections);
  Supervisor supervisor(*loop, execution.scheduler(), execution.clock(), &model);
  KernelQuiescence quiescence(
      supervisor, model,
      {.want_realtime = scenario_.realtime,
       .spin_limit = scenario_.spin_limit,
       .name = [this](ActorId actor) { return actor_name(actor, topology_.names()); }});
  SeccompPlanner planner(supervisor, topology_,
                         {.realtime = quiescence.realtime(), .spin_limit = scenario_.spin_limit});
  ControlledNet net(*loop, execution.scheduler(), execution.clock(), connections);
  SocketNet probe_net(*loop);
  LocalLauncher launcher(*loop, &planner, {.private_network = true});
  NoClients clients;
  const ExecutionEnvironment environment{
      .launcher = launcher,
      .net = net,
      .probe_net = probe_net,
      .clients = clients,
      .quiescence = &quiescence,
      .inherited = {{"PATH", "/usr/bin:/bin"}},
      .find_binary = [](const ServiceSpec& s) -> Result<std::string> { return s.binary; },
      .private_directory =
          [this](const std::string& service) {
            return isolation_.make_service_directory(service, "/tmp");
          },
  };
  std::string outcome;
  auto port_of = [this](const std::string& name) {
    return topology_.at(*topology_.find(name)).interfaces[0].port;
  };
  const TestResult result = execution.run(environment, [&]() -> std::optional<TestFailure> {
    if (!scenario_.prepare.empty())
      exchange(net, ActorId::test(), port_of(scenario_.first), scenario_.prepare);
    std::vector<std::string> replies(scenario_.go.size());
    std::vector<std::function<void(ActorId)>> branches;
    for (size_t i = 0; i < scenario_.go.size(); ++i)
      branches.push_back([&, i](ActorId actor) {
        replies[i] = exchange(net, actor, port_of(scenario_.go[i]), "go");
      });
    execution.parallel(ActorId::test(), std::move(branches));
    std::string state;
    if (!scenario_.look.empty())
      state = exchange(net, ActorId::test(), port_of(scenario_.first), scenario_.look);
    for (const std::string& reply : replies) outcome += reply + ' ';
    outcome += '|' + state;
    if (scenario_.wrong && scenario_.wrong(replies, state))
      return TestFailure{"assertion", "wrong: " + outcome, {}};
    return std::nullopt;
  });
  ExecutionRecord record = execution.take_record();
  record.failed = result.result != Verdict::kPass;
  record.outcome = result.failure_type + ' ' + outcome;
  record.message = result.reason;
  last_error = result.reason;
  for (const Diagnostic& diagnostic : result.diagnostics)
    last_error += "\n" + diagnostic.code + ": " + diagnostic.message;
  return record;
}

}  // namespace fb
