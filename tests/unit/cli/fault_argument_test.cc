#include "cli/fault_argument.h"

#include <gtest/gtest.h>

namespace fb::cli {
namespace {

const SyscallExists kAll = [](SyscallId) { return true; };

FaultRule rule(std::string_view text) {
  auto parsed = parse_fault(text, kAll);
  EXPECT_TRUE(parsed.ok()) << parsed.error().message;
  return parsed.ok() ? *parsed : FaultRule{};
}

std::string mistake(std::string_view text) {
  const auto parsed = parse_fault(text, kAll);
  return parsed.ok() ? "accepted" : parsed.error().message;
}

TEST(FaultArgumentTest, KeyAndErrno) {
  const FaultRule read = rule("fsync=EIO");
  EXPECT_EQ(read.text(), "deny(EIO)");
  EXPECT_EQ(read.filter.size(), 2u);  // fsync, fdatasync
  EXPECT_EQ(read.probability, 1.0);
  EXPECT_EQ(read.label, "fsync=EIO");
}

TEST(FaultArgumentTest, EveryOption) {
  const FaultRule read = rule("write=ENOSPC:50%:/data/*.wal:after=2");
  EXPECT_EQ(read.text(), "deny(ENOSPC) path=/data/*.wal trigger=after=2");
  EXPECT_EQ(read.probability, 0.5);
}

TEST(FaultArgumentTest, OptionsWithoutAPercentage) {
  EXPECT_EQ(rule("write=EIO:*.wal").text(), "deny(EIO) path=*.wal");
  EXPECT_EQ(rule("write=EIO:nth=3").text(), "deny(EIO) trigger=nth=3");
}

TEST(FaultArgumentTest, DelayTakesItsDuration) {
  const FaultRule read = rule("connect=delay:1m30s:25%");
  EXPECT_EQ(read.text(), "delay(1m30s)");
  EXPECT_EQ(read.probability, 0.25);
}

TEST(FaultArgumentTest, AnEscapedColonBelongsToThePath) {
  EXPECT_EQ(rule(R"(write=EIO:/a\:b)").path->text(), "/a:b");
  EXPECT_TRUE(rule(R"(write=EIO:/a\*b)").path->matches("/a*b", "/"));
}

TEST(FaultArgumentTest, FileOperationsAreFamilies) {
  const auto key = [](std::string_view text) { return parse_fs_fault(text, kAll)->key; };
  EXPECT_EQ(key("delete=EIO"), "unlink");
  EXPECT_EQ(key("sync=EIO"), "fsync");
  EXPECT_EQ(key("rename=EIO"), "rename");
  EXPECT_EQ(key("ftruncate=EIO"), "ftruncate");
  EXPECT_FALSE(parse_fault("delete=EIO", kAll).ok());
}

TEST(FaultArgumentTest, MistakesAreNamed) {
  EXPECT_EQ(mistake("write"), "want KEY=ERRNO or KEY=delay:DURATION, not \"write\"");
  EXPECT_EQ(mistake("=EIO"), "want KEY=ERRNO or KEY=delay:DURATION, not \"=EIO\"");
  EXPECT_EQ(mistake("write="), "write= lacks an errno or delay:DURATION");
  EXPECT_EQ(mistake("writ=EIO").find("unknown syscall \"writ\" (did you mean \"write\""), 0u)
      << mistake("writ=EIO");
  EXPECT_EQ(mistake("write=EOI"), "unknown errno \"EOI\" (did you mean \"EIO\"?)");
  EXPECT_EQ(mistake("write=delay"), "delay lacks its duration: write delay:500ms");
  EXPECT_EQ(mistake("write=EIO:101%"), "bad probability \"101%\": a percentage is from 0% to 100%");
  EXPECT_EQ(mistake("write=EIO:aftr=2"), "unknown trigger \"aftr\" (did you mean \"after\"?)");
  EXPECT_EQ(mistake("write=EIO:after=2:*.wal"), "\"*.wal\" follows the trigger, which comes last");
  EXPECT_EQ(mistake("write=EIO:*.wal:5%"), "\"5%\" follows the path; a percentage comes before it");
  EXPECT_EQ(mistake("write=EIO:*.wal:*.db"), "\"*.db\" is a second path");
  EXPECT_EQ(mistake("exit=EIO"), "FAULT_NOT_FILTERABLE: exit cannot be faulted");
}

TEST(FaultArgumentTest, AnEmptyPartIsAnError) {
  EXPECT_NE(mistake("write=EIO:"), "accepted");
  EXPECT_NE(mistake("write=delay:"), "accepted");
}

}  // namespace
}  // namespace fb::cli
