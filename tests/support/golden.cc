#include "tests/support/golden.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace fb::testing {

::testing::AssertionResult matches_golden(std::string_view text, const std::string& path) {
  const std::string file = std::string(FB_GOLDEN_DIR) + "/" + path;
  if (std::getenv("FB_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(file, std::ios::binary) << text;
    return ::testing::AssertionFailure() << "wrote " << file;
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) return ::testing::AssertionFailure() << "cannot read " << file;
  const std::string expected{std::istreambuf_iterator<char>(in), {}};
  if (expected == text) return ::testing::AssertionSuccess();
  size_t at = 0, line = 1;
  while (at < expected.size() && at < text.size() && expected[at] == text[at]) {
    if (text[at++] == '\n') ++line;
  }
  return ::testing::AssertionFailure()
         << file << " differs from line " << line << " on (FB_UPDATE_GOLDEN=1 rewrites it); got:\n"
         << text.substr(text.substr(0, at).rfind('\n') + 1, 2000);
}

}  // namespace fb::testing
