// What `faultbox generate` makes of a spec (spec §20.2): every scenario crossed with every edge of
// the topology, in seven failure modes. Pure: knows services and names, no file and no text of a
// spec.
#pragma once
#include "core/model/topology.h"

#include <string>
#include <string_view>
#include <vector>

namespace fb::cli {

// `from` uses `to`.
struct Edge {
  ServiceId from, to;
  bool operator==(const Edge&) const = default;
};

// In the order in which the spec declares them, each once: depends_on first, then the environment
// values that hold an address of another service.
std::vector<Edge> edges_of(const Topology& topology);

enum class Category { kDisk, kNetwork };
enum class Mode { kDown, kSlow, kReset, kPartition, kIoError, kDiskFull, kFsyncFail };
std::string_view mode_name(Mode mode);
Category category_of(Mode mode);

struct Mutation {
  std::string scenario;  // without test_
  Mode mode;
  ServiceId from, to;
  std::string test;  // its name, unique among all mutations of the spec

  // The service whose calls fail; of a partition the side that connects.
  ServiceId faulted() const { return category_of(mode) == Category::kDisk ? to : from; }
};

// Sorted by scenario as given, then disk before network, then edge, then mode. Disk modes appear
// once for each `to`.
std::vector<Mutation> mutations_of(const Topology& topology,
                                   const std::vector<std::string>& scenarios);

// How lists name what a mutation strikes: "db", or "shop↔db" for a partition.
std::string target_of(const Mutation& mutation, const Topology& topology);

}  // namespace fb::cli
