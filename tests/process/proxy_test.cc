// Protocol rules between real clients and real servers: what the client's library reports, and that
// its connection is usable afterwards (spec §12.3).
#include "tests/support/run_command.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <string>

namespace fb {
namespace {

CommandResult run_spec(const std::string& name, const std::string& flags = "") {
  return run_command(FB_GUEST_DIR, FB_BINARY " test " FB_SOURCE_DIR "/tests/specs/proxies/" + name +
                                       ".star " + flags);
}

// The spec passes as a whole; where a server or a client library is missing the test is skipped.
void expect_passes(const std::string& name, const std::string& binary, const std::string& module) {
  if (!binary.empty() && !std::filesystem::exists(binary))
    GTEST_SKIP() << binary << " is not installed (see packages.txt)";
  if (!module.empty() &&
      run_command(FB_GUEST_DIR, "/usr/bin/python3 -c 'import " + module + "'").exit_code != 0)
    GTEST_SKIP() << "the Python module " << module << " is not installed (see packages.txt)";
  const CommandResult run = run_spec(name);
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_NE(run.err.find(", 0 failed"), std::string::npos) << run.err;
}

TEST(ProxyTest, Http) {
  expect_passes("http", "", "");
}
TEST(ProxyTest, Memcached) {
  expect_passes("memcached", "/usr/bin/memcached", "pymemcache");
}
TEST(ProxyTest, Postgres) {
  expect_passes("postgres", "/usr/lib/postgresql/15/bin/postgres", "psycopg2");
}
TEST(ProxyTest, Redis) {
  expect_passes("redis", "/usr/bin/redis-server", "redis");
}
TEST(ProxyTest, Tcp) {
  expect_passes("tcp", "", "");
}

TEST(ProxyTest, WithoutIsolationTheSameHolds) {
  const CommandResult run = run_spec("tcp", "--isolation none");
  EXPECT_EQ(run.exit_code, 0) << run.err;
}

TEST(ProxyTest, MistakesAreNamed) {
  const CommandResult run = run_spec("mistakes");
  EXPECT_EQ(run.exit_code, 2) << run.err;
  for (const std::string_view text :
       {"error(): http has no match key \"key\"; it has method, path",
        "corrupt() is for tcp interfaces, this one speaks http",
        "<fault deny=EIO prob=100%> is for rules of a service",
        "for write: <proxy_fault drop> is for rules of an interface",
        "source=: unknown service \"ap\" (did you mean \"api\"?)",
        "unexpected keyword argument \"pth\" (did you mean \"path\"",
        "protocol faults of kafka are not available yet in this version"})
    EXPECT_NE(run.err.find(text), std::string::npos) << text << "\n" << run.err;
}

TEST(ProxyTest, ControlledOrderIsRefused) {
  const CommandResult run = run_spec("tcp", "--test truncate --explore=all");
  EXPECT_EQ(run.exit_code, 2) << run.err;
  EXPECT_NE(run.err.find("protocol rules on echo.main are not possible where order is controlled"),
            std::string::npos)
      << run.err;
}

}  // namespace
}  // namespace fb
