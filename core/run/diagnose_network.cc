#include "core/run/diagnose_network.h"

#include "core/model/address.h"

#include <fmt/format.h>
#include <map>
#include <utility>

namespace fb {
namespace {

bool leads_outside(std::string_view destination) {
  const Result<HostPort> parts = split_host_port(std::string(destination));
  if (!parts.ok()) return false;
  const std::optional<Address> address = parse_ip(parts->host);
  if (!address || address->unmapped().is_loopback()) return false;
  return parts->host != "0.0.0.0" && parts->host != "::";  // both mean this host
}

}  // namespace

void add_network_isolated(TestResult& result) {
  std::map<std::pair<std::string, std::string>, std::vector<uint64_t>> calls;
  for (const Event& event : result.events) {
    if (event.type != EventType::kSyscall || !event.field("decision").starts_with("allow"))
      continue;
    const std::string_view destination = event.field("dest");
    if (!destination.empty() && leads_outside(destination))
      calls[{event.service, std::string(destination)}].push_back(event.seq);
  }
  for (auto& [where, seqs] : calls) {
    Diagnostic diagnostic{.level = Diagnostic::Level::kWarning, .code = "NETWORK_ISOLATED"};
    diagnostic.service = where.first;
    diagnostic.message = fmt::format(
        "service \"{}\" called {}, which its private network does not "
        "reach: the call fails with ENETUNREACH",
        where.first, where.second);
    diagnostic.suggestion =
        "make what it needs a service of the spec, or write options(network=\"host\")";
    diagnostic.events = std::move(seqs);
    result.diagnostics.push_back(std::move(diagnostic));
  }
}

}  // namespace fb
