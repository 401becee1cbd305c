#include "starlark/spec/words.h"

#include "starlark/eval/containers.h"

#include <fmt/format.h>

namespace fb::spec {

Fallible<std::vector<std::string>> read_strings(Call& call, size_t i) {
  std::vector<std::string> out;
  std::span<const Value> items;
  if (const auto* list = call[i].as<starlark::List>()) items = list->items();
  if (const auto* tuple = call[i].as<starlark::Tuple>()) items = tuple->items();
  for (const Value& item : items) {
    if (!item.is_string()) {
      return call.fail_param(i, fmt::format("got {} in the list, want string", item.type_name()));
    }
    out.emplace_back(item.as_string());
  }
  return out;
}

std::string one_spaced(std::string_view text) {
  std::string out;
  bool space = false;
  for (char c : text) {
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      space = !out.empty();
    } else {
      if (space) out += ' ';
      space = false;
      out += c;
    }
  }
  return out;
}

Fallible<bool> require_recorded(Call& call, ServiceId service, std::string_view word,
                                const SyscallSet& calls) {
  Session& session = session_of(call);
  const ServiceSpec& spec = session.topology.at(service);
  SyscallSet missing;
  for (SyscallId id : calls.list()) {
    if (!spec.recorded.contains(id)) missing.insert(id);
  }
  if (missing.empty()) return true;
  session.extension = RecordedExtension{spec.name, std::string(word), missing};
  return bare_failure(
      fmt::format("\"{}\" on service \"{}\" was met only at run time", word, spec.name), "restart");
}

}  // namespace fb::spec
