#include "cli/common_flags.h"

#include "cli/arguments.h"

namespace fb::cli {

void add_isolation_flag(CLI::App& app, IsolationWish& isolation) {
  add_choice<IsolationWish>(app, "--isolation", isolation,
                            {{"auto", IsolationWish::kAuto},
                             {"full", IsolationWish::kFull},
                             {"none", IsolationWish::kNone}},
                            "full: an error where the kernel refuses something");
}

void add_log_flags(CLI::App& app, bool& debug, LogFormat& format) {
  app.add_flag("--debug", debug, "log every recorded call and the reason of each decision");
  add_choice<LogFormat>(app, "--log-format", format,
                        {{"console", LogFormat::kConsole}, {"json", LogFormat::kJson}},
                        "form of what is logged on stderr");
}

}  // namespace fb::cli
