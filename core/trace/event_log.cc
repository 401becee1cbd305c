#include "core/trace/event_log.h"

#include "core/base/check.h"

#include <algorithm>
#include <utility>

namespace fb {

EventLog::EventLog(std::vector<std::string> hosts)
    : hosts_(std::move(hosts)),
      clocks_(hosts_.size() + 1),
      learned_(hosts_.size() + 1),
      last_(hosts_.size() + 1, 0) {
  FB_CHECK(hosts_.size() < kTestDriver.value);
}

HostIndex EventLog::host_of(ServiceId service) const {
  if (service == kTestDriver) return static_cast<HostIndex>(hosts_.size());
  FB_CHECK(service.value < hosts_.size());
  return service.value;
}

const Event& EventLog::append(ServiceId service, EventType type, Instant time, FieldList fields,
                              std::vector<uint64_t> causes) {
  append_announced(service, time);
  const HostIndex host = host_of(service);
  VectorClock& clock = clocks_[host];
  for (uint64_t seq : causes) {
    FB_CHECK(seq >= 1 && seq <= events_.size());
    clock.merge(at(seq).clock);
  }
  causes.insert(causes.end(), learned_[host].begin(), learned_[host].end());
  learned_[host].clear();
  std::sort(causes.begin(), causes.end());
  causes.erase(std::unique(causes.begin(), causes.end()), causes.end());
  clock.tick(host);
  Event event;
  event.time = time;
  event.type = type;
  event.service = service == kTestDriver ? "test" : hosts_[service.value];
  event.fields = std::move(fields);
  event.clock = clock;
  event.causes = causes;
  last_[host] = events_.size() + 1;
  return store(std::move(event));
}

void EventLog::announce(ServiceId service, EventType type) {
  announced_.emplace(service, type);
}

void EventLog::append_announced(ServiceId service, Instant time) {
  if (const auto due = announced_.extract(service)) append(service, due.mapped(), time, {});
}

void EventLog::withdraw_announced(ServiceId service) {
  announced_.erase(service);
}

const Event& EventLog::append_hostless(EventType type, Instant time, FieldList fields) {
  Event event;
  event.time = time;
  event.type = type;
  event.fields = std::move(fields);
  return store(std::move(event));
}

const VectorClock& EventLog::clock_of(ServiceId service) const {
  return clocks_[host_of(service)];
}

void EventLog::merge_into(ServiceId service, const VectorClock& clock) {
  clocks_[host_of(service)].merge(clock);
}

void EventLog::learn(ServiceId service, const VectorClock& clock, uint64_t cause) {
  const HostIndex host = host_of(service);
  if (clock.covered_by(clocks_[host])) return;
  clocks_[host].merge(clock);
  if (cause != 0) learned_[host].push_back(cause);
}

EventLog::ListenerId EventLog::listen(std::function<void(const Event&)> listener) {
  const ListenerId id = next_listener_++;
  listeners_.emplace(id, Listener{events_.size(), std::move(listener)});
  return id;
}

void EventLog::stop_listening(ListenerId id) {
  auto listener = listeners_.find(id);
  if (listener == listeners_.end()) return;
  if (telling_) {
    listener->second.stopped = true;  // it may be the one that is being told: it goes later
  } else {
    listeners_.erase(listener);
  }
}

const Event& EventLog::store(Event event) {
  event.seq = events_.size() + 1;
  events_.push_back(std::move(event));
  const Event& stored = events_.back();  // a deque keeps its elements where they are
  tell_listeners();
  return stored;
}

void EventLog::tell_listeners() {
  if (telling_) return;  // the loop below, further up the stack, goes on to the new event
  // A fiber that is cancelled inside a listener unwinds through here.
  struct Telling {
    explicit Telling(bool& flag_) : flag(flag_) { flag = true; }
    ~Telling() { flag = false; }
    bool& flag;
  };
  {
    Telling telling(telling_);
    while (told_ < events_.size()) {
      const Event& event = events_[told_++];
      // Listeners that come meanwhile are at the end and hear only of later events.
      for (auto& [id, listener] : listeners_) {
        if (!listener.stopped && listener.after < event.seq) listener.tell(event);
      }
    }
  }
  std::erase_if(listeners_, [](const auto& entry) { return entry.second.stopped; });
}

}  // namespace fb
