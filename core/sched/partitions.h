// The partitions in force (spec §11.1): which pairs of services are cut, in which direction and
// how, newest first; and what that means for one operation. Pure: it knows addresses and services,
// and asks a PeerLocator who really holds an address. What happens to sockets that exist already is
// the business of core/runtime/network_cut.h.
#pragma once
#include "core/model/decision.h"
#include "core/model/operation.h"
#include "core/model/topology.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fb {

enum class PartitionMode : uint8_t { kRefuse, kDrop };
enum class PartitionDirection : uint8_t { kBoth, kAToB, kBToA };

std::string_view mode_text(PartitionMode mode);                 // "refuse", "drop"
std::string_view direction_text(PartitionDirection direction);  // "both", "a->b", "b->a"
std::optional<PartitionMode> parse_mode(std::string_view text);
std::optional<PartitionDirection> parse_direction(std::string_view text);

struct Partition {
  uint64_t id = 0;  // from RuleSets::take_scope_id(): larger is newer, fault scopes included
  ServiceId a, b;
  PartitionDirection direction = PartitionDirection::kBoth;
  PartitionMode mode = PartitionMode::kRefuse;
  bool stoppable = false;  // opened by partition_start

  bool joins(ServiceId x, ServiceId y) const { return (a == x && b == y) || (a == y && b == x); }
  // Whether what `from` sends to `to` is cut.
  bool cuts(ServiceId from, ServiceId to) const;
  bool operator==(const Partition&) const = default;
};

// Who holds an address now, by its sockets: also ports that no interface declares, such as the
// source port of a client.
class PeerLocator {
 public:
  virtual ~PeerLocator() = default;
  virtual std::optional<ServiceId> owner(const Address& address, bool datagram) = 0;
};

class PartitionSet {
 public:
  explicit PartitionSet(const Topology& topology) : topology_(topology) {}

  // Null: only declared ports tell whose an address is.
  void locate_with(PeerLocator* locator) { locator_ = locator; }

  void open(const Partition& partition);  // newer than all before
  // False: no such partition.
  bool close(uint64_t id);
  void clear() { open_.clear(); }

  const std::vector<Partition>& all() const { return open_; }       // oldest first
  std::vector<uint64_t> stoppable(ServiceId a, ServiceId b) const;  // of the pair, newest first
  bool concerns(ServiceId service) const;
  bool cuts(ServiceId from, ServiceId to) const { return newest_cut(from, to) != nullptr; }
  // The connections between the two are to be reset: the newest partition of the pair refuses both
  // directions.
  bool resets(ServiceId x, ServiceId y) const;

  // The service behind an address: who holds it, else who declares its port on a loopback address.
  std::optional<ServiceId> owner(const Address& address, bool datagram) const;
  std::optional<ServiceId> declared_owner(const Address& address) const;

  // What the newest partition that cuts the operation makes of it.
  struct Cut {
    uint64_t id = 0;  // of the partition
    Decision decision;
    std::string text;  // decision string of spec §8.7
  };
  std::optional<Cut> cut(const Operation& operation) const;

 private:
  const Partition* newest_cut(ServiceId from, ServiceId to) const;

  const Topology& topology_;
  PeerLocator* locator_ = nullptr;
  std::vector<Partition> open_;
};

}  // namespace fb
