// The normalized traces of all tests, in report order (spec §18.4): `--normalize FILE`.
#pragma once
#include "shiviz/trace_writer.h"

namespace fb {

class NormalizedWriter final : public TraceWriter {
 public:
  std::string_view name() const override { return "normalized"; }
  std::string write(const SuiteResult& suite, const WriteOptions& options) const override;
};

}  // namespace fb
