// Duplex over a connected, nonblocking TCP socket on an EpollLoop.
#pragma once
#include "core/runtime/duplex.h"
#include "interpose/sys/epoll_loop.h"
#include "interpose/sys/fd.h"

#include <memory>
#include <string>

namespace fb {

class SocketDuplex final : public Duplex {
 public:
  // `fd` may still be connecting: its failure is told as broken().
  SocketDuplex(EpollLoop& loop, Fd fd);
  ~SocketDuplex() override;

  void start(Owner& owner) override;
  void send(std::string_view bytes) override;
  size_t unsent() const override { return unsent_.size() - sent_; }
  void pause() override;
  void resume() override;
  void finish() override;
  void reset() override;

 private:
  void on_readable();
  void on_writable();
  bool write_now(std::string_view& bytes);
  void watch_reading();
  void fail();

  EpollLoop& loop_;
  Fd fd_;
  Owner* owner_ = nullptr;
  std::unique_ptr<EpollLoop::Watch> reading_, writing_;
  std::unique_ptr<Timer> telling_;  // of a failure found inside send()
  std::string unsent_;
  size_t sent_ = 0;  // of unsent_
  bool paused_ = false;
  bool ended_ = false;      // the other side sends no more
  bool finishing_ = false;  // nor do we, once all is sent
  bool finished_ = false;
  bool broken_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace fb
