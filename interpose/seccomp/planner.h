// How a launched service comes under supervision: compiles its filter, installs it in the child,
// hands the listener to the Supervisor (interpose/process/filter_plan.h).
#pragma once
#include "core/model/topology.h"
#include "interpose/process/filter_plan.h"
#include "interpose/seccomp/supervisor.h"

#include <functional>
#include <string>
#include <vector>

namespace fb {

class SeccompPlanner final : public FilterPlanner {
 public:
  struct Options {
    // Controlled services get a real-time class below which the supervisor runs when all of them
    // wait (interpose/quiescence). Only where that was found to be permitted.
    bool realtime = false;
    // A thread of that class that runs this long without waiting would keep its core, and the
    // supervisor, for ever: the kernel ends it (SIGXCPU).
    Duration spin_limit = std::chrono::seconds(10);
    DecodeWish decode;
  };
  SeccompPlanner(Supervisor& supervisor, const Topology& topology, Options options)
      : supervisor_(supervisor), topology_(topology), options_(options) {}

  Result<std::unique_ptr<FilterPlan>> plan(const LaunchSpec& spec, int handoff_fd) override;

  // What the user should know: calls that do not exist here, a kernel that loses answers to
  // signals. Each message once.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  void note(std::string text);

  Supervisor& supervisor_;
  const Topology& topology_;
  Options options_;
  std::vector<std::string> notes_;
};

}  // namespace fb
