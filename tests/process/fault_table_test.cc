// Real servers under faults: what PostgreSQL, nginx and Redis of Debian do must be what strace's
// injection made them do (tests/specs/faults/truth.star).
#include "tests/support/run_command.h"

#include <array>
#include <filesystem>
#include <gtest/gtest.h>
#include <unistd.h>

namespace fb {
namespace {

const std::string kSpecs = FB_SOURCE_DIR "/tests/specs/faults/";

// A directory that another user may enter.
class OpenDirectory {
 public:
  OpenDirectory() {
    path_ = std::filesystem::temp_directory_path() / "faultbox_table_XXXXXX";
    std::string name = path_.string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
    std::filesystem::permissions(path_, std::filesystem::perms{0755});
  }
  ~OpenDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  OpenDirectory(const OpenDirectory&) = delete;
  OpenDirectory& operator=(const OpenDirectory&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

std::string missing_of(std::initializer_list<const char*> programs) {
  for (const char* program : programs) {
    if (::access(program, X_OK) != 0) return program;
  }
  return "";
}

void expect_all_pass(const std::string& spec, const std::string& passed,
                     const std::string& environment = "") {
  const CommandResult run =
      run_command(kSpecs, environment + FB_BINARY " test " + spec + " --no-progress");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.err.find("\n" + passed + " passed, 0 failed"), std::string::npos) << run.err;
}

TEST(FaultTableTest, PostgresDoesWhatItDoesUnderStrace) {
  const std::string missing = missing_of({"/usr/lib/postgresql/15/bin/postgres",
                                          "/usr/lib/postgresql/15/bin/psql", "/usr/bin/setpriv"});
  if (!missing.empty()) GTEST_SKIP() << "the rows for PostgreSQL 15 need " << missing;
  const OpenDirectory cluster;
  const CommandResult made = run_command(kSpecs, "./pg_cluster.sh " + cluster.path());
  ASSERT_EQ(made.exit_code, 0) << made.err;
  expect_all_pass("pg.star", "13", "FAULTBOX_TEST_PGDATA=" + cluster.path() + " ");
}

TEST(FaultTableTest, NginxDoesWhatItDoesUnderStrace) {
  const std::string missing = missing_of({"/usr/sbin/nginx"});
  if (!missing.empty()) GTEST_SKIP() << "the rows for nginx need " << missing;
  expect_all_pass("nginx.star", "11");
}

TEST(FaultTableTest, RedisCrashesTellsAndLosesAsItDoesUnderStrace) {
  const std::string missing = missing_of({"/usr/bin/redis-server"});
  if (!missing.empty()) GTEST_SKIP() << "the rows for Redis need " << missing;
  expect_all_pass("redis.star", "6");
}

}  // namespace
}  // namespace fb
