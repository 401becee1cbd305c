// Slow: the golden traces of the tutorial over 50 runs, the second half of them with both
// processors busy.
#include "tests/support/run_command.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

// The runs that did not read as the golden trace, with the first difference.
std::string run_50(const std::string& name) {
  const std::string script =
      "set -u; trace=$(mktemp); bad=0; "
      "for i in $(seq 50); do "
      "  if [ $i = 26 ]; then for c in 1 2; do (while kill -0 $$ 2>/dev/null; do :; done) & done; "
      "fi; "
      "  " FB_BINARY " test " FB_SOURCE_DIR "/tests/specs/tutorial/" +
      name +
      ".star --normalize $trace >/dev/null 2>$trace.err || { echo \"run $i failed\"; "
      "    grep -A2 FAIL: $trace.err; bad=1; }; "
      "  " FB_BINARY " diff " FB_SOURCE_DIR "/tests/golden/tutorial/" +
      name +
      ".trace $trace >$trace.diff || { echo \"run $i differs\"; cat $trace.diff; bad=1; }; "
      "done; kill $(jobs -p); rm -f $trace $trace.err $trace.diff; exit $bad";
  const CommandResult result = run_command(FB_GUEST_DIR, "bash -c '" + script + "'");
  return result.exit_code == 0 ? "" : result.out + result.err;
}

TEST(TutorialStabilityTest, MockDb) {
  EXPECT_EQ(run_50("mock_db"), "");
}

TEST(TutorialStabilityTest, Orders) {
  EXPECT_EQ(run_50("orders"), "");
}

}  // namespace
}  // namespace fb
