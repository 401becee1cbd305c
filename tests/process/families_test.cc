// Every member of every family of spec §8.2 on a real process: denied it returns the errno and is
// not made, allowed it is made, and both times the event says so, with the path it was about.
#include "core/model/errno_table.h"
#include "tests/process/supervised_run.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace fb {
namespace {

struct Family {
  const char* key;
  const char* error;
  const char* path;  // below the directory of the guest; empty: calls without one
};
constexpr Family kFamilies[] = {
    {"accept", "EMFILE", ""},     {"connect", "ECONNREFUSED", ""}, {"fsync", "EIO", "w"},
    {"mkdir", "ENOSPC", "mk/**"}, {"open", "EACCES", "open/**"},   {"poll", "EINTR", ""},
    {"read", "EIO", "r"},         {"recvfrom", "ECONNRESET", ""},  {"rename", "EXDEV", "ren/**"},
    {"sendto", "ENOBUFS", ""},    {"stat", "EOVERFLOW", "st"},     {"unlink", "EROFS", "unl/**"},
    {"write", "ENOSPC", "w"},
};

class FamiliesTest : public testing::TestWithParam<Family> {
 protected:
  void SetUp() override {
    char name[] = "/tmp/fb-families-XXXXXX";
    dir_ = mkdtemp(name);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  // What the guest saw, by call: "0 0" or "-1 ERRNO".
  static std::map<std::string, std::string> seen(const std::string& output) {
    std::map<std::string, std::string> lines;
    std::istringstream in(output);
    for (std::string name, rest; in >> name && std::getline(in, rest);)
      lines[name] = rest.substr(1);
    return lines;
  }
  // The event of a call that the decision was about, with its path.
  static bool has_event(const SupervisedRun& run, std::string_view call,
                        const std::string& decision, const std::string& path_begins) {
    const std::vector<std::string> events = run.events(true);
    const std::string wanted =
        fmt::format("{} {}{}", call, decision, path_begins.empty() ? "" : " " + path_begins);
    return std::any_of(events.begin(), events.end(),
                       [&](const std::string& event) { return event.starts_with(wanted); });
  }
  std::string path_pattern() const {
    return *GetParam().path == 0 ? "" : dir_ + "/" + GetParam().path;
  }
  std::string path_begins() const {
    const std::string pattern = path_pattern();
    return pattern.substr(0, pattern.find("**"));
  }

  std::string dir_;
};

TEST_P(FamiliesTest, EveryMemberIsDenied) {
  SupervisedRun run(calls_of({GetParam().key}));
  const DenyAction action = deny(GetParam().error);
  run.rules().open({0}, {rule(GetParam().key, action, path_pattern())}, false);
  run.start({guest_path("families"), dir_});
  ASSERT_EQ(run.finish(), 0);
  const auto results = seen(run.output());
  for (const SyscallId id : expand_family(GetParam().key)) {
    const std::string call(row_of(id).name);
    if (!results.contains(call)) continue;  // not on this architecture
    EXPECT_EQ(results.at(call), fmt::format("-1 {}", action.error_number)) << call;
    EXPECT_TRUE(has_event(run, call, fmt::format("deny({})", errno_text(action.error_number)),
                          path_begins()))
        << call << ": " << testing::PrintToString(run.events(true));
  }
}

TEST_P(FamiliesTest, EveryMemberIsAllowed) {
  SupervisedRun run(calls_of({GetParam().key}));
  run.start({guest_path("families"), dir_});
  ASSERT_EQ(run.finish(), 0);
  const auto results = seen(run.output());
  size_t made = 0;
  for (const SyscallId id : expand_family(GetParam().key)) {
    const std::string call(row_of(id).name);
    if (!results.contains(call)) continue;
    ++made;
    EXPECT_EQ(results.at(call), "0 0") << call;
    EXPECT_TRUE(has_event(run, call, "allow", path_begins()))
        << call << ": " << testing::PrintToString(run.events(true));
  }
#ifdef __x86_64__
  EXPECT_EQ(made, expand_family(GetParam().key).size());
#endif
  EXPECT_GT(made, 0u);
}

INSTANTIATE_TEST_SUITE_P(, FamiliesTest, testing::ValuesIn(kFamilies),
                         [](const auto& family) { return std::string(family.param.key); });

// (Children are covered in seccomp_free_test.)
TEST(FamilyTableTest, NoFamilyIsLeftOut) {
  for (const std::string_view name : family_names())
    EXPECT_TRUE(name == "clone" ||
                std::any_of(std::begin(kFamilies), std::end(kFamilies),
                            [&](const Family& family) { return family.key == name; }))
        << name;
}

}  // namespace
}  // namespace fb
