// The CallModel of real services. Which call does what stands in tables: file_calls.cc (metadata,
// names, locks), io_calls.cc (data, closing), socket_calls.cc, readiness_calls.cc, process_calls.cc
// (processes, time, futexes). The rules the tables follow:
//
//  * Accesses follow the result the call would have now, which is known: everybody else is parked.
//    A creation that would fail reads the name; a read that reaches the end of a file reads its
//    size; a truncation of an empty file changes nothing.
//  * Queues (pipes, streams, backlogs) are accessed by position. Writers clash with each other
//  (tail),
//    readers with each other (head), a read with a write that would lengthen it; a read of bytes
//    needs their write, which is an order and no race (and both access the bytes, so that it is an
//    order). End of stream and "nobody reads" are objects
//    of their own, set by close.
//  * Waiting for readiness reads and needs what it finds ready, and races with nothing: what
//  arrives later is
//    seen by the next wait. So does "would block" on a socket, once the process waits for
//    readiness.
//  * Threads of a process share memory that nobody sees. A thread that waits for another one is not
//    pending until it is woken, which is what orders it.
//  * Time passes only when nobody can go on: what a timeout lets go comes after all that went
//  before.
//  * A call that no table knows touches everything, and is counted.
#pragma once
#include "interpose/footprint/call_model.h"
#include "interpose/footprint/connections.h"
#include "interpose/footprint/descriptor.h"
#include "interpose/footprint/entry.h"
#include "interpose/footprint/object_names.h"

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace fb {

class ServiceModel final : public CallModel {
 public:
  explicit ServiceModel(Connections& connections);

  Handling classify(const ModelledCall& call, const Operation& operation) override;
  std::optional<Duration> timeout(const ModelledCall& call) override;
  bool may_go(const ModelledCall& call) override;
  bool probe(const ModelledCall& call, Operation& operation) override;
  Decision let_go(const ModelledCall& call, Handling handling, const Operation& operation) override;
  std::string value(const ModelledCall& call, const Operation& operation) override;
  uint64_t operations() const override { return connections_.operations(); }
  void dropped(const ModelledCall& call) override;

  // Everything is parked: learns the identities of what the last call has made.
  void quiet();

  // --- for the tables
  struct Context {
    ServiceModel& model;
    const ModelledCall& call;
    Operation& operation;
    Footprint& footprint() { return operation.footprint; }
    uint64_t arg(int position) const {
      return call.arguments.values[static_cast<size_t>(position)];
    }
    int fd(int position) const { return static_cast<int>(arg(position)); }
    std::string_view name() const { return row_of(call.arguments.call).name; }
    ProcessName process() const { return ProcessName::of(call.actor); }
  };
  struct Row {
    std::string_view name;
    Handling (*classify)(Context&);
    bool (*probe)(Context&);                 // fills the footprint; enabled?
    Decision (*let_go)(Context&) = nullptr;  // null: Allow
  };

  ObjectNames& names() { return names_; }
  Connections& connections() { return connections_; }
  // A path nobody writes to: the system's own files, as long as nobody has tried.
  bool is_untouched_system(std::string_view path) const;
  void touched_system(std::string_view path);
  // A pipe or socket whose other end this program holds (a service's output).
  bool is_ours(const Descriptor& descriptor);
  void will_make_pair(const ModelledCall& call, uint64_t address, bool sockets);
  void will_connect(const ModelledCall& call, int fd);
  // Connects of the process so far; a wait for readiness comes after those it has seen finished.
  uint64_t connects(ProcessName process) { return processes_[process].connects; }
  void waits_for_readiness(ProcessName process) { processes_[process].waits_for_readiness = true; }
  bool is_reactive(ProcessName process) const;
  // Short pauses of a runtime's helper thread: may it go on once more before the next decision?
  // The supervised process with this number, as text for names; "" when there is none.
  std::string process_text(int tgid) const;
  // Other open descriptors, of this process (unless it ends) or of relatives, lead to the same end.
  bool is_held_elsewhere(const ModelledCall& call, int fd, const Descriptor& descriptor,
                         bool whole_process);
  // Some other process of the service has a descriptor of the same thing.
  bool is_held_by_others(const ModelledCall& call, const Descriptor& descriptor) const;
  bool another_pause(ActorId actor) { return ++pauses_[actor] <= kPausesPerStep; }

 private:
  static constexpr int kPausesPerStep = 20;
  struct ProcessState {
    bool waits_for_readiness = false;
    uint64_t connects = 0;
  };
  struct Made {
    int tid = 0;
    ProcessName creator;
    uint64_t address = 0;
    bool sockets = false;
  };
  struct Connecting {
    int tid = 0;
    int fd = -1;
    uint64_t socket = 0;
  };
  void name_made(const Made& made);
  static const Row* row_of_call(SyscallId call);
  void order_in_time(const ModelledCall& call, Operation& operation);

  Connections& connections_;
  ObjectNames names_;
  std::map<ProcessName, ProcessState> processes_;
  std::map<int, ProcessName> by_tgid_;
  std::map<ActorId, uint64_t> overslept_;  // by a timeout, after how many operations of all
  std::map<ActorId, int> pauses_;
  uint64_t marks_seen_ = 0;
  std::vector<Made> made_;
  std::vector<Connecting> connecting_;
  std::set<std::string, std::less<>> touched_;  // system paths somebody writes to
  std::map<uint64_t, bool> ours_;               // pipes and sockets, by inode
};

std::span<const ServiceModel::Row> file_rows();
std::span<const ServiceModel::Row> io_rows();
std::span<const ServiceModel::Row> process_rows();
std::span<const ServiceModel::Row> readiness_rows();
std::span<const ServiceModel::Row> socket_rows();

// How long a waiting call of the process tables may take; empty: no limit, or no wait.
std::optional<Duration> wait_limit(const ModelledCall& call);
// How many bytes a reading or writing call asks for, and at which offset if it names one.
struct Transfer {
  uint64_t bytes = 0;
  std::optional<uint64_t> offset;
};
Transfer transfer_of(const ModelledCall& call);

// What a call is about to read or write, as people want to see it beside a race: the bytes,
// shortened to some 80 characters and escaped; of calls about a name, whether it is there. "" when
// there is nothing to tell. Asked just before the call goes, while everybody else is parked.
std::string value_of(ServiceModel::Context& context);

// What the closing of every descriptor (or of those that exec closes) touches.
void close_descriptors(ServiceModel::Context& context, bool only_on_exec);

// Canonical object names by kind; one place, so that rows of different tables agree.
namespace object {
inline std::string named(std::string_view kind, std::string_view name) {
  return std::string(kind) + ' ' + std::string(name);
}
inline ObjectKey data(std::string_view file) {
  return object_key(named("data", file));
}
inline ObjectKey size(std::string_view file) {
  return object_key(named("size", file));
}
inline ObjectKey meta(std::string_view file) {
  return object_key(named("meta", file));
}
inline ObjectKey lock(std::string_view file) {
  return object_key(named("lock", file));
}
inline ObjectKey records(std::string_view file) {
  return object_key(named("records", file));
}
inline ObjectKey taken(std::string_view file) {
  return object_key(named("taken", file));
}
// Which of them a descriptor shared by processes is, nothing tells for certain: all of a service.
inline ObjectKey eventfds(ServiceId service) {
  return object_key("eventfd " + std::to_string(service.value));
}
inline ObjectKey offset(std::string_view open_file) {
  return object_key(named("offset", open_file));
}
inline ObjectKey entry(std::string_view name) {
  return object_key(named("entry", name));
}
inline ObjectKey listing(std::string_view dir) {
  return object_key(named("list", dir));
}
inline ObjectKey directory(std::string_view path) {
  return object_key(named("dir", path));
}
inline ObjectKey bytes(std::string_view stream) {
  return object_key(named("bytes", stream));
}
inline ObjectKey head(std::string_view queue) {
  return object_key(named("head", queue));
}
inline ObjectKey tail(std::string_view queue) {
  return object_key(named("tail", queue));
}
inline ObjectKey end(std::string_view stream) {
  return object_key(named("end", stream));
}
inline ObjectKey unread(std::string_view stream) {
  return object_key(named("gone", stream));
}
inline ObjectKey backlog(std::string_view l) {
  return object_key(named("backlog", l));
}
inline ObjectKey connected(std::string_view process) {
  return object_key(named("connected", process));
}
inline ObjectKey listener(std::string_view l) {
  return object_key(named("listener", l));
}
}  // namespace object

// Reads of file data and of streams, shared by tables and by the driver's own steps.
void stream_read(Footprint& footprint, const StreamEnd& end, uint64_t wish, bool reassembles);
void stream_write(Footprint& footprint, const StreamEnd& end, uint64_t bytes);
void stream_end_of(Footprint& footprint, const StreamEnd& end);  // a read that finds the end
void stream_close(Footprint& footprint, const StreamEnd& end, bool reading, bool writing);
// Every operation's part in the passing of time: `now` have gone before it; empty `after` unless a
// timeout lets it go.
void time_order(Footprint& footprint, uint64_t now, std::optional<uint64_t> after);
void queue_connect(Footprint& footprint, const Connections& connections,
                   const std::string& listener);

}  // namespace fb
