// What observe= of one service asks for (spec §16): its output, files and polls become events of
// the service. Sources are attached before it is launched and end when stop() says so; in between
// they go on through restarts.
//
//   stdout, stderr  printed() ─┐
//   tail            FileWatch ─┼→ lines → Decoder → event
//   poll            ClientCatalog, a fiber each, from the first ready() on
#pragma once
#include "core/model/topology.h"
#include "core/run/execution_environment.h"
#include "core/run/waiting.h"
#include "core/sched/clock.h"
#include "core/trace/decoder.h"
#include "core/trace/event_log.h"
#include "core/trace/line_splitter.h"

#include <deque>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace fb {

class Observers {
 public:
  struct Surroundings {
    const ExecutionEnvironment& env;
    EventLog& log;
    Clock& clock;
    FiberPool& fibers;
  };
  Observers(ServiceId id, const ServiceSpec& spec, Surroundings surroundings);
  Observers(const Observers&) = delete;
  Observers& operator=(const Observers&) = delete;

  bool empty() const { return spec_.observe.empty(); }
  // Before every launch; only the first does anything. Error: a source that cannot be attached.
  Status attach();
  // It has been launched, and the log says so: lines that came earlier follow now.
  void started();
  void printed(bool is_stderr, std::string_view bytes);
  // The main process has ended: a line that it had begun is one.
  void output_ended();
  // Starts the polls, if they do not run.
  void ready();
  // Hears what files hold by now.
  void catch_up();
  // A poll waits for its answer.
  bool busy() const;
  // In a fiber: begun lines become events, nothing is heard any more.
  void stop();

 private:
  struct Source {
    const ObserveSource& spec;
    uint16_t number;  // tells polls apart
    Decoder decoder;
    LineSplitter lines;
    std::unique_ptr<FileWatch::Following> following;
    Fiber* fiber = nullptr;  // of a poll
    bool asking = false;
  };
  struct PollEnding;
  void tell(const Source& source, const Line& line);
  void end_line(Source& source);
  void poll(Source& source);
  void poll_once(Source& source, const PollTarget& target);

  ServiceId id_;
  const ServiceSpec& spec_;
  Surroundings around_;
  bool attached_ = false;
  bool started_ = false;
  std::vector<std::pair<const Source*, Line>> early_;
  bool stopped_ = false;
  std::deque<Source> sources_;  // stable addresses
  WaitQueue pausing_, ending_;
};

}  // namespace fb
