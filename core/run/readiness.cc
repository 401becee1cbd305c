#include "core/run/readiness.h"

#include "core/model/address.h"
#include "core/runtime/loop.h"

#include <fmt/format.h>

namespace fb {
namespace {

// ready() without a name means the interface `default`, else the first (spec §3.4).
std::string named_interface(const ServiceSpec& service, const std::string& name) {
  if (!name.empty() || service.interfaces.empty()) return name;
  for (const InterfaceSpec& interface : service.interfaces)
    if (interface.name == "default") return interface.name;
  return service.interfaces.front().name;
}

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kFirstPause = milliseconds(1);
constexpr Duration kLongestPause = milliseconds(100);
constexpr Duration kProbeLimit = seconds(2);
constexpr Duration kAcceptLimit = milliseconds(250);

Status probe_tcp(const Address& to, Process& process, Clock& clock, Net& net) {
  if (!process.listens_on(to.port)) return failed(fmt::format("nothing listens on {}", to.text()));
  std::unique_ptr<Stream> stream = FB_TRY(net.connect(ActorId::test(), to, kProbeLimit));
  // A connection that the kernel has queued is not yet one that the service has taken.
  const Instant deadline = clock.now() + kAcceptLimit;
  while (process.has_unaccepted(to.port) && clock.now() < deadline) await_sleep(clock, kFirstPause);
  return {};
}

Status probe(const ServiceSpec& service, Process& process, Clock& clock, Net& net,
             ClientCatalog& clients) {
  const HealthCheck& check = service.healthcheck;
  switch (check.kind) {
    case HealthCheck::Kind::kNone:
      return {};
    case HealthCheck::Kind::kTcp:
      return probe_tcp(FB_TRY(parse_address(check.target)), process, clock, net);
    case HealthCheck::Kind::kHttp:
      return clients.probe_http(net, check.target, kProbeLimit);
    case HealthCheck::Kind::kProtocol:
      for (const InterfaceSpec& interface : service.interfaces) {
        if (interface.name != named_interface(service, check.target)) continue;
        const Address address = Address::loopback4(interface.port);
        // A bare TCP interface says nothing of itself: all there is to see is the connection.
        if (interface.protocol == "tcp") return probe_tcp(address, process, clock, net);
        return clients.probe(net, interface.protocol, address, kProbeLimit);
      }
      return failed(fmt::format("no interface {}", check.target));
  }
  return failed("unknown health check");
}

}  // namespace

Status await_ready(const ServiceSpec& service, Process& process, Clock& clock, Net& net,
                   ClientCatalog& clients, const std::function<bool()>& exited) {
  if (service.healthcheck.kind == HealthCheck::Kind::kNone) return {};
  const Instant deadline = clock.now() + service.healthcheck.timeout;
  Duration pause = kFirstPause;
  while (true) {
    if (exited()) return Error{Code::kGone, "the process ended"};
    Status status = probe(service, process, clock, net, clients);
    if (status.ok()) return {};
    if (exited()) return Error{Code::kGone, "the process ended"};
    if (clock.now() + pause >= deadline)
      return Error{Code::kTimeout, fmt::format("not ready after {}: {}",
                                               format_duration(service.healthcheck.timeout),
                                               status.error().message)};
    await_sleep(clock, pause);
    pause = std::min(pause * 2, kLongestPause);
  }
}

}  // namespace fb
