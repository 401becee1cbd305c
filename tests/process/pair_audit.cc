#include "tests/process/pair_audit.h"

#include "core/base/check.h"
#include "core/sched/blocking.h"
#include "core/sched/scheduler.h"
#include "interpose/process/isolation.h"
#include "interpose/quiescence/kernel_quiescence.h"
#include "interpose/seccomp/planner.h"
#include "interpose/seccomp/supervisor.h"
#include "interpose/sys/posix.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <optional>
#include <sstream>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fb {
namespace {

constexpr int kRounds = 3;  // of a pair: first call first, second call first, both at hand at once

// The guest under controlled order, in the default order of choices: it sees to the order itself.
class Run {
 public:
  explicit Run(const std::string& pairs) {
    ServiceSpec service;
    service.name = "pairs";
    topology_.services.push_back(std::move(service));
    loop_ = EpollLoop::create().value();
    clock_ = std::make_unique<Clock>(*loop_, Clock::Mode::kVirtual, 0);
    log_ = std::make_unique<EventLog>(topology_.names());
    rules_ = std::make_unique<RuleSets>(
        topology_, [](std::string_view, std::string_view, uint64_t) { return 0.0; });
    scheduler_ = std::make_unique<Scheduler>(topology_, *log_, *clock_, *rules_);
    scheduler_->control();
    supervisor_ = std::make_unique<Supervisor>(*loop_, *scheduler_, *clock_, &model_);
    quiescence_ = std::make_unique<KernelQuiescence>(*supervisor_, model_,
                                                     KernelQuiescence::Options{.name = nullptr});
    planner_ = std::make_unique<SeccompPlanner>(
        *supervisor_, topology_, SeccompPlanner::Options{.realtime = quiescence_->realtime()});
    start(pairs);
    scheduler_->begin_scope(chooser_, UINT64_MAX);
    drive();
  }
  ~Run() {
    if (pid_ > 1 && !ended_) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }

  const std::string& output() const { return output_text_; }
  const std::vector<ExecutedStep>& steps() const { return scheduler_->steps(); }

 private:
  void start(const std::string& pairs) {
    std::array<int, 2> out, channel;
    FB_CHECK(pipe2(out.data(), O_CLOEXEC) == 0);
    FB_CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel.data()) == 0);
    LaunchSpec spec;
    spec.service = ServiceId{0};
    spec.controlled = true;
    plan_ = planner_->plan(spec, channel[1]).value();
    const std::string program = FB_GUEST_DIR "/pairs";
    const std::string scratch = fmt::format("/tmp/fb-pairs-{}", getpid());
    FB_CHECK(system(("rm -rf " + scratch + " && mkdir " + scratch).c_str()) == 0);
    pid_ = fork();
    FB_CHECK(pid_ >= 0);
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      dup2(out[1], 1);
      if (plan_->enter_schedule() != 0 || plan_->install_and_send(channel[1]) != 0) _exit(126);
      execl(program.c_str(), program.c_str(), scratch.c_str(), pairs.c_str(), nullptr);
      _exit(127);
    }
    close(out[1]);
    close(channel[1]);
    output_ = Fd(out[0]);
    fcntl(output_.get(), F_SETFL, O_NONBLOCK);
    const Fd ours(channel[0]);
    std::array<std::byte, 1> byte;
    auto message = posix::receive_with_fd(ours.get(), byte);
    FB_CHECK(message.ok() && message->fd);
    plan_->listener_arrived(pid_, std::move(message->fd));
  }

  void drive() {
    while (!ended_) {
      const Status settled = quiescence_->settle();
      FB_CHECK(settled.ok());
      std::array<char, 4096> buffer;
      ssize_t got;
      while ((got = read(output_.get(), buffer.data(), buffer.size())) > 0)
        output_text_.append(buffer.data(), static_cast<size_t>(got));
      if (scheduler_->step() == Scheduler::StepOutcome::kMoved) continue;
      int status = 0;
      ended_ = waitpid(pid_, &status, WNOHANG) == pid_;
    }
  }

  Topology topology_;
  std::unique_ptr<EpollLoop> loop_;
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<EventLog> log_;
  std::unique_ptr<RuleSets> rules_;
  std::unique_ptr<Scheduler> scheduler_;
  Connections connections_;
  ServiceModel model_{connections_};
  std::unique_ptr<Supervisor> supervisor_;
  std::unique_ptr<KernelQuiescence> quiescence_;
  std::unique_ptr<SeccompPlanner> planner_;
  DefaultChooser chooser_;
  std::unique_ptr<FilterPlan> plan_;
  Fd output_;
  std::string output_text_;
  int pid_ = -1;
  bool ended_ = false;
};

// One round as it went.
struct Round {
  std::string result[2], state;
  // The step of either call; empty: nobody could notice it, or it never went.
  std::optional<size_t> step[2];
  bool blocked[2] = {false, false};  // for ever

  bool same(const Round& other) const {
    return result[0] == other.result[0] && result[1] == other.result[1] && state == other.state;
  }
  std::string text() const {
    return fmt::format("\n    {} | {} | {}", result[0], result[1], state);
  }
};

class Audit {
 public:
  explicit Audit(const std::vector<CallPair>& pairs) : run_(spelled(pairs)), steps_(run_.steps()) {
    std::vector<Round> rounds(pairs.size() * kRounds);
    read_output(rounds);
    find_steps(rounds);
    for (size_t i = 0; i < pairs.size(); ++i) judge(pairs[i], &rounds[i * kRounds], i * kRounds);
  }
  std::vector<PairVerdict> verdicts;

