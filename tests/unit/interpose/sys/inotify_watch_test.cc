#include "interpose/sys/inotify_watch.h"

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace fb {
namespace {

using std::filesystem::create_directories;
using std::filesystem::remove_all;
using std::filesystem::rename;

class InotifyWatchTest : public ::testing::Test {
 protected:
  InotifyWatchTest() {
    std::string name = (std::filesystem::temp_directory_path() / "inotify-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    root = name;
  }
  ~InotifyWatchTest() override { remove_all(root); }

  Result<std::unique_ptr<FileWatch::Following>> follow(const std::string& name) {
    return watch.follow(root + "/" + name,
                        {.appended = [this](std::string_view bytes) { heard += bytes; },
                         .restarted = [this] { heard += "|"; }});
  }
  void append(const std::string& name, std::string_view text) const {
    std::ofstream(root + "/" + name, std::ios::app) << text;
  }
  // Runs the loop until that has been heard in all.
  void expect(const std::string& all) {
    bool late = false;
    const auto limit = loop->after(std::chrono::seconds(10), [&] { late = true; });
    loop->run_until([&] { return late || heard.size() >= all.size(); });
    EXPECT_EQ(heard, all);
  }

  std::unique_ptr<EpollLoop> loop = EpollLoop::create().value();
  InotifyWatch watch{*loop};
  std::string root, heard;
};

TEST_F(InotifyWatchTest, TellsWhatIsAppendedFromNowOn) {
  append("log", "old\n");
  const auto following = follow("log");
  ASSERT_TRUE(following.ok()) << following.error().message;
  append("log", "new\n");
  expect("new\n");
  append("log", "newer\n");
  expect("new\nnewer\n");
}

TEST_F(InotifyWatchTest, AFileThatAppearsIsReadFromItsBeginning) {
  const auto following = follow("log");
  append("log", "first\n");
  expect("first\n");
}

TEST_F(InotifyWatchTest, DirectoriesMayAppearLater) {
  const auto following = follow("a/b/log");
  ASSERT_TRUE(following.ok()) << following.error().message;
  create_directories(root + "/a");
  loop->run_until([this] { return !loop->fibers().anything_ready(); });
  create_directories(root + "/a/b");
  append("a/b/log", "deep\n");
  expect("deep\n");
  // The whole way is replaced.
  rename(root + "/a", root + "/old");
  create_directories(root + "/a/b");
  append("a/b/log", "again\n");
  expect("deep\n|again\n");
}

TEST_F(InotifyWatchTest, RotationReadsTheOldFileToItsEndAndGoesOnWithTheNewOne) {
  append("log", "");
  const auto following = follow("log");
  append("log", "1\n");
  rename(root + "/log", root + "/log.1");
  append("log.1", "2\n");
  append("log", "3\n");
  expect("1\n2\n|3\n");
  append("log", "4\n");
  expect("1\n2\n|3\n4\n");
}

TEST_F(InotifyWatchTest, AFileThatIsCutShortStartsAgain) {
  append("log", "long enough\n");
  const auto following = follow("log");
  EXPECT_EQ(::truncate((root + "/log").c_str(), 0), 0);
  append("log", "new\n");
  expect("|new\n");
}

TEST_F(InotifyWatchTest, ADeletedFileMayComeBack) {
  append("log", "");
  const auto following = follow("log");
  append("log", "1\n");
  remove_all(root + "/log");
  append("log", "2\n");
  expect("1\n|2\n");
}

TEST_F(InotifyWatchTest, ALinkIsFollowedToItsFile) {
  create_directories(root + "/elsewhere");
  append("elsewhere/file", "");
  std::filesystem::create_symlink(root + "/elsewhere/file", root + "/log");
  const auto following = follow("log");
  append("elsewhere/file", "x\n");
  expect("x\n");
}

TEST_F(InotifyWatchTest, CatchUpTellsAtOnce) {
  const auto following = follow("log");
  ASSERT_TRUE(following.ok());
  append("log", "now\n");
  (*following)->catch_up();
  EXPECT_EQ(heard, "now\n");
}

TEST_F(InotifyWatchTest, WhatCannotBeFollowedIsAnError) {
  create_directories(root + "/directory");
  EXPECT_EQ(follow("directory").error().message,
            "cannot follow '" + root + "/directory': it is no regular file");
  append("file", "");
  EXPECT_EQ(follow("file/log").error().message,
            "cannot follow '" + root + "/file/log': not a directory");
  EXPECT_EQ(watch.follow("/proc/self/status", {}).error().message,
            "cannot follow '/proc/self/status': the kernel does not tell of changes there");
  EXPECT_EQ(watch.follow("log", {}).error().message,
            "cannot follow 'log': the path is not absolute");
}

}  // namespace
}  // namespace fb
