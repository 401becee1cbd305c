// The JSON document of spec §18.1, schema version 2: `--output FILE`, `--format json`. Keys come in
// the documented order; lists and empty optional members follow the tables there.
#pragma once
#include "shiviz/trace_writer.h"

namespace fb {

class JsonWriter final : public TraceWriter {
 public:
  std::string_view name() const override { return "json"; }
  std::string write(const SuiteResult& suite, const WriteOptions& options) const override;
  void write_to(const SuiteResult& suite, const WriteOptions& options,
                const TextSink& sink) const override;
};

}  // namespace fb
