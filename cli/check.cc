// faultbox check FILE.star: validates a spec without starting anything (cli.md §4).
#include "cli/arguments.h"
#include "cli/check_report.h"
#include "cli/commands.h"
#include "cli/common_flags.h"
#include "cli/disk_files.h"
#include "cli/secrets.h"
#include "cli/spec_reader.h"
#include "interpose/process/binary_lookup.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>

namespace fb::cli {
namespace {

struct CheckOptions {
  std::string file;
  bool json = false;
  bool strict = false;
  bool redact = true;
  bool debug = false;
  LogFormat log_format = LogFormat::kConsole;
};

CheckReport check(const CheckOptions& options, const Invocation& invocation, Log& log) {
  CheckReport report{.file = options.file};
  SpecReader reader;
  spec::Spec::Loaded loaded =
      reader.load(options.file, [&](std::string_view line) { log.block(line); });
  if (loaded.failure) {
    report.diagnostics.push_back(*std::move(loaded.failure));
    return report;
  }
  spec::Spec& spec = *loaded.spec;
  SpecSecrets secrets = secrets_of(spec);
  if (options.redact) {
    secrets.environments.push_back(invocation.environment);
    log.hide(Redaction::of(secrets.environments, secrets.strings));
  }
  const auto path = invocation.environment.find("PATH");
  const BinaryLookup where{
      reader.files().current_directory(),
      std::filesystem::absolute(options.file).parent_path().string(),
      path == invocation.environment.end() ? "/usr/local/bin:/usr/bin:/bin" : path->second,
      kind_of_file};
  report.diagnostics =
      spec.check([&](const ServiceSpec& service) { return look_up_binary(service.binary, where); });
  for (const spec::TestInfo& test : spec.tests()) report.tests.push_back(test.name);
  report.services = spec.topology().services;
  return report;
}

int exit_code(const CheckReport& report, bool strict) {
  const bool bad = std::any_of(report.diagnostics.begin(), report.diagnostics.end(),
                               [&](const Diagnostic& finding) {
                                 return finding.level == Diagnostic::Level::kError ||
                                        (strict && finding.level == Diagnostic::Level::kWarning);
                               });
  return bad ? 2 : 0;
}

}  // namespace

int check_command(const Invocation& invocation) {
  CheckOptions options;
  CLI::App app("Validates a spec without starting anything.", "faultbox check");
  app.add_option("FILE", options.file, "the spec (*.star)")->required();
  add_choice<bool>(app, "--format", options.json, {{"text", false}, {"json", true}},
                   "what goes to stdout");
  app.add_flag("--strict", options.strict, "warnings make the exit code 2");
  app.add_flag("--no-redact{false}", options.redact, "show secrets in outputs");
  add_log_flags(app, options.debug, options.log_format);
  if (const std::optional<int> over = parse(app, invocation.arguments)) return *over;
  if (const std::optional<std::string> refused = not_a_spec(options.file))
    return usage_error(*refused, app);
  const Result<std::string> readable = read_file(options.file);
  if (!readable.ok()) return usage_error(readable.error().message);

  Log log(options.log_format);
  if (options.redact) log.hide(Redaction::of(std::vector{invocation.environment}, {}));
  CheckReport report = check(options, invocation, log);
  for (Diagnostic& finding : report.diagnostics) log.secrets().apply(finding);
  sort_by_level(report.diagnostics);
  fmt::print("{}", options.json ? check_json(report)
                                : check_text(report, invocation.stdout_stream.colour()));
  std::fflush(stdout);
  return exit_code(report, options.strict);
}

}  // namespace fb::cli
