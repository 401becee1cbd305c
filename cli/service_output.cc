#include "cli/service_output.h"

#include <fmt/format.h>

namespace fb::cli {

void ServiceOutput::write(const std::string& service, bool is_stderr, std::string_view bytes) {
  std::string& open = open_[{service, is_stderr}];
  while (true) {
    const size_t end = bytes.find('\n');
    if (end == std::string_view::npos) break;
    open += bytes.substr(0, end);
    line(service, is_stderr, open);
    open.clear();
    bytes.remove_prefix(end + 1);
  }
  open += bytes;
}

void ServiceOutput::flush() {
  for (auto& [source, text] : open_) {
    if (!text.empty()) line(source.first, source.second, text);
    text.clear();
  }
}

void ServiceOutput::line(const std::string& service, bool is_stderr, std::string_view text) const {
  lines_.put(is_stderr || !stdout_too_, fmt::format("{} | {}\n", service, secrets_.text(text)));
}

}  // namespace fb::cli
