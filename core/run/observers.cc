#include "core/run/observers.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb {
namespace {

using std::chrono::seconds;
using Fields = Decoder::Fields;
using Kind = ObserveSource::Kind;

EventType type_of(Kind kind) {
  switch (kind) {
    case Kind::kStdout:
      return EventType::kStdout;
    case Kind::kStderr:
      return EventType::kStderr;
    case Kind::kTail:
      return EventType::kTail;
    case Kind::kPoll:
      return EventType::kPoll;
  }
  return EventType::kStdout;
}

// A source's own fields win: what a line calls `path` is still in `data`.
Fields joined(Fields own, const Fields& decoded) {
  const size_t count = own.size();
  for (const auto& field : decoded) {
    const bool taken = std::any_of(own.begin(), own.begin() + static_cast<ptrdiff_t>(count),
                                   [&](const auto& mine) { return mine.first == field.first; });
    if (!taken) own.push_back(field);
  }
  return own;
}

std::string json_quoted(std::string_view plain) {
  std::string out = "\"";
  for (const char c : plain) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

struct Observers::PollEnding {
  PollEnding(Source& source_, WaitQueue& queue_) : source(source_), queue(queue_) {}
  PollEnding(const PollEnding&) = delete;
  PollEnding& operator=(const PollEnding&) = delete;
  ~PollEnding() {
    source.fiber = nullptr;
    source.asking = false;
    queue.notify();
  }
  Source& source;
  WaitQueue& queue;
};

Observers::Observers(ServiceId id, const ServiceSpec& spec, Surroundings surroundings)
    : id_(id), spec_(spec), around_(surroundings) {}

Status Observers::attach() {
  if (attached_) return {};
  sources_.clear();
  for (const ObserveSource& wanted : spec_.observe) {
    Source& source = sources_.emplace_back(
        Source{.spec = wanted,
               .number = static_cast<uint16_t>(id_.value * 16 + sources_.size()),
               .decoder = FB_TRY(Decoder::make(wanted.decoder))});
    if (wanted.kind == Kind::kPoll) (void)FB_TRY(parse_poll_url(wanted.url));
    if (wanted.kind != Kind::kTail) continue;
    if (around_.env.files == nullptr)
      return Error{Code::kUnavailable, "files cannot be followed here"};
    const auto on_line = [this, &source](const Line& line) { tell(source, line); };
    source.following = FB_TRY(around_.env.files->follow(
        wanted.path, {.appended = [&source, on_line](
                                      std::string_view bytes) { source.lines.add(bytes, on_line); },
                      .restarted = [this, &source] { end_line(source); }}));
  }
  attached_ = true;
  return {};
}

void Observers::tell(const Source& source, const Line& line) {
  if (stopped_) return;
  if (!started_) {
    early_.emplace_back(&source, line);
    return;
  }
  Fields own;
  if (source.spec.kind == Kind::kTail) own.emplace_back("path", source.spec.path);
  Fields fields = joined(std::move(own), source.decoder.decode(line.text));
  if (line.truncated) {
    std::erase_if(fields, [](const auto& field) { return field.first == "truncated"; });
    fields.emplace_back("truncated", "true");
  }
  around_.log.append(id_, type_of(source.spec.kind), around_.clock.now(), std::move(fields));
}

void Observers::started() {
  started_ = true;
  for (const auto& [source, line] : std::exchange(early_, {})) tell(*source, line);
}

void Observers::printed(bool is_stderr, std::string_view bytes) {
  for (Source& source : sources_)
    if (source.spec.kind == (is_stderr ? Kind::kStderr : Kind::kStdout))
      source.lines.add(bytes, [&](const Line& line) { tell(source, line); });
}

void Observers::end_line(Source& source) {
  if (const auto line = source.lines.end()) tell(source, *line);
}

void Observers::output_ended() {
  for (Source& source : sources_)
    if (source.spec.kind == Kind::kStdout || source.spec.kind == Kind::kStderr) end_line(source);
}

void Observers::ready() {
  for (Source& source : sources_) {
    if (source.spec.kind != Kind::kPoll || source.fiber != nullptr) continue;
    // Part of the body, so that it hears of the end also when that comes before the beginning.
    auto ending = std::make_shared<PollEnding>(source, ending_);
    source.fiber =
        &around_.fibers.spawn("poll " + source.spec.url, [this, &source, ending] { poll(source); });
  }
}

void Observers::poll(Source& source) {
  const PollTarget target = parse_poll_url(source.spec.url).value();  // attach() has tried
  while (!stopped_) {
    poll_once(source, target);
    // A limit: a poll to come is nothing that anybody waits for.
    pausing_.await(around_.clock, source.spec.interval, TimerKind::kLimit,
                   [this] { return stopped_; });
  }
}

void Observers::poll_once(Source& source, const PollTarget& target) {
  StepCall call;
  call.actor = ActorId::timer(source.number);
  call.to = target.to;
  call.protocol = "http";
  call.method = "get";
  call.arguments_json = {{"path", json_quoted(target.path)}, {"headers", "{}"}};
  call.timeout = std::clamp<Duration>(source.spec.interval, seconds(1), seconds(30));
  source.asking = true;
  const StepResponse response = around_.env.clients.call(around_.env.net, call);
  source.asking = false;
  if (stopped_) return;
  Fields fields = {{"url", source.spec.url}};
  if (!response.ok) {
    fields.emplace_back("error", response.error);
  } else {
    fields.emplace_back("status", std::to_string(response.status));
    fields.emplace_back("body", response.body);
    fields = joined(std::move(fields), source.decoder.decode(response.body));
  }
  around_.log.append(id_, EventType::kPoll, around_.clock.now(), std::move(fields));
}

void Observers::catch_up() {
  for (Source& source : sources_)
    if (source.following != nullptr) source.following->catch_up();
}

bool Observers::busy() const {
  return std::any_of(sources_.begin(), sources_.end(),
                     [](const Source& source) { return source.asking; });
}

void Observers::stop() {
  for (Source& source : sources_) {
    source.following.reset();
    end_line(source);
  }
  stopped_ = true;
  for (Source& source : sources_)
    if (source.fiber != nullptr) FiberPool::cancel(*source.fiber);
  ending_.await([this] {
    return std::all_of(sources_.begin(), sources_.end(),
                       [](const Source& source) { return source.fiber == nullptr; });
  });
}

}  // namespace fb
