// The paths in events while descriptors come to stand for other files, behind the back of whoever
// remembers names: on real processes, compared with what the files themselves say.
#include "tests/process/supervised_run.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <unistd.h>

namespace fb {
namespace {

namespace fs = std::filesystem;
using Counts = std::map<std::string, size_t>;

class KeptNamesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/fb-names-XXXXXX";
    dir_ = mkdtemp(name);
  }
  void TearDown() override { fs::remove_all(dir_); }

  void start(const std::string& mode) { run_.start({guest_path("descriptors"), mode, dir_}); }
  // Writes in the log by the file's name below the directory.
  Counts logged() const {
    Counts counts;
    for (const Event& event : run_.log().events()) {
      const std::string path(event.field("path"));
      if (event.field("syscall") == "write" && path.starts_with(dir_ + "/"))
        ++counts[path.substr(dir_.size() + 1)];
    }
    return counts;
  }
  // Lines in the files.
  Counts written() const {
    Counts counts;
    for (const auto& entry : fs::directory_iterator(dir_)) {
      std::ifstream in(entry.path());
      const auto lines = std::count(std::istreambuf_iterator<char>(in), {}, '\n');
      if (lines > 0) counts[entry.path().filename().string()] = static_cast<size_t>(lines);
    }
    return counts;
  }

  std::string dir_;
  SupervisedRun run_{calls_of({"write"})};
};

class KeptNamesModeTest : public KeptNamesTest,
                          public ::testing::WithParamInterface<const char*> {};

TEST_P(KeptNamesModeTest, EveryWriteIsLoggedOnItsFile) {
  start(GetParam());
  ASSERT_EQ(run_.finish(), 0);
  EXPECT_EQ(logged(), written());
}

INSTANTIATE_TEST_SUITE_P(Modes, KeptNamesModeTest,
                         ::testing::Values("dup2", "reopened", "fork", "shared-table", "received",
                                           "close_range", "exec"),
                         [](const auto& param) {
                           std::string name = param.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_F(KeptNamesTest, AFileRenamedByItsWriter) {
  start("renames");
  ASSERT_EQ(run_.finish(), 0);
  EXPECT_EQ(logged(), (Counts{{"old", 200}, {"new", 200}}));
}

TEST_F(KeptNamesTest, AFileRenamedByAStranger) {
  start("renamed");
  run_.run_until([&] { return logged()["dir/old"] == 40; });
  fs::rename(dir_ + "/dir/old", dir_ + "/dir/new");
  std::ofstream(dir_ + "/go");
  ASSERT_EQ(run_.finish(), 0);
  EXPECT_EQ(logged(), (Counts{{"dir/old", 40}, {"dir/new", 40}}));
}

TEST_F(KeptNamesTest, ADirectoryAboveRenamedByAStranger) {
  start("renamed");
  run_.run_until([&] { return logged()["dir/old"] == 40; });
  fs::rename(dir_ + "/dir", dir_ + "/elsewhere");
  std::ofstream(dir_ + "/go");
  ASSERT_EQ(run_.finish(), 0);
  EXPECT_EQ(logged(), (Counts{{"dir/old", 40}, {"elsewhere/old", 40}}));
}

TEST_F(KeptNamesTest, ADeletedFileKeepsItsName) {
  start("unlinked");
  ASSERT_EQ(run_.finish(), 0);
  EXPECT_EQ(logged(), (Counts{{"gone", 80}}));
}

// Which file a write meets that is made while the number changes hands, only the kernel knows; the
// numbers of the writes before and after are known.
TEST_F(KeptNamesTest, WritesDuringTheChangeGoToOneOfTheTwo) {
  start("dup2-overlapping");
  ASSERT_EQ(run_.finish(), 0);
  size_t all = 0;
  for (const auto& [file, count] : logged()) all += count;
  EXPECT_EQ(all, 60u * 27u);
  std::vector<std::string> paths;
  for (const Event& event : run_.log().events())
    if (event.field("path").starts_with(dir_)) paths.emplace_back(event.field("path"));
  for (size_t round = 0; round < 60; ++round) {
    const std::string now = dir_ + "/dup" + std::to_string(round % 5);
    for (size_t i = 24; i < 27; ++i) EXPECT_EQ(paths[round * 27 + i], now) << round;
  }
}

}  // namespace
}  // namespace fb
