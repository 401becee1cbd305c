#include "interpose/process/binary_lookup.h"

#include <gtest/gtest.h>
#include <map>

namespace fb {
namespace {

class BinaryLookupTest : public ::testing::Test {
 protected:
  std::map<std::string, FileKind> files;
  BinaryLookup where{"/here", "/specs", "/usr/bin::bin:/opt", [this](const std::string& path) {
                       const auto it = files.find(path);
                       return it == files.end() ? FileKind::kMissing : it->second;
                     }};
  std::string look_up(std::string_view name) {
    const auto found = look_up_binary(name, where);
    return found.ok() ? found.value() : "error: " + found.error().message;
  }
};

TEST_F(BinaryLookupTest, WithASlashRelativeToTheCurrentDirectoryThenToTheSpec) {
  files = {{"/specs/bin/db", FileKind::kExecutable}, {"/usr/bin/db", FileKind::kExecutable}};
  EXPECT_EQ(look_up("./bin/db"), "/specs/bin/db");
  files["/here/bin/db"] = FileKind::kExecutable;
  EXPECT_EQ(look_up("bin/db"), "/here/bin/db");
  EXPECT_EQ(look_up("/usr/bin/db"), "/usr/bin/db");
  EXPECT_EQ(look_up("../specs/bin/db"), "/specs/bin/db");
}

TEST_F(BinaryLookupTest, ABareNameInTheCurrentDirectoryThenAlongPath) {
  files = {{"/specs/db", FileKind::kExecutable}, {"/opt/db", FileKind::kExecutable}};
  EXPECT_EQ(look_up("db"), "/opt/db") << "never beside the spec";
  files["/here/bin/db"] = FileKind::kExecutable;
  EXPECT_EQ(look_up("db"), "/here/bin/db") << "a relative part of PATH";
  files["/here/db"] = FileKind::kExecutable;
  EXPECT_EQ(look_up("db"), "/here/db");
}

TEST_F(BinaryLookupTest, WhatCannotBeExecutedIsPassedOverButNamedIfNothingElseTurnsUp) {
  files = {{"/here/db", FileKind::kDirectory}, {"/usr/bin/db", FileKind::kNotExecutable}};
  EXPECT_EQ(look_up("db"), "error: /here/db: is a directory");
  files["/opt/db"] = FileKind::kExecutable;
  EXPECT_EQ(look_up("db"), "/opt/db");
  files = {{"/usr/bin/db", FileKind::kNotExecutable}};
  EXPECT_EQ(look_up("db"), "error: /usr/bin/db: permission denied (not executable)");
}

TEST_F(BinaryLookupTest, AMissingOneIsNamedAsTheSpecDoes) {
  EXPECT_EQ(look_up("./db"), "error: ./db: no such file or directory");
  EXPECT_EQ(look_up("db"), "error: db: not found in the current directory or in PATH");
  EXPECT_EQ(look_up(""), "error: the name of the binary is empty");
}

TEST(FileKindTest, OfRealFiles) {
  EXPECT_EQ(kind_of_file("/bin/sh"), FileKind::kExecutable);
  EXPECT_EQ(kind_of_file("/etc"), FileKind::kDirectory);
  EXPECT_EQ(kind_of_file("/etc/passwd"), FileKind::kNotExecutable);
  EXPECT_EQ(kind_of_file("/no/such/file"), FileKind::kMissing);
}

}  // namespace
}  // namespace fb
