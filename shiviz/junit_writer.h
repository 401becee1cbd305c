// The suite as JUnit XML (cli.md §2.1): `--format junit`. Well-formed XML 1.0 whatever bytes a
// service wrote.
#pragma once
#include "shiviz/trace_writer.h"

namespace fb {

class JunitWriter final : public TraceWriter {
 public:
  std::string_view name() const override { return "junit"; }
  std::string write(const SuiteResult& suite, const WriteOptions& options) const override;
};

}  // namespace fb
