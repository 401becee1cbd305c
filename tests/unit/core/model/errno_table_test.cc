#include "core/model/errno_table.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <gtest/gtest.h>
#include <string>

namespace fb {
namespace {

// This program runs in the C locale: strerror is glibc's own text.
TEST(ErrnoTableTest, HasTheTextsOfTheCLibrary) {
  for (int number = 1; number < 140; ++number) {
    std::string expected = std::strerror(number);
    if (expected[1] >= 'a' && expected[1] <= 'z' && expected[0] >= 'A' && expected[0] <= 'Z') {
      expected[0] = static_cast<char>(expected[0] - 'A' + 'a');
    }
    EXPECT_EQ(errno_text(number), expected);
  }
}

TEST(ErrnoTableTest, LowersTheFirstLetterOnlyBeforeALowerCaseOne) {
  EXPECT_EQ(errno_text(ECONNREFUSED), "connection refused");
  EXPECT_EQ(errno_text(EIO), "input/output error");
  EXPECT_EQ(errno_text(ENOSPC), "no space left on device");
  EXPECT_EQ(errno_text(EDOTDOT), "RFS specific error");
  EXPECT_EQ(errno_text(ELIBSCN), ".lib section in a.out corrupted");
  EXPECT_EQ(errno_text(9999), "unknown error 9999");
}

TEST(ErrnoTableTest, GivesTheNumbersOfTheHeaders) {
  EXPECT_EQ(errno_number("EPERM"), EPERM);
  EXPECT_EQ(errno_number("EDEADLK"), EDEADLK);
  EXPECT_EQ(errno_number("ENOSYS"), ENOSYS);
  EXPECT_EQ(errno_number("EIDRM"), EIDRM);
  EXPECT_EQ(errno_number("EBFONT"), EBFONT);
  EXPECT_EQ(errno_number("EOVERFLOW"), EOVERFLOW);
  EXPECT_EQ(errno_number("ECONNREFUSED"), ECONNREFUSED);
  EXPECT_EQ(errno_number("EHWPOISON"), EHWPOISON);
}

TEST(ErrnoTableTest, KnowsAliasesInAnyCase) {
  EXPECT_EQ(errno_number("EWOULDBLOCK"), EAGAIN);
  EXPECT_EQ(errno_number("EDEADLOCK"), EDEADLK);
  EXPECT_EQ(errno_number("ENOTSUP"), EOPNOTSUPP);
  EXPECT_EQ(errno_number("eio"), EIO);
  EXPECT_EQ(errno_number("eWouldBlock"), EAGAIN);
  EXPECT_FALSE(errno_number("EOI"));
  EXPECT_FALSE(errno_number(""));
  EXPECT_FALSE(errno_number("EI"));
  EXPECT_FALSE(errno_number("5"));
}

TEST(ErrnoTableTest, ReadsBackEveryName) {
  for (int number = 1; number <= EHWPOISON; ++number) {
    if (number == 41 || number == 58) continue;  // not in use
    EXPECT_EQ(errno_number(errno_name(number)), number);
  }
  EXPECT_EQ(errno_name(EAGAIN), "EAGAIN");
  EXPECT_EQ(errno_name(EOPNOTSUPP), "EOPNOTSUPP");
  EXPECT_EQ(errno_name(41), "E41");
  EXPECT_EQ(errno_name(0), "E0");
  EXPECT_EQ(errno_name(-3), "E-3");
}

TEST(ErrnoTableTest, ListsNamesForSuggestions) {
  const auto names = errno_names();
  EXPECT_EQ(names.size(), 131u + 3u);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (std::string_view name : names) EXPECT_TRUE(errno_number(name)) << name;
}

}  // namespace
}  // namespace fb
