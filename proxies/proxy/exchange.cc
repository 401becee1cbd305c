#include "proxies/proxy/exchange.h"

#include "core/base/check.h"

#include <algorithm>

namespace fb {
namespace {

// A reply longer than this is not kept back for its duplicate's.
constexpr size_t kKeptMax = 1024 * 1024;

}  // namespace

void Exchange::pass(std::string_view bytes) {
  if (over_ || bytes.empty()) return;
  if (lane_.empty()) return host_.to_server(bytes);
  lane_bytes_ += bytes.size();
  if (auto* last = std::get_if<std::string>(&lane_.back())) {
    last->append(bytes);
  } else {
    lane_.emplace_back(std::string(bytes));
  }
}

void Exchange::expect(ReplySlot slot) {
  if (over_) return;
  if (lane_.empty()) return open(std::move(slot));
  ++lane_slots_;
  lane_.emplace_back(std::move(slot));
}

void Exchange::hold(const MessageVerdict& verdict) {
  if (over_ || verdict.delay <= Duration::zero()) return;
  lane_.emplace_back(Hold{verdict});
  work();
}

void Exchange::client_ended() {
  if (over_) return;
  if (lane_.empty()) return host_.finish_server();
  lane_.emplace_back(End{});
}

void Exchange::work() {
  while (!lane_.empty() && !over_) {
    Item& item = lane_.front();
    if (auto* hold = std::get_if<Hold>(&item)) {
      if (hold->begun) return;
      hold->begun = true;
      return host_.after_delay(hold->verdict, [this] {
        if (over_) return;
        lane_.pop_front();
        work();
      });
    }
    Item taken = std::move(item);
    lane_.pop_front();
    if (auto* bytes = std::get_if<std::string>(&taken)) {
      lane_bytes_ -= bytes->size();
      host_.to_server(*bytes);
    } else if (auto* slot = std::get_if<ReplySlot>(&taken)) {
      --lane_slots_;
      open(std::move(*slot));
    } else {
      host_.finish_server();
    }
  }
}

void Exchange::open(ReplySlot slot) {
  slots_.push_back(std::move(slot));
  fill();
}

// Sends what is ours to send now.
void Exchange::fill() {
  while (!slots_.empty() && !over_) {
    ReplySlot& slot = slots_.front();
    if (slot.kind == ReplySlot::Kind::kPass || slot.kind == ReplySlot::Kind::kSwallow) return;
    if (!slot.bytes.empty()) host_.to_client(slot.bytes);
    const bool ends = slot.kind == ReplySlot::Kind::kEnd;
    const Ending ending = slot.ending;
    slots_.pop_front();
    if (!ends) continue;
    over_ = true;
    host_.end(ending);
  }
}

const ReplySlot* Exchange::front() const {
  return slots_.empty() ? nullptr : &slots_.front();
}

void Exchange::reply(std::string_view bytes) {
  if (over_) return;
  FB_CHECK(!slots_.empty());
  const ReplySlot& slot = slots_.front();
  if (slot.kind != ReplySlot::Kind::kPass) return;
  if (!slot.with_next) return host_.to_client(bytes);
  keeping_ = true;
  kept_.append(bytes);
  if (kept_.size() > kKeptMax) {
    slots_.front().with_next = false;
    release_kept();
  }
}

void Exchange::release_kept() {
  keeping_ = false;
  const std::string bytes = std::move(kept_);
  kept_.clear();
  host_.to_client(bytes);
}

void Exchange::reply_done() {
  if (over_) return;
  FB_CHECK(!slots_.empty());
  const bool with_next = slots_.front().with_next;
  slots_.pop_front();
  if (keeping_ && !with_next) release_kept();
  fill();
}

void Exchange::skip_to(uint32_t tag) {
  const auto stays = [&](const ReplySlot& slot) {
    return slot.tag == tag || slot.kind == ReplySlot::Kind::kEnd;
  };
  while (!slots_.empty() && !stays(slots_.front())) slots_.pop_front();
  if (keeping_) release_kept();
  if (!slots_.empty()) return fill();
  // Further ones may wait behind a hold.
  for (auto item = lane_.begin(); item != lane_.end();) {
    const auto* slot = std::get_if<ReplySlot>(&*item);
    if (slot != nullptr && stays(*slot)) return;
    if (slot == nullptr) {
      ++item;
      continue;
    }
    item = lane_.erase(item);
    --lane_slots_;
  }
}

bool Exchange::forget(uint32_t tag) {
  const auto queued = std::find_if(slots_.begin(), slots_.end(),
                                   [&](const ReplySlot& slot) { return slot.tag == tag; });
  if (queued != slots_.end()) {
    slots_.erase(queued);
    return true;
  }
  const auto waiting = std::find_if(lane_.begin(), lane_.end(), [&](const Item& item) {
    const auto* slot = std::get_if<ReplySlot>(&item);
    return slot != nullptr && slot->tag == tag;
  });
  if (waiting == lane_.end()) return false;
  lane_.erase(waiting);
  --lane_slots_;
  return true;
}

void Exchange::aside(std::string_view bytes) {
  if (!over_) host_.to_client(bytes);
}

void Exchange::server_ended() {
  if (over_) return;
  if (keeping_) release_kept();
  // Replies that are ours need no server.
  while (!slots_.empty()) {
    const ReplySlot::Kind kind = slots_.front().kind;
    if (kind == ReplySlot::Kind::kOurs || kind == ReplySlot::Kind::kEnd) {
      fill();
      if (over_) return;
    } else {
      slots_.pop_front();
    }
  }
  host_.finish_client();
}

}  // namespace fb
