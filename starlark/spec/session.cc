#include "starlark/spec/session.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace fb::spec {

Session::Session(Files& files_, ClientCatalog& clients_, SyscallExists exists, std::string root_)
    : files(files_), clients(clients_), syscall_exists(std::move(exists)), root(std::move(root_)) {}

std::string Session::beside_spec(std::string_view path, std::string_view said_in) const {
  return (std::filesystem::path(said_in).parent_path() / path).lexically_normal().string();
}

std::string Session::absolute(std::string_view path) const {
  return (std::filesystem::path(files.current_directory()) / path).lexically_normal().string();
}

std::string Session::working_directory(std::string_view service) const {
  const auto id = topology.find(service);
  if (id && !topology.at(*id).cwd.empty()) return topology.at(*id).cwd;
  return files.current_directory();
}

void Session::abort(TestFailure failure) {
  if (aborted || execution == nullptr) return;
  aborted = failure;
  for (Thread* thread : threads_) thread->cancel("the test was aborted");
  execution->abort(std::move(failure));
}

namespace {

// Code that computes on and on lets the loop look at its timers from time to time, so that a time
// limit reaches it. Virtual time stands still meanwhile: there is nothing to look at.
constexpr uint64_t kStepsBetweenLooks = 4'000'000;

void look_up(Thread& thread) {
  thread.set_step_limit(thread.steps() + kStepsBetweenLooks);
  Execution* execution = session_of(thread).execution;
  if (execution == nullptr || FiberPool::current() == nullptr || thread.host<Flow>()->monitor) {
    return;
  }
  if (execution->clock().mode() == Clock::Mode::kReal) {
    await_sleep(execution->clock(), Duration(1));
  }
}

}  // namespace

FlowThread::FlowThread(Session& session, std::string name, Flow flow)
    : session_(session), flow_(flow), thread_(*session.interpreter, std::move(name)) {
  thread_.host_data = &flow_;
  if (session_.print) {
    thread_.print = [&session](Thread&, std::string_view line) { session.print(line); };
  }
  thread_.on_step_limit = look_up;
  thread_.set_step_limit(kStepsBetweenLooks);
  session_.enter(thread_);
}

FlowThread::~FlowThread() {
  session_.leave(thread_);
}

Fallible<Execution*> running(Call& call) {
  Session& session = session_of(call);
  if (session.execution == nullptr) {
    return Raised("needs a running test; it is called while the spec is loading");
  }
  FB_TRY(still_running(call));
  return session.execution;
}

Fallible<bool> still_running(Call& call) {
  if (session_of(call).aborted) return bare_failure("the test was aborted");
  return true;
}

Fallible<Execution*> acting(Call& call) {
  Execution* execution = FB_TRY(running(call));
  if (flow_of(call).monitor) return Raised("cannot be called inside a monitor");
  return execution;
}

Fallible<bool> loading(Call& call) {
  if (session_of(call).execution != nullptr) {
    return Raised("belongs at module level; it is called while a test runs");
  }
  return true;
}

Raised bare_failure(std::string text, std::string type) {
  SpecFailure payload;
  payload.type = std::move(type);
  return bare_failure(std::move(text), std::move(payload));
}

Raised bare_failure(std::string text, SpecFailure payload) {
  return Raised(std::move(text))
      .with(std::make_shared<const SpecFailure>(std::move(payload)))
      .bare();
}

namespace {

// The lines of report() after the message.
std::vector<std::string> caller_lines(const Failure& failure) {
  const std::string report = failure.report();
  size_t skip = 1 + static_cast<size_t>(std::count(failure.text.begin(), failure.text.end(), '\n'));
  std::vector<std::string> lines;
  for (size_t at = 0; at < report.size();) {
    const size_t end = std::min(report.find('\n', at), report.size());
    if (skip > 0) {
      --skip;
    } else {
      const size_t text = report.find_first_not_of(' ', at);
      if (text < end) lines.push_back(report.substr(text, end - text));
    }
    at = end + 1;
  }
  return lines;
}

}  // namespace

std::string reason_of(const Failure& failure) {
  if (failure.bare || failure.builtin == "fail" ||
      failure.kind != starlark::FailureClass::kEvaluation) {
    return failure.message();
  }
  std::string out;
  if (const auto where = failure.where()) out = where->str() + ": ";
  if (!failure.builtin.empty()) out += failure.builtin + "(): ";
  return out + failure.text;
}

TestFailure to_test_failure(const Failure& failure) {
  const auto* known = failure.payload_as<SpecFailure>();
  TestFailure out;
  out.type = known != nullptr ? known->type : "error";
  out.reason = reason_of(failure);
  if (known != nullptr) out.detail = known->detail;
  out.detail.assertion_type = out.type;
  out.detail.message = out.reason;
  if (known != nullptr && !known->more.empty()) {
    out.detail.message += "\n" + known->more.substr(0, known->more.size() - 1);
  }
  if (out.detail.position.empty()) {
    out.detail.builtin = failure.builtin;
    if (const auto where = failure.where()) out.detail.position = where->str();
    out.detail.backtrace = caller_lines(failure);
  }
  return out;
}

}  // namespace fb::spec
