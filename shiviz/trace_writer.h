// What every output of this room is: text made from finished results. A writer never sees a live
// log, opens no file, knows no terminal and no clock; whoever calls it decides where the text goes.
#pragma once
#include "core/run/test_result.h"
#include "core/trace/colour.h"

#include <functional>
#include <string>
#include <string_view>

namespace fb {

struct WriteOptions {
  Colour colour = Colour::kOff;  // only outputs made for terminals have any
  bool failures_only = false;    // leave passing tests out; the counts stay (--show fail)
};

// Takes the pieces of a document, in order.
using TextSink = std::function<void(std::string_view)>;

class TraceWriter {
 public:
  virtual ~TraceWriter() = default;
  virtual std::string_view name() const = 0;  // "json"
  // The whole document, with a newline at its end.
  virtual std::string write(const SuiteResult& suite, const WriteOptions& options) const = 0;
  // The same, piece by piece where the writer can: a long log is then never one text in memory.
  virtual void write_to(const SuiteResult& suite, const WriteOptions& options,
                        const TextSink& sink) const {
    sink(write(suite, options));
  }
};

inline bool is_shown(const TestResult& test, const WriteOptions& options) {
  return !options.failures_only || test.result != Verdict::kPass;
}

}  // namespace fb
