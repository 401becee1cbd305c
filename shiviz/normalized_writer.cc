#include "shiviz/normalized_writer.h"

#include "core/trace/normalize.h"

namespace fb {

std::string NormalizedWriter::write(const SuiteResult& suite, const WriteOptions& options) const {
  std::string out;
  for (const TestResult& test : suite.tests) {
    if (is_shown(test, options)) out += normalize_test(test.name, test.events);
  }
  return out;
}

}  // namespace fb
