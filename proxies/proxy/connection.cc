#include "proxies/proxy/connection.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace fb {
namespace {

// Bytes on their way to a side that does not read, before the other side is not read any more.
// A server that keeps a connection it was asked to end is waited for so long.
constexpr Duration kElsewhereLimit = std::chrono::seconds(5);
// Pieces of at least this size are worth a call of their own.
constexpr size_t kDirectBytes = 16 * 1024;
constexpr size_t kPendingMax = 1024 * 1024;
// A client that keeps sending after its connection was closed gets this long to read the last
// reply: a close with unread input would be a reset, which may destroy it.
constexpr Duration kLingering = std::chrono::seconds(2);

}  // namespace

Connection::Connection(ProxiedConnection connection, const ProtocolProxy& protocol,
                       MessageJudge& judge, Clock& clock, std::function<void(Connection&)> over)
    : source_(connection.source),
      target_(connection.target),
      judge_(judge),
      clock_(clock),
      over_(std::move(over)),
      client_side_(*this, true),
      server_side_(*this, false),
      client_(std::move(connection.client)),
      server_(std::move(connection.server)),
      session_(protocol.make(*this)),
      dial_(std::move(connection.dial)) {
  client_->start(client_side_);
  server_->start(server_side_);
}

// --- what the network tells

void Connection::Side::received(std::string_view bytes) {
  if (whole_.retired_) return;
  if (whole_.closing_) return;  // goes nowhere
  if (client_) {
    whole_.session_->from_client(bytes);
  } else {
    whole_.session_->from_server(bytes);
  }
  whole_.balance();
}

void Connection::Side::ended() {
  if (whole_.retired_) return;
  (client_ ? whole_.client_ended_ : whole_.server_ended_) = true;
  if (whole_.closing_) return whole_.balance();
  if (client_) {
    whole_.session_->client_ended();
  } else {
    whole_.session_->server_ended();
  }
  whole_.balance();
}

// A reset of one side is one of the other.
void Connection::Side::broken() {
  if (whole_.retired_) return;
  if (client_) {
    whole_.server_->reset();
  } else if (!whole_.closing_) {
    whole_.client_->reset();
  } else {
    return;
  }
  whole_.retire();
}

void Connection::Side::drained() {
  if (!whole_.retired_) whole_.balance();
}

// --- what the session wants

void Connection::to_server(std::string_view bytes) {
  if (server_finished_) return;
  if (up_.empty() && bytes.size() >= kDirectBytes) return server_->send(bytes);
  up_.append(bytes);
}

void Connection::to_client(std::string_view bytes) {
  if (client_finished_) return;
  if (down_.empty() && bytes.size() >= kDirectBytes) return client_->send(bytes);
  down_.append(bytes);
}

void Connection::flush() {
  if (!up_.empty()) server_->send(up_);
  if (!down_.empty()) client_->send(down_);
  up_.clear();
  down_.clear();
}

void Connection::finish_server() {
  if (server_finished_) return;
  flush();
  server_finished_ = true;
  server_->finish();
}

void Connection::finish_client() {
  if (client_finished_) return;
  flush();
  client_finished_ = true;
  client_->finish();
}

void Connection::end(Ending how) {
  if (closing_) return;
  closing_ = true;
  flush();
  finish_server();
  if (how == Ending::kReset) {
    client_->reset();
    return retire();
  }
  finish_client();
  client_->resume();
  wait(kLingering, {}, [this] { retire(); });
}

bool Connection::watched(ProtocolActions actions) const {
  return judge_.watches(target_, source_, actions);
}

MessageVerdict Connection::judge(const Asked& asked) {
  return judge_.judge({.target = target_,
                       .source = source_,
                       .keys = asked.keys,
                       .actions = asked.actions,
                       .named_by = asked.named_by,
                       .direction = asked.direction,
                       .asked = asked.before});
}

bool Connection::in_force(const ProtocolRuleState& rule) const {
  return judge_.in_force(rule);
}

