// A Net in memory for tests of steps. Connections are served by scripts, in the order in which they
// are made: what the peer sends, how it was cut into reads, how it ends. Its time stands still but
// for what scripts and waiting in vain take.
#pragma once
#include "core/base/check.h"
#include "core/runtime/net.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace fb::test {

struct PeerScript {
  enum class End { kEof, kReset, kSilence };
  std::vector<std::string> reads;  // each is what one read returns at most
  End end = End::kEof;
  std::optional<Error> refuses;      // connect() answers this
  std::optional<Error> write_fails;  // write() answers this
  Duration connect_takes{0};
  Duration read_takes{0};
  bool again = false;     // starts from the first read again, for ever
  bool overruns = false;  // reads give their bytes even when read_takes is beyond their limit
};

struct PeerLog {
  ActorId actor;
  Address to;
  Duration connect_limit{0};
  std::string written;
  std::vector<Duration> read_limits;
  bool closed = false;
};

class FakeNet final : public Net {
 public:
  Instant now;
  std::deque<PeerScript> scripts;
  std::deque<PeerLog> log;  // references stay valid

  Result<std::unique_ptr<Stream>> connect(ActorId actor, const Address& to,
                                          Duration limit) override {
    log.push_back({.actor = actor, .to = to, .connect_limit = limit});
    if (scripts.empty()) return failed("dial " + to.text() + ": connection refused");
    PeerScript script = std::move(scripts.front());
    scripts.pop_front();
    if (script.connect_takes > limit) {
      now = now + limit;
      return Error{Code::kTimeout, "dial " + to.text() + ": i/o timeout"};
    }
    now = now + script.connect_takes;
    if (script.refuses) return *script.refuses;
    return std::unique_ptr<Stream>(new FakeStream(*this, log.back(), std::move(script)));
  }

 private:
  class FakeStream final : public Stream {
   public:
    FakeStream(FakeNet& net, PeerLog& log, PeerScript script)
        : net_(net), log_(log), script_(std::move(script)) {}
    ~FakeStream() override { close(); }

    Result<size_t> read(std::span<std::byte> into, Duration limit) override {
      FB_CHECK(!log_.closed && !into.empty());
      log_.read_limits.push_back(limit);
      if (next_ == script_.reads.size() && script_.again) next_ = 0;
      const bool is_silent =
          next_ == script_.reads.size() && script_.end == PeerScript::End::kSilence;
      if (is_silent || (script_.read_takes > limit && !script_.overruns)) {
        net_.now = net_.now + limit;
        return Error{Code::kTimeout, "read: i/o timeout"};
      }
      net_.now = net_.now + script_.read_takes;
      if (next_ == script_.reads.size()) {
        if (script_.end == PeerScript::End::kReset) return failed("read: connection reset by peer");
        return size_t{0};
      }
      const std::string& bytes = script_.reads[next_];
      FB_CHECK(!bytes.empty());
      const size_t size = std::min(into.size(), bytes.size() - offset_);
      std::memcpy(into.data(), bytes.data() + offset_, size);
      offset_ += size;
      if (offset_ == bytes.size()) {
        ++next_;
        offset_ = 0;
      }
      return size;
    }

    Status write(std::span<const std::byte> bytes, Duration) override {
      FB_CHECK(!log_.closed);
      if (script_.write_fails) return *script_.write_fails;
      log_.written.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return {};
    }

    Status shutdown_write() override { return {}; }
    void close() override { log_.closed = true; }

   private:
    FakeNet& net_;
    PeerLog& log_;
    PeerScript script_;
    size_t next_ = 0;    // read
    size_t offset_ = 0;  // into it
  };
};

}  // namespace fb::test
