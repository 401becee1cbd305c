#include "interpose/follow/followed_net.h"

namespace fb {
namespace {

class FollowedStream final : public Stream {
 public:
  FollowedStream(Scheduler& scheduler, FollowedStreams& streams,
                 std::unique_ptr<SocketStream> stream)
      : scheduler_(scheduler),
        streams_(streams),
        stream_(std::move(stream)),
        socket_(inode_of_own(stream_->fd())) {}
  ~FollowedStream() override { ends(); }

  Result<size_t> read(std::span<std::byte> into, Duration limit) override {
    Result<size_t> got = stream_->read(into, limit);
    const auto end = got.ok() ? look() : std::nullopt;
    if (!end) return got;
    Footprint learned;
    if (*got > 0)
      learned.needs.push_back({end->bytes_in(), AccessMode::kRead,
                               end->head - std::min<uint64_t>(end->head, *got), end->head});
    else
      learned.needs.push_back({end->end_in()});
    scheduler_.pass(kTestDriver, learned);
    return got;
  }

  Status write(std::span<const std::byte> bytes, Duration limit) override {
    if (const auto end = look()) {
      Footprint sent;
      sent.write(end->bytes_out(), end->tail, end->tail + bytes.size());
      if (!end->outgoing.starts_with("tcp")) streams_.wrote(*end, bytes.size(), true);
      scheduler_.pass(kTestDriver, sent);
    }
    return stream_->write(bytes, limit);
  }

  Status shutdown_write() override {
    ends();
    return stream_->shutdown_write();
  }

  void close() override {
    ends();
    stream_->close();
  }

 private:
  std::optional<FollowedEnd> look() {
    return stream_->fd() < 0 ? std::nullopt : streams_.look(stream_->fd(), socket_);
  }
  void ends() {
    const auto end = look();
    if (!end) return;
    Footprint ended;
    ended.add(end->end_out());
    scheduler_.pass(kTestDriver, ended);
  }

  Scheduler& scheduler_;
  FollowedStreams& streams_;
  std::unique_ptr<SocketStream> stream_;
  uint64_t socket_;
};

}  // namespace

Result<std::unique_ptr<Stream>> FollowedNet::connect(ActorId /*actor*/, const Address& to,
                                                     Duration limit) {
  std::unique_ptr<SocketStream> stream = FB_TRY(plain_.dial(to, limit, [&](int fd) {
    Footprint connects;
    connects.needs.push_back({Follower::listener_key(to)});
    if (const auto local = local_address(fd))
      connects.write(follower_.connected(inode_of_own(fd), *local));
    scheduler_.pass(kTestDriver, connects);
  }));
  return std::unique_ptr<Stream>(
      std::make_unique<FollowedStream>(scheduler_, follower_.streams(), std::move(stream)));
}

}  // namespace fb
