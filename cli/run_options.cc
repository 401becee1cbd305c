#include "cli/run_options.h"

#include "cli/arguments.h"
#include "cli/common_flags.h"
#include "cli/fault_argument.h"
#include "interpose/seccomp/filter.h"

#include <fmt/format.h>

namespace fb::cli {
namespace {

// Both kinds of fault in the order in which they stand on the command line.
Result<std::vector<FaultRule>> read_rules(const CLI::App& app, const CLI::Option* faults,
                                          const CLI::Option* file_faults) {
  const SyscallExists exists = [](SyscallId call) { return number_of_syscall(call).has_value(); };
  std::vector<FaultRule> rules;
  size_t fault = 0, file_fault = 0;
  for (const CLI::Option* option : app.parse_order()) {
    if (option != faults && option != file_faults) continue;
    const std::string& text =
        option == faults ? faults->results()[fault++] : file_faults->results()[file_fault++];
    auto rule = option == faults ? parse_fault(text, exists) : parse_fs_fault(text, exists);
    if (!rule.ok()) return rule.error().within(fmt::format("{} {}", option->get_name(), text));
    rules.push_back(std::move(rule).value());
  }
  return rules;
}

}  // namespace

std::optional<RunOptions> parse_run_options(const Invocation& invocation, int& exit) {
  RunOptions options;
  std::vector<std::string> faults, file_faults, env;
  std::string network = "none";
  CLI::App app("Runs one program, optionally with faults: faultbox run [flags] [--] BINARY [args…]",
               "faultbox run");
  const CLI::Option* fault_option =
      app.add_option("--fault", faults,
                     "KEY=ERRNO or KEY=delay:DUR, then :PCT%, :PATH, :TRIGGER; repeatable")
          ->expected(1)
          ->take_all();
  const CLI::Option* file_fault_option =
      app.add_option("--fs-fault", file_faults,
                     "the same for open read write stat mkdir rename sync fsync delete; repeatable")
          ->expected(1)
          ->take_all();
  app.add_option("--env", env, "K=V: a variable of the program's environment; repeatable")
      ->expected(1)
      ->take_all();
  app.add_option("--seed", options.seed, "seed of every random decision (default 0)");
  app.add_option("--network", network, "none (default) or host")->check(one_of({"none", "host"}));
  app.add_option("--output", options.output, "write the events as JSON to FILE");
  add_isolation_flag(app, options.isolation);
  add_log_flags(app, options.debug, options.log_format);
  app.add_flag("--no-redact{false}", options.redact, "show secrets in outputs");
  SplitArguments split = split_at_operand(app, invocation.arguments);
  if (const std::optional<int> over = parse(app, split.flags)) {
    exit = *over;
    return std::nullopt;
  }
  const auto refuse = [&](const std::string& message) {
    exit = usage_error(message, app);
    return std::nullopt;
  };
  if (split.rest.empty()) return refuse("which program? BINARY is missing");
  options.program = split.rest.front();
  options.args.assign(split.rest.begin() + 1, split.rest.end());
  options.host_network = network == "host";
  for (const std::string& entry : env) {
    const size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0)
      return refuse(fmt::format("--env wants NAME=VALUE, not {}", entry));
    options.env[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  Result<std::vector<FaultRule>> rules = read_rules(app, fault_option, file_fault_option);
  if (!rules.ok()) return refuse(rules.error().message);
  options.rules = std::move(rules).value();
  return options;
}

}  // namespace fb::cli
