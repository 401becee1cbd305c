#include "cli/generate/mutations.h"

#include "cli/identifier.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace fb::cli {
namespace {

constexpr Mode kNetworkModes[] = {Mode::kDown, Mode::kSlow, Mode::kReset, Mode::kPartition};
constexpr Mode kDiskModes[] = {Mode::kIoError, Mode::kDiskFull, Mode::kFsyncFail};

bool word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}
bool digit(char c) {
  return c >= '0' && c <= '9';
}

// Whether `text` holds `needle` as a name of its own: not as the end of a longer one, and, where it
// ends in a port, not as the beginning of a longer number.
bool holds(std::string_view text, std::string_view needle) {
  for (size_t at = text.find(needle); at != std::string_view::npos;
       at = text.find(needle, at + 1)) {
    const size_t end = at + needle.size();
    const bool begins = at == 0 || (!word_character(text[at - 1]) && text[at - 1] != '.');
    const bool ends = end == text.size() || !digit(needle.back()) || !digit(text[end]);
    if (begins && ends) return true;
  }
  return false;
}

// Whether an environment value leads to a service: NAME:PORT, NAME., or where the test reaches it.
bool leads_to(std::string_view value, const ServiceSpec& service) {
  if (holds(value, service.name + ".")) return true;
  for (const InterfaceSpec& interface : service.interfaces) {
    if (holds(value, fmt::format("{}:{}", service.name, interface.port))) return true;
    if (service.binary.empty()) continue;
    for (const char* host : {"localhost", "127.0.0.1", "[::1]"}) {
      if (holds(value, fmt::format("{}:{}", host, interface.port))) return true;
    }
  }
  return false;
}

void name_tests(std::vector<Mutation>& mutations, const Topology& topology) {
  // (scenario, to) reached over several edges: network tests say which.
  std::map<std::pair<std::string, uint16_t>, std::set<uint16_t>> sources;
  for (const Mutation& m : mutations)
    if (category_of(m.mode) == Category::kNetwork)
      sources[{m.scenario, m.to.value}].insert(m.from.value);
  std::set<std::string> taken;
  for (Mutation& m : mutations) {
    std::string name =
        fmt::format("test_gen_{}_{}_{}", m.scenario, topology.at(m.to).name, mode_name(m.mode));
    if (category_of(m.mode) == Category::kNetwork && sources[{m.scenario, m.to.value}].size() > 1) {
      name += "_from_" + topology.at(m.from).name;
    }
    name = identifier(name);
    m.test = name;
    for (int i = 2; !taken.insert(m.test).second; ++i) m.test = fmt::format("{}_{}", name, i);
  }
}

}  // namespace

std::vector<Edge> edges_of(const Topology& topology) {
  std::vector<Edge> edges;
  const auto add = [&](Edge edge) {
    if (edge.from == edge.to) return;
    if (std::find(edges.begin(), edges.end(), edge) == edges.end()) edges.push_back(edge);
  };
  for (size_t i = 0; i < topology.services.size(); ++i) {
    const ServiceId from{static_cast<uint16_t>(i)};
    const ServiceSpec& service = topology.services[i];
    for (const std::string& name : service.depends_on) {
      if (const auto to = topology.find(name)) add({from, *to});
    }
    for (const std::string& variable : service.env_order) {
      for (size_t j = 0; j < topology.services.size(); ++j) {
        if (leads_to(service.env.at(variable), topology.services[j])) {
          add({from, ServiceId{static_cast<uint16_t>(j)}});
        }
      }
    }
  }
  return edges;
}

std::string_view mode_name(Mode mode) {
  switch (mode) {
    case Mode::kDown:
      return "down";
    case Mode::kSlow:
      return "slow";
    case Mode::kReset:
      return "reset";
    case Mode::kPartition:
      return "partition";
    case Mode::kIoError:
      return "io_error";
    case Mode::kDiskFull:
      return "disk_full";
    case Mode::kFsyncFail:
      break;
  }
  return "fsync_fail";
}

Category category_of(Mode mode) {
  return std::find(std::begin(kDiskModes), std::end(kDiskModes), mode) != std::end(kDiskModes)
             ? Category::kDisk
             : Category::kNetwork;
}

std::vector<Mutation> mutations_of(const Topology& topology,
                                   const std::vector<std::string>& scenarios) {
  const std::vector<Edge> edges = edges_of(topology);
  std::vector<Mutation> mutations;
  for (const std::string& scenario : scenarios) {
    std::set<uint16_t> disks;
    for (const Edge& edge : edges) {
      if (!disks.insert(edge.to.value).second) continue;
      for (Mode mode : kDiskModes) mutations.push_back({scenario, mode, edge.from, edge.to, ""});
    }
    for (const Edge& edge : edges) {
      for (Mode mode : kNetworkModes) mutations.push_back({scenario, mode, edge.from, edge.to, ""});
    }
  }
  name_tests(mutations, topology);
  return mutations;
}

std::string target_of(const Mutation& mutation, const Topology& topology) {
  if (mutation.mode != Mode::kPartition) return topology.at(mutation.faulted()).name;
  return topology.at(mutation.from).name + "↔" + topology.at(mutation.to).name;
}

}  // namespace fb::cli
