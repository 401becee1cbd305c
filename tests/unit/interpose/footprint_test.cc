// Names of objects, places in queues, and what operations on streams touch.
#include "interpose/footprint/connections.h"
#include "interpose/footprint/object_names.h"
#include "interpose/footprint/service_model.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fb {
namespace {

bool never_same(int, int, int, int) {
  return false;
}

TEST(ObjectNamesTest, FilesAreNamedByTheFirstPathAndTellReuse) {
  ObjectNames names(never_same);
  EXPECT_EQ(names.file({1, 10, 5}, "/d/x"), "/d/x");
  EXPECT_EQ(names.file({1, 10, 5}, "/d/renamed"), "/d/x");
  EXPECT_EQ(names.file({1, 10, 9}, "/d/x"), "/d/x#2") << "the inode number came again";
  EXPECT_EQ(names.file({1, 11, 5}, "/d/renamed"), "/d/renamed");
}

TEST(ObjectNamesTest, PipesAreNamedByTheirMaker) {
  ObjectNames names(never_same);
  const ProcessName maker{ServiceId{1}, 0}, user{ServiceId{1}, 2};
  names.made_pipe(maker, 100, 100);
  names.made_pipe(maker, 101, 101);
  EXPECT_EQ(names.pipe(101, user), "pipe 1:0#2");
  EXPECT_EQ(names.pipe(100, maker), "pipe 1:0#1");
}

TEST(ObjectNamesTest, OpenFilesAreToldApartByTheKernel) {
  ObjectNames names([](int, int fd_a, int, int fd_b) { return fd_a == fd_b; });
  const ProcessName process{ServiceId{0}, 0};
  const FileId id{1, 2, 3};
  const std::string first = names.open_file(process, 50, 3, id, "/x");
  EXPECT_EQ(names.open_file(process, 51, 3, id, "/x"), first) << "inherited";
  EXPECT_NE(names.open_file(process, 50, 4, id, "/x"), first);
}

StreamEnd end_at(uint64_t head, uint64_t unread, uint64_t tail) {
  return {.incoming = "in", .outgoing = "out", .head = head, .unread = unread, .tail = tail};
}

// The other side of end_at(): what it writes is what the first reads.
StreamEnd mirrored(uint64_t tail) {
  return {.incoming = "out", .outgoing = "in", .tail = tail};
}

Footprint reading(const StreamEnd& end, uint64_t wish, bool reassembles = false) {
  Footprint footprint;
  stream_read(footprint, end, wish, reassembles);
  return footprint;
}

Footprint writing(const StreamEnd& end, uint64_t bytes) {
  Footprint footprint;
  stream_write(footprint, end, bytes);
  return footprint;
}

TEST(StreamTest, AnExactReadDoesNotRaceWithTheNextWrite) {
  EXPECT_FALSE(dependent(reading(end_at(0, 4, 0), 4), writing(mirrored(4), 4)));
}

TEST(StreamTest, AShortReadRacesWithAWriteThatWouldLengthenIt) {
  EXPECT_TRUE(dependent(reading(end_at(0, 4, 0), 100), writing(mirrored(4), 4)));
  EXPECT_FALSE(dependent(reading(end_at(0, 4, 0), 100, true), writing(mirrored(4), 4)))
      << "a step goes on reading";
}

TEST(StreamTest, TwoWritersRace) {
  EXPECT_TRUE(dependent(writing(mirrored(0), 4), writing(mirrored(4), 4)));
}

TEST(StreamTest, AReadNeedsTheWriteOfItsBytes) {
  const Footprint read = reading(end_at(0, 4, 0), 4), write = writing(mirrored(0), 4);
  EXPECT_TRUE(dependent(read, write));
  ASSERT_EQ(read.needs.size(), 1u);
  ASSERT_EQ(write.provides.size(), 1u);
  EXPECT_EQ(read.needs[0].object, write.provides[0].object);
}

TEST(StreamTest, DataAndCloseOfThePeerDoNotRaceAndNeitherDoTwoCloses) {
  Footprint close_here, close_there;
  stream_close(close_here, end_at(0, 0, 0), true, true);
  stream_close(close_there, mirrored(4), true, true);
  EXPECT_FALSE(dependent(reading(end_at(0, 4, 0), 100), close_there));
  EXPECT_FALSE(dependent(close_here, close_there));
  Footprint at_end;
  stream_end_of(at_end, end_at(4, 0, 0));
  EXPECT_TRUE(dependent(at_end, close_there));
}

TEST(ConnectionsTest, ConnectsToOneListenerRaceAndOthersDoNot) {
  Connections connections;
  Footprint a, b, other;
  queue_connect(a, connections, "tcp:1");
  queue_connect(b, connections, "tcp:1");
  queue_connect(other, connections, "tcp:2");
  EXPECT_TRUE(dependent(a, b));
  EXPECT_FALSE(dependent(a, other));
}

TEST(ConnectionsTest, ClientsThatNobodyControlsTakeAPlaceToo) {
  Connections connections;
  connections.accepting("tcp:1");
  EXPECT_EQ(connections.connects("tcp:1"), 1u);
  connections.connecting("tcp:1", Address::loopback4(1), 77);
  EXPECT_EQ(connections.connects("tcp:1"), 2u);
  connections.mark();
  EXPECT_EQ(connections.connects("tcp:1"), 1u) << "one is still to be accepted";
  EXPECT_EQ(connections.accepts("tcp:1"), 0u);
}

class TcpPair : public ::testing::Test {
 protected:
  void SetUp() override {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(listen(listener_, 4), 0);
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    client_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    to_ = Address::loopback4(ntohs(address.sin_port));
    connections_.bound(to_);
    connections_.connecting(connections_.listener_at(to_), to_, inode(client_));
    ASSERT_EQ(connect(client_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    server_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    ASSERT_GE(server_, 0);
  }
  void TearDown() override {
    for (int fd : {listener_, client_, server_}) close(fd);
  }
  static uint64_t inode(int fd) {
    struct stat s {};
    fstat(fd, &s);
    return s.st_ino;
  }
  StreamEnd look(int fd) { return connections_.look(fd, inode(fd)).value(); }

  Connections connections_;
  Address to_;
  int listener_ = -1, client_ = -1, server_ = -1;
};

TEST_F(TcpPair, BothEndsHaveTheSameNames) {
  const StreamEnd client = look(client_), server = look(server_);
  const std::string name = "tcp:" + std::to_string(to_.port) + "#1";
  EXPECT_EQ(client.outgoing, name + ">");
  EXPECT_EQ(server.incoming, client.outgoing);
  EXPECT_EQ(server.outgoing, client.incoming);
}

TEST_F(TcpPair, OffsetsCountBytesAndNothingElse) {
  look(client_);
  EXPECT_EQ(look(client_).tail, 0u);
  ASSERT_EQ(write(client_, "hello", 5), 5);
  EXPECT_EQ(look(client_).tail, 5u);
  EXPECT_EQ(look(server_).unread, 5u);
  char two[2];
  ASSERT_EQ(read(server_, two, 2), 2);
  EXPECT_EQ(look(server_).head, 2u);
  ASSERT_EQ(write(server_, "ok", 2), 2);
  EXPECT_EQ(look(server_).tail, 2u);
  shutdown(client_, SHUT_WR);
  EXPECT_EQ(look(server_).head, 2u) << "the end of the stream is no byte";
  EXPECT_EQ(look(server_).unread, 3u);
  EXPECT_EQ(look(client_).head, 0u);
}

TEST(TimeTest, WhatATimeoutLetsGoComesAfterWhatWentBefore) {
  Footprint before, later, sleeper;
  time_order(before, 3, std::nullopt);
  time_order(later, 7, std::nullopt);
  time_order(sleeper, 6, 5);
  EXPECT_TRUE(dependent(sleeper, before));
  EXPECT_FALSE(dependent(sleeper, later));
  EXPECT_FALSE(dependent(before, later));
}

}  // namespace
}  // namespace fb
