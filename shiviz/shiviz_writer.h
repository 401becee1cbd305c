// The log as ShiViz reads it (spec §18.3): `--shiviz FILE`. Tests follow one another in one log;
// the only order between them is that of each host with itself.
//
//   (?<host>\S+) (?<clock>\{.*?\}) (?<event>.*)
//
//   db {"db": 1} lifecycle.started
//   test {"db": 1, "test": 1} step_send.db put→db
#pragma once
#include "shiviz/trace_writer.h"

namespace fb {

class ShivizWriter final : public TraceWriter {
 public:
  std::string_view name() const override { return "shiviz"; }
  std::string write(const SuiteResult& suite, const WriteOptions& options) const override;
};

// What an event says in one line: `syscall.write deny(input/output error) [wal] /d/a.wal`.
std::string shiviz_text(const Event& event);

}  // namespace fb
