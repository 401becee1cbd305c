#include "cli/commands.h"

#include <csignal>
#include <sched.h>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace {

fb::cli::OutputStream stream_of(int fd, bool plain) {
  fb::cli::OutputStream stream{.terminal = isatty(fd) == 1, .plain = plain};
  winsize size{};
  if (stream.terminal && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    stream.columns = size.ws_col;
  return stream;
}

}  // namespace

int main(int argc, char** argv) {
  // A closed stdout ends quietly (cli.md §1.3): writes fail, and nobody is there to read about it.
  std::signal(SIGPIPE, SIG_IGN);
  fb::cli::Invocation invocation;
  invocation.arguments.assign(argv + 1, argv + argc);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    invocation.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  const bool plain = invocation.has("NO_COLOR") ||
                     (invocation.has("TERM") && invocation.environment.at("TERM") == "dumb");
  invocation.stdout_stream = stream_of(STDOUT_FILENO, plain);
  invocation.stderr_stream = stream_of(STDERR_FILENO, plain);
  cpu_set_t usable;
  if (sched_getaffinity(0, sizeof usable, &usable) == 0) invocation.processors = CPU_COUNT(&usable);
  return fb::cli::run_command(invocation);
}
