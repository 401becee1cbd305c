#include "core/run/test_result.h"

#include "core/base/check.h"

#include <algorithm>

namespace fb {

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "pass";
    case Verdict::kFail:
      return "fail";
    case Verdict::kCancelled:
      return "cancelled";
  }
  FB_CHECK(false);
}

std::string_view level_name(Diagnostic::Level level) {
  switch (level) {
    case Diagnostic::Level::kError:
      return "error";
    case Diagnostic::Level::kWarning:
      return "warning";
    case Diagnostic::Level::kInfo:
      return "info";
  }
  FB_CHECK(false);
}

void sort_by_level(std::vector<Diagnostic>& diagnostics) {
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.level < b.level; });
}

const Event* TestResult::event_of(uint64_t seq) const {
  // Logs hold every seq from 1; the search keeps this true for logs that were cut or filtered too.
  auto at =
      std::lower_bound(events.begin(), events.end(), seq,
                       [](const Event& event, uint64_t wanted) { return event.seq < wanted; });
  return at != events.end() && at->seq == seq ? &*at : nullptr;
}

std::string TestResult::host_name(HostIndex host) const {
  if (host < service_names.size()) return service_names[host];
  if (host == service_names.size()) return "test";
  return "host#" + std::to_string(host);
}

uint64_t SuiteResult::count(Verdict verdict) const {
  return static_cast<uint64_t>(std::count_if(
      tests.begin(), tests.end(), [&](const TestResult& test) { return test.result == verdict; }));
}

std::string_view short_test_name(std::string_view name) {
  if (name.starts_with("test_")) name.remove_prefix(5);
  return name;
}

}  // namespace fb
