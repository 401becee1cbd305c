#include "proxies/tcp/proxy/lane.h"

#include <algorithm>
#include <chrono>

namespace fb {
namespace {

// A pace is kept in pieces of this time.
constexpr Duration kPiece = std::chrono::milliseconds(10);

}  // namespace

bool TcpLane::paced() const {
  return pace_.action != nullptr && host_.in_force(*pace_.action);
}

void TcpLane::send(std::string_view bytes) {
  if (bytes.empty()) return;
  if (queue_.empty() && !waiting_ && !paced()) return out_.send(bytes);
  held_ += bytes.size();
  queue_.emplace_back(std::string(bytes));
  work();
}

void TcpLane::finish() {
  queue_.emplace_back(End{});
  work();
}

void TcpLane::hold(const MessageVerdict& verdict) {
  if (verdict.delay <= Duration::zero()) return;
  queue_.emplace_back(Hold{verdict});
  work();
}

void TcpLane::work() {
  while (!queue_.empty() && !waiting_) {
    const auto go_on = [this] {
      waiting_ = false;
      work();
    };
    if (auto* hold = std::get_if<Hold>(&queue_.front())) {
      waiting_ = true;
      const MessageVerdict verdict = std::move(hold->verdict);
      queue_.pop_front();
      return host_.after_delay(verdict, go_on);
    }
    if (std::holds_alternative<End>(queue_.front())) {
      queue_.pop_front();
      out_.finish();
      continue;
    }
    auto& bytes = std::get<std::string>(queue_.front());
    size_t piece = bytes.size();
    Duration time{};
    if (paced()) {
      const uint64_t rate = std::max<uint64_t>(pace_.rule()->amount, 1);
      const uint64_t in_piece = rate * static_cast<uint64_t>(kPiece.count()) / 1'000'000'000;
      piece = static_cast<size_t>(std::min<uint64_t>(piece, std::max<uint64_t>(in_piece, 1)));
      time = Duration(
          static_cast<int64_t>(1e9 * static_cast<double>(piece) / static_cast<double>(rate)));
    }
    const std::string now = bytes.substr(0, piece);
    bytes.erase(0, piece);
    if (bytes.empty()) queue_.pop_front();
    held_ -= piece;
    out_.send(now);
    if (time <= Duration::zero()) continue;
    waiting_ = true;
    MessageVerdict until{.delay = time, .delay_scopes = {pace_.action->scope}};
    return host_.after_delay(until, go_on);
  }
}

}  // namespace fb
