#include "core/sched/partitions.h"

#include "core/base/check.h"
#include "core/model/errno_table.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

namespace fb {
namespace {

constexpr std::array<std::pair<PartitionMode, std::string_view>, 2> kModes{
    {{PartitionMode::kRefuse, "refuse"}, {PartitionMode::kDrop, "drop"}}};
constexpr std::array<std::pair<PartitionDirection, std::string_view>, 3> kDirections{
    {{PartitionDirection::kBoth, "both"},
     {PartitionDirection::kAToB, "a->b"},
     {PartitionDirection::kBToA, "b->a"}}};

template <class Table, class Value>
std::string_view text_in(const Table& table, Value value) {
  for (const auto& [entry, text] : table)
    if (entry == value) return text;
  return "";
}

template <class Table>
auto value_in(const Table& table, std::string_view text)
    -> std::optional<decltype(table.front().first)> {
  for (const auto& [entry, name] : table)
    if (name == text) return entry;
  return std::nullopt;
}

// To a program "no address" is this machine.
bool is_local(const Address& address) {
  return address.is_loopback() || address.ip == std::array<uint8_t, 16>{};
}

bool is_connect(const Operation& operation) {
  return operation.name() == "connect";
}

// Calls that hand a datagram to its socket.
bool sends(const Operation& operation) {
  const std::string_view family = row_of(operation.call).family;
  return family == "sendto" || family == "write";
}

}  // namespace

std::string_view mode_text(PartitionMode mode) {
  return text_in(kModes, mode);
}
std::string_view direction_text(PartitionDirection direction) {
  return text_in(kDirections, direction);
}
std::optional<PartitionMode> parse_mode(std::string_view text) {
  return value_in(kModes, text);
}
std::optional<PartitionDirection> parse_direction(std::string_view text) {
  return value_in(kDirections, text);
}

bool Partition::cuts(ServiceId from, ServiceId to) const {
  if (from == a && to == b) return direction != PartitionDirection::kBToA;
  if (from == b && to == a) return direction != PartitionDirection::kAToB;
  return false;
}

void PartitionSet::open(const Partition& partition) {
  FB_CHECK(open_.empty() || open_.back().id < partition.id);
  open_.push_back(partition);
}

bool PartitionSet::close(uint64_t id) {
  return std::erase_if(open_, [&](const Partition& p) { return p.id == id; }) != 0;
}

std::vector<uint64_t> PartitionSet::stoppable(ServiceId a, ServiceId b) const {
  std::vector<uint64_t> ids;
  for (auto partition = open_.rbegin(); partition != open_.rend(); ++partition)
    if (partition->stoppable && partition->joins(a, b)) ids.push_back(partition->id);
  return ids;
}

bool PartitionSet::concerns(ServiceId service) const {
  return std::any_of(open_.begin(), open_.end(),
                     [&](const Partition& p) { return p.a == service || p.b == service; });
}

const Partition* PartitionSet::newest_cut(ServiceId from, ServiceId to) const {
  const auto found = std::find_if(open_.rbegin(), open_.rend(),
                                  [&](const Partition& p) { return p.cuts(from, to); });
  return found == open_.rend() ? nullptr : &*found;
}

bool PartitionSet::resets(ServiceId x, ServiceId y) const {
  const auto newest =
      std::find_if(open_.rbegin(), open_.rend(), [&](const Partition& p) { return p.joins(x, y); });
  return newest != open_.rend() && newest->mode == PartitionMode::kRefuse &&
         newest->direction == PartitionDirection::kBoth;
}

std::optional<ServiceId> PartitionSet::owner(const Address& address, bool datagram) const {
  if (address.family == Address::Family::kUnix) return std::nullopt;
  if (locator_ != nullptr)
    if (const auto holder = locator_->owner(address, datagram)) return holder;
  return declared_owner(address);
}

std::optional<ServiceId> PartitionSet::declared_owner(const Address& address) const {
  if (address.family == Address::Family::kUnix || !is_local(address)) return std::nullopt;
  for (size_t i = 0; i < topology_.services.size(); ++i)
    for (const InterfaceSpec& interface : topology_.services[i].interfaces)
      if (interface.port == address.port) return ServiceId{static_cast<uint16_t>(i)};
  return std::nullopt;
}

std::optional<PartitionSet::Cut> PartitionSet::cut(const Operation& operation) const {
  if (operation.kind != OperationKind::kSyscall || !operation.peer || !concerns(operation.service))
    return std::nullopt;
  // Connecting a datagram socket sends nothing.
  const bool attempt = is_connect(operation) && !operation.is_datagram;
  if (!attempt && !(operation.is_datagram && sends(operation))) return std::nullopt;
  const auto peer = owner(*operation.peer, operation.is_datagram);
  const Partition* partition = peer ? newest_cut(operation.service, *peer) : nullptr;
  if (partition == nullptr) return std::nullopt;
  if (attempt && partition->mode == PartitionMode::kRefuse) {
    const int refused = errno_number("ECONNREFUSED").value_or(0);
    return Cut{partition->id, Deny{refused}, fmt::format("deny({})", errno_text(refused))};
  }
  return Cut{partition->id, Drop{}, "drop(partition)"};
}

}  // namespace fb
