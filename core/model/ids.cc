#include "core/model/ids.h"

#include "core/base/text.h"

#include <charconv>
#include <optional>

namespace fb {

namespace {

constexpr uint32_t kMaxBranch = 254;  // a byte per level, 0 means "no level"

// A number in its one canonical form: digits only, no leading zero.
std::optional<uint32_t> parse_number(std::string_view text) {
  uint32_t value = 0;
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<ActorId> parse_branch(std::string_view path) {
  ActorId actor = ActorId::test();
  for (int level = 0; level < 4; ++level) {
    const size_t slash = path.find('/');
    const std::optional<uint32_t> index = parse_number(path.substr(0, slash));
    if (!index || *index > kMaxBranch) return std::nullopt;
    actor = ActorId::branch(actor, *index);
    if (slash == std::string_view::npos) return actor;
    path.remove_prefix(slash + 1);
  }
  return std::nullopt;
}

std::optional<ActorId> parse_numbered(ActorId::Kind kind, std::string_view text) {
  const std::optional<uint32_t> number = parse_number(text);
  if (!number || *number > 0xffff) return std::nullopt;
  return ActorId{kind, static_cast<uint16_t>(*number), 0, 0};
}

std::optional<ActorId> parse_service_thread(std::string_view name,
                                            std::span<const std::string> services) {
  const size_t colon = name.find(':');
  const std::string_view service = name.substr(0, colon);
  std::optional<ServiceId> id;
  for (size_t i = 0; i < services.size() && !id; ++i) {
    if (services[i] == service) id = ServiceId{static_cast<uint16_t>(i)};
  }
  if (!id) return std::nullopt;
  if (colon == std::string_view::npos) return ActorId::service(*id, 0, 0);

  const std::string_view position = name.substr(colon + 1);
  const size_t dot = position.find('.');
  const std::optional<uint32_t> process = parse_number(position.substr(0, dot));
  std::optional<uint32_t> thread = 0;
  if (dot != std::string_view::npos) thread = parse_number(position.substr(dot + 1));
  if (!process || !thread) return std::nullopt;
  return ActorId::service(*id, *process, *thread);
}

}  // namespace

std::string actor_name(ActorId actor, std::span<const std::string> services) {
  switch (actor.kind) {
    case ActorId::Kind::kTest:
      return "test";
    case ActorId::Kind::kBranch: {
      std::string name = "test";
      for (int shift = 24; shift >= 0; shift -= 8) {
        const uint32_t level = actor.process >> shift & 0xff;
        if (level != 0) name += "/" + std::to_string(level - 1);
      }
      return name;
    }
    case ActorId::Kind::kTimer:
      return "timer#" + std::to_string(actor.index);
    case ActorId::Kind::kProxy:
      return "proxy#" + std::to_string(actor.index);
    case ActorId::Kind::kService:
      break;
  }
  std::string name = actor.index < services.size() ? services[actor.index]
                                                   : "service#" + std::to_string(actor.index);
  if (actor.process != 0 || actor.thread != 0) name += ":" + std::to_string(actor.process);
  if (actor.thread != 0) name += "." + std::to_string(actor.thread);
  return name;
}

Result<ActorId> parse_actor_name(std::string_view name, std::span<const std::string> services) {
  std::optional<ActorId> actor;
  if (name == "test") {
    actor = ActorId::test();
  } else if (name.starts_with("test/")) {
    actor = parse_branch(name.substr(5));
  } else if (name.starts_with("timer#")) {
    actor = parse_numbered(ActorId::Kind::kTimer, name.substr(6));
  } else if (name.starts_with("proxy#")) {
    actor = parse_numbered(ActorId::Kind::kProxy, name.substr(6));
  } else {
    actor = parse_service_thread(name, services);
  }
  // One name per actor: "ledger:0" and "ledger:2.0" are not names.
  if (!actor || actor_name(*actor, services) != name) {
    return Error{Code::kNotFound, "no actor is named " + quote(name)};
  }
  return *actor;
}

}  // namespace fb
