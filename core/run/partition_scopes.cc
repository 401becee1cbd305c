#include "core/run/partition_scopes.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb {

PartitionScopes::PartitionScopes(const Surroundings& surroundings) : around_(surroundings) {
  around_.scheduler.partitions().locate_with(around_.cut);
}

Result<uint64_t> PartitionScopes::open(const PartitionWish& wish, bool stoppable) {
  const auto [a, b, direction, mode] = wish;
  if (a == b)
    return failed(fmt::format("a partition needs two services, got \"{}\" twice",
                              around_.topology.at(a).name));
  if (around_.cut == nullptr) return failed("partitions are not possible here");
  // What is withheld comes when the kernel sends it again, by its own clock.
  if (around_.scheduler.controlled() &&
      (mode != PartitionMode::kRefuse || direction != PartitionDirection::kBoth))
    return failed(
        "a partition that withholds data (mode=\"drop\", or one direction) is not possible where "
        "order is controlled; mode=\"refuse\" in both directions is");
  PartitionSet& partitions = around_.scheduler.partitions();
  const Partition opened{around_.rules.take_scope_id(), a, b, direction, mode, stoppable};
  partitions.open(opened);
  const Status enforced = around_.cut->enforce(partitions);
  if (!enforced.ok()) {
    partitions.close(opened.id);
    return enforced.error();
  }
  log(EventType::kPartitionApplied, opened);
  return opened.id;
}

Status PartitionScopes::close(uint64_t id) {
  PartitionSet& partitions = around_.scheduler.partitions();
  const auto found = std::find_if(partitions.all().begin(), partitions.all().end(),
                                  [&](const Partition& p) { return p.id == id; });
  if (found == partitions.all().end()) return {};
  const Partition closed = *found;
  partitions.close(id);
  log(EventType::kPartitionRemoved, closed);
  return around_.cut->enforce(partitions);
}

Status PartitionScopes::stop(ServiceId a, ServiceId b) {
  for (const uint64_t id : around_.scheduler.partitions().stoppable(a, b)) FB_TRY(close(id));
  return {};
}

void PartitionScopes::end() {
  PartitionSet& partitions = around_.scheduler.partitions();
  if (partitions.all().empty()) return;
  partitions.clear();
  // The services are about to be stopped; what cannot be healed ends with them.
  (void)around_.cut->enforce(partitions);
}

void PartitionScopes::log(EventType type, const Partition& partition) {
  around_.log.append_hostless(
      type, around_.clock.now(),
      {{"between", fmt::format("{},{}", around_.topology.at(partition.a).name,
                               around_.topology.at(partition.b).name)},
       {"direction", std::string(direction_text(partition.direction))},
       {"mode", std::string(mode_text(partition.mode))}});
}

}  // namespace fb
