#include "interpose/sys/socket_net.h"

#include "interpose/sys/posix.h"

#include <array>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <string>
#include <sys/un.h>
#include <unistd.h>
#include <vector>

namespace fb {
namespace {
using namespace std::chrono_literals;

class SocketNetTest : public ::testing::Test {
 protected:
  std::unique_ptr<EpollLoop> loop = EpollLoop::create().value();
  SocketNet net{*loop};
  Fd listener;

  // A listening socket on a free port of the loopback; 0: bound, but not listening.
  Address listen(int backlog) {
    listener = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const SocketAddress any = socket_address(Address::loopback4(0)).value();
    EXPECT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&any.storage), any.size), 0);
    EXPECT_EQ(backlog > 0 ? ::listen(listener.get(), backlog) : 0, 0);
    sockaddr_in bound{};
    socklen_t size = sizeof bound;
    EXPECT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&bound), &size), 0);
    return Address::loopback4(ntohs(bound.sin_port));
  }
  Fd accept() { return Fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)); }
  void in_fiber(std::function<void()> body) {
    loop->fibers().spawn("test", std::move(body));
    loop->run_until([&] { return loop->fibers().alive() == 0; });
  }
};

TEST_F(SocketNetTest, ConnectsWritesAndReads) {
  const Address to = listen(1);
  std::string got;
  in_fiber([&] {
    auto stream = net.connect(ActorId::test(), to, 5s);
    ASSERT_TRUE(stream.ok()) << stream.error().message;
    Fd server = accept();
    ASSERT_TRUE(stream.value()->write(bytes_of("ping"), 5s).ok());
    char buffer[8];
    ASSERT_EQ(::read(server.get(), buffer, sizeof buffer), 4);
    ASSERT_EQ(::write(server.get(), "pong!", 5), 5);
    std::array<std::byte, 16> into;
    const size_t n = stream.value()->read(into, 5s).value();
    got.assign(reinterpret_cast<const char*>(into.data()), n);
    server.reset();
    EXPECT_EQ(stream.value()->read(into, 5s).value(), 0u);
  });
  EXPECT_EQ(got, "pong!");
}

TEST_F(SocketNetTest, ARefusedConnectionNamesTheAddressAsTheSpecDoes) {
  const Address to = listen(0);
  in_fiber([&] {
    const auto stream = net.connect(ActorId::test(), to, 5s);
    ASSERT_FALSE(stream.ok());
    EXPECT_EQ(stream.error().message,
              "dial localhost:" + std::to_string(to.port) + ": connection refused");
  });
}

TEST_F(SocketNetTest, ReadHasALimit) {
  const Address to = listen(1);
  in_fiber([&] {
    auto stream = net.connect(ActorId::test(), to, 5s).value();
    std::array<std::byte, 1> into;
    const auto n = stream->read(into, 10ms);
    ASSERT_FALSE(n.ok());
    EXPECT_EQ(n.error().code, Code::kTimeout);
    EXPECT_EQ(n.error().message, "read: i/o timeout");
  });
}

TEST_F(SocketNetTest, WriteHasALimitForAllOfIt) {
  const Address to = listen(1);
  in_fiber([&] {
    auto stream = net.connect(ActorId::test(), to, 5s).value();
    const std::vector<std::byte> much(64 << 20);
    const Status status = stream->write(much, 10ms);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, Code::kTimeout);
  });
}

TEST_F(SocketNetTest, ConnectHasALimit) {
  // A full accept queue: the kernel drops further SYNs.
  const Address to = listen(1);
  in_fiber([&] {
    std::vector<std::unique_ptr<Stream>> queued;
    while (true) {
      auto stream = net.connect(ActorId::test(), to, 20ms);
      if (!stream.ok()) {
        EXPECT_EQ(stream.error().code, Code::kTimeout);
        EXPECT_EQ(stream.error().message, "dial " + dial_text(to) + ": i/o timeout");
        break;
      }
      queued.push_back(std::move(stream).value());
      ASSERT_LT(queued.size(), 16u);
    }
  });
}

TEST_F(SocketNetTest, AMegabyteGoesThroughWhileAnotherFiberReads) {
  const Address to = listen(1);
  size_t got = 0;
  std::unique_ptr<Stream> client;
  std::unique_ptr<SocketStream> server;
  in_fiber([&] {
    client = net.connect(ActorId::test(), to, 5s).value();
    Fd accepted = accept();
    ASSERT_TRUE(posix::set_nonblocking(accepted.get()).ok());
    server = std::make_unique<SocketStream>(*loop, std::move(accepted));
  });
  loop->fibers().spawn("writer", [&] {
    const std::vector<std::byte> megabyte(1 << 20);
    EXPECT_TRUE(client->write(megabyte, 10s).ok());
    EXPECT_TRUE(client->shutdown_write().ok());
  });
  loop->fibers().spawn("reader", [&] {
    std::vector<std::byte> into(1000);
    while (true) {
      const size_t n = server->read(into, 10s).value();
      if (n == 0) break;
      got += n;
    }
  });
  loop->run_until([&] { return loop->fibers().alive() == 0; });
  EXPECT_EQ(got, size_t{1} << 20);
}

TEST_F(SocketNetTest, AClosedStreamSaysSo) {
  const Address to = listen(1);
  in_fiber([&] {
    auto stream = net.connect(ActorId::test(), to, 5s).value();
    stream->close();
    std::array<std::byte, 1> into;
    EXPECT_EQ(stream->read(into, 1s).error().message, "read: the connection is closed");
    EXPECT_EQ(stream->write(into, 1s).error().message, "write: the connection is closed");
    EXPECT_EQ(stream->shutdown_write().error().code, Code::kGone);
  });
}

TEST_F(SocketNetTest, ClosingWakesWhoeverReads) {
  const Address to = listen(1);
  std::unique_ptr<Stream> stream;
  in_fiber([&] { stream = net.connect(ActorId::test(), to, 5s).value(); });
  std::string error;
  loop->fibers().spawn("reader", [&] {
    std::array<std::byte, 1> into;
    error = stream->read(into, 10s).error().message;
  });
  loop->fibers().spawn("closer", [&] { stream->close(); });
  loop->run_until([&] { return loop->fibers().alive() == 0; });
  EXPECT_EQ(error, "read: the connection is closed");
}

TEST(SocketAddressTest, UnixPathsAndAbstractNames) {
  const auto path = socket_address({Address::Family::kUnix, {}, 0, "/run/x"}).value();
  EXPECT_EQ(path.size, offsetof(sockaddr_un, sun_path) + 7);
  const auto abstract = socket_address({Address::Family::kUnix, {}, 0, "@x"}).value();
  EXPECT_EQ(abstract.size, offsetof(sockaddr_un, sun_path) + 2);
  EXPECT_FALSE(socket_address({Address::Family::kUnix, {}, 0, std::string(200, 'x')}).ok());
}

TEST(DialTextTest, LoopbackIsLocalhost) {
  EXPECT_EQ(dial_text(Address::loopback4(80)), "localhost:80");
}

}  // namespace
}  // namespace fb
