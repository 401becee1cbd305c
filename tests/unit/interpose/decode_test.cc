// Paths and addresses as the arguments of calls give them; the test itself is the target.
#include "interpose/decode/decode.h"

#include "interpose/decode/path.h"
#include "interpose/decode/sockaddr.h"

#include <arpa/inet.h>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <rapidcheck/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace fb {
namespace {

TEST(PathTest, NormalisesLexically) {
  EXPECT_EQ(normalise_path("/a/./b//../c"), "/a/c");
  EXPECT_EQ(normalise_path("/../.."), "/");
  EXPECT_EQ(normalise_path("/a/"), "/a");
  EXPECT_EQ(normalise_path("/"), "/");
}

RC_GTEST_PROP(PathTest, NormalisingTwiceIsNormalisingOnce, ()) {
  const auto parts = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("a", "..", ".", "", "bc"));
  std::string path;
  for (const std::string& part : parts) path += "/" + part;
  if (path.empty()) path = "/";
  const std::string once = normalise_path(path);
  RC_ASSERT(normalise_path(once) == once);
  RC_ASSERT(once.find("//") == std::string::npos);
}

class TargetTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/fb-decode-XXXXXX";
    dir_ = std::filesystem::canonical(mkdtemp(name));
    std::filesystem::create_directory(dir_ + "/real");
    std::filesystem::create_directory_symlink("real", dir_ + "/link");
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  std::string dir_;
  Target self_ = *Target::open(getpid());
};

TEST_F(TargetTest, ResolvesLinksInsideTheRootOfTheTarget) {
  EXPECT_EQ(resolve_path(self_, dir_ + "/link/../link/new"), dir_ + "/real/new");
  EXPECT_EQ(resolve_path(self_, dir_ + "/link"), dir_ + "/real");
  EXPECT_EQ(resolve_path(self_, dir_ + "/link", false), dir_ + "/link");
  EXPECT_EQ(resolve_path(self_, dir_ + "/absent/new"), std::nullopt);
}

TEST_F(TargetTest, RelativePathsStartAtTheDirectory) {
  const int fd = open(dir_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  EXPECT_EQ(absolute_path(self_, fd, "x"), dir_ + "/x");
  EXPECT_EQ(absolute_path(self_, fd, ""), dir_);
  EXPECT_EQ(absolute_path(self_, AT_FDCWD, "x"), std::filesystem::current_path().string() + "/x");
  EXPECT_EQ(absolute_path(self_, 9999, "x"), std::nullopt);
  EXPECT_EQ(absolute_path(self_, 9999, "/x"), "/x");
  close(fd);
}

TEST_F(TargetTest, ReadsStringsAcrossPages) {
  std::string text(3000, 'p');
  for (size_t shift : {0u, 1000u, 2000u, 3000u}) {
    std::vector<char> memory(shift + text.size() + 1);
    std::memcpy(memory.data() + shift, text.c_str(), text.size() + 1);
    EXPECT_EQ(self_.read_string(reinterpret_cast<uint64_t>(memory.data() + shift)), text);
  }
  EXPECT_EQ(self_.read_string(0), std::nullopt);
  EXPECT_EQ(self_.read_string(8), std::nullopt);
}

TEST_F(TargetTest, DeletedFilesKeepTheirName) {
  const std::string path = dir_ + "/gone";
  const int fd = open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  unlink(path.c_str());
  EXPECT_EQ(without_deleted(*self_.fd_link(fd)), path);
  close(fd);
}

TEST_F(TargetTest, NamesAskedForAgainFollowTheDescriptor) {
  FdNames names;
  const std::string first = dir_ + "/first", second = dir_ + "/second";
  const int fd = open(first.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(names.link(self_, fd), first);
  std::filesystem::rename(first, second);
  EXPECT_EQ(names.link(self_, fd), second);
  const int other = open(first.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  dup3(other, fd, O_CLOEXEC);
  EXPECT_EQ(names.link(self_, fd), first);
  close(fd);
  EXPECT_EQ(names.link(self_, fd), std::nullopt);
  EXPECT_EQ(open(second.c_str(), O_RDONLY | O_CLOEXEC), fd);
  EXPECT_EQ(names.link(self_, fd), second);
  close(fd);
  close(other);
  EXPECT_EQ(names.link(self_, -1), std::nullopt);
}

TEST_F(TargetTest, MovesOfAFileAndOfWhatIsAboveItAreSeen) {
  auto loop = EpollLoop::create().value();
  const auto moves = MoveWatch::create(*loop);
  ASSERT_NE(moves, nullptr);
  const auto round = [&] {
    bool over = false;
    const auto timer = loop->after(Duration::zero(), [&] { over = true; });
    loop->run_until([&] { return over; });
  };
  std::filesystem::create_directories(dir_ + "/a/b");
  const int fd = open((dir_ + "/a/b/f").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  ASSERT_TRUE(moves->watch(self_, fd, dir_ + "/a/b/f"));
  round();
  uint64_t before = moves->moves();
  std::filesystem::rename(dir_ + "/a/b/f", dir_ + "/a/b/g");
  round();
  EXPECT_GT(moves->moves(), before);
  before = moves->moves();
  std::filesystem::rename(dir_ + "/a", dir_ + "/c");
  round();
  EXPECT_GT(moves->moves(), before);
  // A name that is not this file's, or no longer.
  EXPECT_FALSE(moves->watch(self_, fd, dir_ + "/a/b/f"));
  unlink((dir_ + "/c/b/g").c_str());
  EXPECT_FALSE(moves->watch(self_, fd, dir_ + "/c/b/g (deleted)"));
  close(fd);
}

TEST_F(TargetTest, DecodesACallOnADescriptor) {
  const int fd = open((dir_ + "/f").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  DecodeMemory memory;
  Operation operation;
  const CallArguments arguments{*find_syscall("pwrite64"),
                                {static_cast<uint64_t>(fd), 0x1000, 77, 0, 0, 0}};
  decode(self_, arguments, {}, memory, operation);
  EXPECT_EQ(operation.path, dir_ + "/f");
  EXPECT_EQ(operation.fd, fd);
  EXPECT_EQ(operation.size, 77u);
  EXPECT_FALSE(operation.is_socket);
  close(fd);
}

TEST(SockaddrTest, ReadsTheThreeFamilies) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(7000);
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(parse_sockaddr(std::as_bytes(std::span(&in, 1)))->text(), "127.0.0.1:7000");
  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  in6.sin6_port = htons(80);
  in6.sin6_addr = in6addr_loopback;
  EXPECT_EQ(parse_sockaddr(std::as_bytes(std::span(&in6, 1)))->text(), "[::1]:80");
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  std::strcpy(un.sun_path, "/run/x");
  EXPECT_EQ(parse_sockaddr(std::as_bytes(std::span(&un, 1)))->unix_path, "/run/x");
  std::memcpy(un.sun_path, "\0name", 5);
  EXPECT_EQ(parse_sockaddr(std::as_bytes(std::span(&un, 1)).first(2 + 5))->unix_path, "@name");
}

RC_GTEST_PROP(SockaddrTest, NoBytesMakeItFail, (std::vector<uint8_t> bytes)) {
  parse_sockaddr(std::as_bytes(std::span(bytes)));
}

}  // namespace
}  // namespace fb
