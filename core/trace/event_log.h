// The log of one test: append-only, in the order in which decisions take effect. Only the Scheduler
// and the run append. Keeps the vector clock of every host: appending an event of a host ticks that
// host's component by one (spec §17.3).
#pragma once
#include "core/model/event.h"
#include "core/model/ids.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace fb {

class EventLog {
 public:
  // `hosts`: service names by ServiceId; the driver "test" is one past the last.
  explicit EventLog(std::vector<std::string> hosts);

  HostIndex host_of(ServiceId service) const;

  // Appends with the next seq, ticks the host of `service` (kTestDriver is "test"), stores the
  // clock, tells the listeners. `causes`: seqs of direct predecessors on other hosts; their clocks
  // are merged before the tick.
  const Event& append(ServiceId service, EventType type, Instant time, FieldList fields,
                      std::vector<uint64_t> causes = {});
  // An event without a service (partition_applied, test_restarted): no clock.
  const Event& append_hostless(EventType type, Instant time, FieldList fields);

  // The service's next event is `type`: appended when the next one of it comes, just before it, or
  // by append_announced(). What a program does may be heard of before the word that it has started.
  void announce(ServiceId service, EventType type);
  void append_announced(ServiceId service, Instant time);  // if it is still due
  void withdraw_announced(ServiceId service);

  // The host's present clock; merging adds knowledge without an event (unrecorded calls carry
  // clocks without ticking).
  const VectorClock& clock_of(ServiceId service) const;
  void merge_into(ServiceId service, const VectorClock& clock);
  // Besides: `cause`, an event of another host, counts among the causes of the host's next event.
  // Nothing happens when the host knew it all already.
  void learn(ServiceId service, const VectorClock& clock, uint64_t cause);
  // The host's last event; 0: none yet.
  uint64_t last_of(ServiceId service) const { return last_[host_of(service)]; }

  size_t size() const { return events_.size(); }
  const Event& at(uint64_t seq) const { return events_[seq - 1]; }
  const std::deque<Event>& events() const { return events_; }
  const std::vector<std::string>& hosts() const { return hosts_; }

  // Told of every event after it was appended, in order of registration (monitors, waiting
  // assertions). A listener may append: every listener hears of the events in seq order, and of
  // none that was appended before it began to listen.
  using ListenerId = uint64_t;
  ListenerId listen(std::function<void(const Event&)> listener);
  // May be called from inside a listener; an unknown id has no effect.
  void stop_listening(ListenerId id);

 private:
  struct Listener {
    uint64_t after = 0;  // hears of events with a larger seq
    std::function<void(const Event&)> tell;
    bool stopped = false;
  };

  const Event& store(Event event);
  void tell_listeners();

  std::vector<std::string> hosts_;
  std::vector<VectorClock> clocks_;
  std::map<ServiceId, EventType> announced_;
  std::vector<std::vector<uint64_t>> learned_;  // by host: causes of its next event
  std::vector<uint64_t> last_;                  // by host
  std::deque<Event> events_;
  std::map<ListenerId, Listener> listeners_;
  ListenerId next_listener_ = 1;
  uint64_t told_ = 0;  // seq of the last event the listeners were told of
  bool telling_ = false;
};

}  // namespace fb