 private:
  static std::string spelled(const std::vector<CallPair>& pairs) {
    std::string text;
    for (const CallPair& pair : pairs)
      text += (text.empty() ? "" : ";") + pair.first + "|" + pair.second;
    return text;
  }

  void read_output(std::vector<Round>& rounds) const {
    std::istringstream lines(run_.output());
    std::string line;
    for (Round& round : rounds) {
      FB_CHECK(static_cast<bool>(std::getline(lines, line)));
      const size_t begin = line.find(' ', line.find(' ') + 1) + 1, first = line.find(" | ");
      const size_t second = line.find(" | ", first + 3);
      round.result[0] = line.substr(begin, first - begin);
      round.result[1] = line.substr(first + 3, second - first - 3);
      round.state = line.substr(second + 3);
      for (int i = 0; i < 2; ++i) round.blocked[i] = round.result[i] == "blocked";
    }
  }

  // The call of a child is what it does after its mark, unless that is its end already.
  void find_steps(std::vector<Round>& rounds) const {
    std::map<uint32_t, bool> marked;
    for (size_t i = 0; i < steps_.size(); ++i) {
      const Candidate& chosen = steps_[i].chosen();
      const uint32_t process = chosen.actor.process;
      if (process == 0) continue;
      Round& round = rounds[(process - 1) / 2];
      const int call = (process - 1) % 2;
      if (marked[process] && chosen.operation != "exit_group" && !round.step[call])
        round.step[call] = i;
      if (chosen.key.ends_with("/ready")) marked[process] = true;
    }
  }

  const Footprint& touched(const Round& round, int call) const {
    static const Footprint nothing;
    return round.step[call] ? steps_[*round.step[call]].footprint : nothing;
  }

  // What the child of a round is parked at, as the first decision after `after` shows it.
  const Candidate* parked(uint32_t round_number, int call, size_t after) const {
    for (size_t i = after; i < steps_.size(); ++i)
      for (const Candidate& candidate : steps_[i].candidates)
        if (candidate.actor.process == round_number * 2 + 1 + static_cast<uint32_t>(call))
          return &candidate;
    return nullptr;
  }

  void judge(const CallPair& pair, const Round* rounds, size_t number) {
    PairVerdict verdict{.pair = pair};
    auto complain = [&](const std::string& what) {
      if (verdict.wrong.empty()) verdict.wrong = what + rounds[0].text() + rounds[1].text();
    };
    verdict.comparable = true;
    for (int r = 0; r < 2; ++r) {
      const Round& round = rounds[r];
      const int first = r, second = 1 - r;
      const bool turned =
          round.step[first] && round.step[second] && *round.step[first] > *round.step[second];
      if (round.blocked[0] || round.blocked[1] || turned) verdict.comparable = false;
      if (turned && !ordered(touched(round, second), touched(round, first)))
        complain("the one call lets the other go, and is held for independent of it");
      // What the first took from it, it would have had in the other order.
      if (round.blocked[second] && !round.blocked[first] && !rounds[1 - r].blocked[second] &&
          round.step[first]) {
        const Candidate* waiting = parked(static_cast<uint32_t>(number) + static_cast<uint32_t>(r),
                                          second, *round.step[first] + 1);
        if (waiting != nullptr && !waiting->enabled &&
            !ordered(touched(round, first), waiting->footprint))
          complain("the one call blocks the other, and is held for independent of it");
      }
    }
    verdict.commutes = verdict.comparable && rounds[0].same(rounds[1]);
    for (int r = 0; r < 2 && verdict.comparable; ++r) {
      if (ordered(touched(rounds[r], 0), touched(rounds[r], 1))) continue;
      verdict.held_independent = true;
      if (!verdict.commutes) complain("held for independent, and the order matters");
    }
    judge_sleep(rounds[2], verdict, complain);
    verdicts.push_back(std::move(verdict));
  }

  // Both were parked: whoever went second would have stayed asleep if it was held for independent,
  // as it stood before and as it stood after.
  template <class Complain>
  void judge_sleep(const Round& round, PairVerdict& verdict, const Complain& complain) const {
    if (!verdict.comparable || !round.step[0] || !round.step[1]) return;
    const size_t early = std::min(*round.step[0], *round.step[1]);
    const size_t late = std::max(*round.step[0], *round.step[1]);
    const ActorId sleeper = steps_[late].choice.actor;
    for (const Candidate& candidate : steps_[early].candidates) {
      if (candidate.actor != sleeper || !candidate.enabled) continue;
      if (ordered(candidate.footprint, steps_[early].footprint) ||
          ordered(steps_[late].footprint, steps_[early].footprint))
        continue;
      if (!verdict.commutes) complain("asleep, and the order matters");
    }
  }

  Run run_;
  const std::vector<ExecutedStep>& steps_;
};

}  // namespace

std::vector<PairVerdict> audit(const std::vector<CallPair>& pairs) {
  static Isolation isolation = Isolation::enter({}).value();
  // A few pairs to each guest: what one process has made and left costs the next ones time.
  constexpr size_t kPairsPerGuest = 5;
  std::vector<PairVerdict> verdicts;
  for (size_t at = 0; at < pairs.size(); at += kPairsPerGuest) {
    const auto begin = pairs.begin() + static_cast<ptrdiff_t>(at);
    const auto end =
        pairs.begin() + static_cast<ptrdiff_t>(std::min(at + kPairsPerGuest, pairs.size()));
    for (PairVerdict& verdict : Audit({begin, end}).verdicts)
      verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace fb