double Connection::draw(const MessageVerdict& verdict, unsigned k) {
  return judge_.draw(verdict, target_, k);
}

Connection::Elsewhere::Elsewhere(std::unique_ptr<Duplex> duplex, std::string_view bytes,
                                 std::function<void()> over)
    : duplex_(std::move(duplex)), over_(std::move(over)) {
  duplex_->start(*this);
  duplex_->send(bytes);
}

void Connection::Elsewhere::end() {
  // Once; its owner throws it away later.
  if (const std::function<void()> over = std::exchange(over_, {})) over();
}

void Connection::send_elsewhere(std::string bytes, std::function<void()> done) {
  std::unique_ptr<Duplex> duplex = dial_ ? dial_() : nullptr;
  if (duplex == nullptr) return done();
  Elsewhere& opened =
      elsewhere_.emplace_back(std::move(duplex), bytes, [this, done = std::move(done)] {
        if (retired_) return;
        done();
        balance();
      });
  wait(kElsewhereLimit, {}, [&opened] { opened.end(); });
}

void Connection::lost_track(std::string_view why, bool is_tls) {
  if (is_tls && watched(kAnyProtocolAction))
    judge_.unfilterable(target_, source_,
                        "it is encrypted with TLS; switch TLS off in that client's settings");
  judge_.lost_track(target_, source_, why);
}

void Connection::unfilterable(std::string_view why) {
  judge_.unfilterable(target_, source_, why);
}

// --- time

void Connection::after_delay(const MessageVerdict& verdict, std::function<void()> go) {
  wait(verdict.delay, verdict.delay_scopes, std::move(go));
}

void Connection::after(Duration time, std::function<void()> go) {
  wait(time, {}, std::move(go));
}

void Connection::wait(Duration time, std::vector<uint64_t> scopes, std::function<void()> go) {
  const auto waiting = waiting_.insert(waiting_.end(), {std::move(scopes), std::move(go), nullptr});
  waiting->timer = clock_.after(time, [this, waiting] { wake(waiting); });
}

void Connection::wake(std::list<Waiting>::iterator waiting) {
  const std::function<void()> go = std::move(waiting->go);
  waiting_.erase(waiting);
  if (retired_) return;
  go();
  if (!retired_) balance();
}

void Connection::scope_ended(uint64_t scope) {
  for (auto it = waiting_.begin(); it != waiting_.end() && !retired_;) {
    const auto one = it++;
    if (std::find(one->scopes.begin(), one->scopes.end(), scope) == one->scopes.end()) continue;
    wake(one);
    it = waiting_.begin();  // what went on may hold anew, or be over
  }
}

void Connection::partitioned(const PartitionSet& partitions) {
  if (retired_ || source_ == kTestDriver || source_ == target_.service) return;
  if (partitions.resets(source_, target_.service)) {
    client_->reset();
    server_->reset();
    return retire();
  }
  cut_up_ = partitions.cuts(source_, target_.service);
  cut_down_ = partitions.cuts(target_.service, source_);
  balance();
}

// --- flow and end

void Connection::balance() {
  if (retired_) return;
  flush();
  if (closing_) {
    if (client_ended_ && client_->unsent() == 0) retire();
    return;
  }
  if (cut_up_ || server_->unsent() + session_->held_up() > kPendingMax) {
    client_->pause();
  } else {
    client_->resume();
  }
  if (cut_down_ || client_->unsent() + session_->held_down() > kPendingMax) {
    server_->pause();
  } else {
    server_->resume();
  }
  if (client_finished_ && server_finished_ && client_ended_ && server_ended_ &&
      client_->unsent() == 0 && server_->unsent() == 0)
    retire();
}

// Later, from the loop: the session may be on the stack.
void Connection::retire() {
  if (retired_) return;
  retired_ = true;
  retiring_ = clock_.after(Duration::zero(), [this] { over_(*this); });
}

}  // namespace fb
