#include "cli/outputs.h"

#include "cli/disk_files.h"
#include "core/base/check.h"
#include "shiviz/human_writer.h"
#include "shiviz/registry.h"

#include <cstdio>
#include <fmt/format.h>

namespace fb::cli {
namespace {

WriteOptions write_options(const TestOptions& options, Colour colour) {
  return {.colour = colour, .failures_only = options.failures_only};
}

void write_with(std::string_view writer, const SuiteResult& suite, const WriteOptions& options,
                const TextSink& sink) {
  const TraceWriter* found = find_trace_writer(writer);
  FB_CHECK(found != nullptr);
  found->write_to(suite, options, sink);
}

void print_with(std::string_view writer, const SuiteResult& suite, const WriteOptions& options) {
  write_with(writer, suite, options,
             [](std::string_view piece) { std::fwrite(piece.data(), 1, piece.size(), stdout); });
}

struct Target {
  const std::string* path;
  std::string_view writer;
};

std::array<Target, 4> targets(const TestOptions& options) {
  return {Target{&options.output, "json"}, Target{&options.shiviz, "shiviz"},
          Target{&options.normalize, "normalized"}, Target{&options.report, "html"}};
}

}  // namespace

Status check_outputs(const TestOptions& options) {
  for (const Target& target : targets(options))
    if (!target.path->empty()) FB_TRY(check_writable_target(*target.path));
  return {};
}

void report_test(std::span<const TestResult> runs, uint64_t runs_total, const TestOptions& options,
                 const Invocation& invocation) {
  if (options.format != Format::kText) return;
  fmt::print(
      stderr, "{}",
      human_entry(runs, runs_total, write_options(options, invocation.stderr_stream.colour())));
}

Status write_outputs(const SuiteResult& suite, const TestOptions& options,
                     const Invocation& invocation) {
  switch (options.format) {
    case Format::kText:
      fmt::print(stderr, "{}",
                 human_end(suite, write_options(options, invocation.stderr_stream.colour())));
      break;
    case Format::kJson:
      print_with("json", suite, write_options(options, Colour::kOff));
      break;
    case Format::kJunit:
      print_with("junit", suite, write_options(options, Colour::kOff));
      break;
  }
  std::fflush(stdout);
  for (const Target& target : targets(options)) {
    if (target.path->empty()) continue;
    FB_TRY(write_file(*target.path, [&](const TextSink& sink) {
      write_with(target.writer, suite, write_options(options, Colour::kOff), sink);
    }));
  }
  return {};
}

}  // namespace fb::cli
