// One thing that happened, as the log keeps it and every output shows it (spec §17.1).
#pragma once
#include "core/base/thin_vector.h"
#include "core/base/time.h"
#include "core/model/field_list.h"
#include "core/model/vector_clock.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace fb {

enum class EventType : uint8_t {
  kServiceStarted,
  kServiceReady,
  kServiceStopped,
  kServicePaused,
  kServiceResumed,
  kSyscall,
  kStepSend,
  kStepRecv,
  kFaultApplied,
  kFaultRemoved,
  kTraceApplied,
  kTraceRemoved,
  kPartitionApplied,
  kPartitionRemoved,
  kProxyFaultApplied,
  kProxyFaultRemoved,
  kProxy,
  kStdout,
  kStderr,
  kTail,
  kPoll,
  kTopic,
  kWal,
  kTestRestarted,
  kViolation,
};

std::string_view event_type_name(EventType type);  // "service_started", "syscall", …

struct Event {
  uint64_t seq = 0;  // from 1, per test
  Instant time;
  EventType type = EventType::kSyscall;
  std::string service;          // empty: none; "test" is the driver
  FieldList fields;             // in documented order
  VectorClock clock;            // empty when service is
  ThinVector<uint64_t> causes;  // seqs of direct predecessors on other hosts, ascending

  // The field's value, or "" when absent.
  std::string_view field(std::string_view name) const;
  bool has(std::string_view name) const;
  // "lifecycle.started", "syscall.write", "step_send.db", else the type's name.
  std::string event_type() const;

  bool operator==(const Event&) const = default;
};

}  // namespace fb
