// One direction of a raw stream: what is sent keeps its order through holds, and through a pace in
// bytes per second.
#pragma once
#include "proxies/proxy/session.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

namespace fb {

class TcpLane {
 public:
  struct Out {
    std::function<void(std::string_view)> send;
    std::function<void()> finish;
  };
  TcpLane(SessionHost& host, Out out) : host_(host), out_(std::move(out)) {}
  TcpLane(const TcpLane&) = delete;
  TcpLane& operator=(const TcpLane&) = delete;

  void send(std::string_view bytes);
  void finish();
  // What follows waits for the verdict's delay.
  void hold(const MessageVerdict& verdict);
  // From now on, while its rule is in force.
  void pace(const MessageVerdict& verdict) { pace_ = verdict; }
  size_t held() const { return held_; }

 private:
  struct Hold {
    MessageVerdict verdict;
  };
  struct End {};
  void work();
  bool paced() const;

  SessionHost& host_;
  Out out_;
  std::deque<std::variant<std::string, Hold, End>> queue_;
  size_t held_ = 0;
  bool waiting_ = false;
  MessageVerdict pace_;
};

}  // namespace fb
