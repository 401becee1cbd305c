// The report as one HTML page (cli.md §2.2): opened from disk it loads nothing, its content is
// readable with scripts off, and the script it carries only filters. Every text of a service is
// escaped.
#pragma once
#include "shiviz/trace_writer.h"

namespace fb {

class HtmlWriter final : public TraceWriter {
 public:
  std::string_view name() const override { return "html"; }
  std::string write(const SuiteResult& suite, const WriteOptions& options) const override;
};

}  // namespace fb
