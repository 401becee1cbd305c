// The human report of a suite (spec §18.2): on stderr with `--format text`. Several runs of one
// test are one entry: a line when all pass, else the first failure in full.
#pragma once
#include "shiviz/trace_writer.h"

#include <span>

namespace fb {

class HumanWriter final : public TraceWriter {
 public:
  std::string_view name() const override { return "human"; }
  std::string write(const SuiteResult& suite, const WriteOptions& options) const override;
};

// The pieces of write(), for a caller that reports each test as it ends: the entry of one test (all
// its finished runs), then what stands below the last one.
std::string human_entry(std::span<const TestResult> runs, uint64_t runs_total,
                        const WriteOptions& options);
std::string human_end(const SuiteResult& suite, const WriteOptions& options);

}  // namespace fb
