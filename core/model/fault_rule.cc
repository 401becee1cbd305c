#include "core/model/fault_rule.h"

#include "core/base/text.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace fb {

namespace {

struct TriggerWord {
  std::string_view word;
  Trigger::Kind kind;
  uint64_t lowest;
};
constexpr TriggerWord kTriggerWords[] = {
    {"after", Trigger::Kind::kAfter, 0},
    {"every", Trigger::Kind::kEvery, 1},
    {"first", Trigger::Kind::kFirst, 1},
    {"nth", Trigger::Kind::kNth, 1},
};

Error bad_probability(std::string_view text, std::string_view why) {
  return invalid("bad probability " + quote(text) + ": " + std::string(why));
}

bool same_host(const Address& a, const Address& b) {
  const Address x = a.unmapped();
  const Address y = b.unmapped();
  return x.family == y.family && x.ip == y.ip && x.unix_path == y.unix_path;
}

}  // namespace

bool Trigger::fires(uint64_t count) const {
  switch (kind) {
    case Kind::kAlways:
      return true;
    case Kind::kAfter:
      return count > n;
    case Kind::kNth:
      return count == n;
    case Kind::kEvery:
      FB_CHECK(n > 0);
      return count % n == 0;
    case Kind::kFirst:
      return count <= n;
  }
  return false;
}

std::string Trigger::text() const {
  for (const TriggerWord& row : kTriggerWords) {
    if (row.kind == kind) return fmt::format("{}={}", row.word, n);
  }
  return "";
}

Result<Trigger> parse_trigger(std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return invalid(fmt::format("bad trigger {}: {}", quote(text), why));
  };
  const size_t equals = text.find('=');
  const std::string_view word = text.substr(0, equals);
  const auto row = std::ranges::find(kTriggerWords, word, &TriggerWord::word);
  if (equals == std::string_view::npos || row == std::end(kTriggerWords)) {
    return bad("wanted \"after=N\", \"nth=N\", \"every=N\" or \"first=N\"");
  }
  const std::string_view number = text.substr(equals + 1);
  Trigger trigger{row->kind, 0};
  const char* end = number.data() + number.size();
  const auto [stop, error] = std::from_chars(number.data(), end, trigger.n);
  if (error != std::errc{} || stop != end) return bad(quote(number) + " is not a count");
  if (trigger.n < row->lowest) return bad("N begins at 1 here");
  return trigger;
}

Result<double> parse_probability(std::string_view text) {
  const bool percent = text.ends_with('%');
  const std::string_view number = percent ? text.substr(0, text.size() - 1) : text;
  double value = 0;
  const char* end = number.data() + number.size();
  const auto [stop, error] = std::from_chars(number.data(), end, value);
  // Letters other than an exponent's are the "inf" and "nan" that from_chars also reads.
  if (error != std::errc{} || stop != end ||
      number.find_first_not_of("0123456789.eE+-") != std::string_view::npos) {
    return bad_probability(text, "wanted \"30%\" or a number from 0 to 1");
  }
  const double limit = percent ? 100 : 1;
  if (value < 0 || value > limit) {
    if (!percent && value > 1 && value <= 100) {
      return bad_probability(
          text, fmt::format("a number is from 0 to 1 (did you mean \"{}%\"?)", number));
    }
    return bad_probability(text,
                           percent ? "a percentage is from 0% to 100%" : "a number is from 0 to 1");
  }
  return percent ? value / 100 : value;
}

std::string format_probability(double probability) {
  // Ten digits hide what the product with 100 adds to the number the user wrote.
  return fmt::format("{:.10g}%", probability * 100);
}

bool Destination::matches(const Address& peer) const {
  return std::ranges::any_of(endpoints, [&](const Endpoint& endpoint) {
    if (endpoint.port && *endpoint.port != peer.port) return false;
    return endpoint.any_loopback ? peer.is_loopback() : same_host(endpoint.address, peer);
  });
}

Result<Destination> parse_destination(std::string_view text) {
  const HostPort parts = FB_TRY(split_host_port(text));
  Destination::Endpoint endpoint;
  endpoint.port = parts.port;
  if (parts.host == "localhost") {
    endpoint.any_loopback = true;
  } else if (const std::optional<Address> address = parse_ip(parts.host)) {
    endpoint.address = *address;
  } else {
    return Error{Code::kNotFound,
                 "unknown host " + quote(parts.host) + " in destination " + quote(text)};
  }
  return Destination{std::string(text), {std::move(endpoint)}};
}

std::string action_text(const FaultAction& action) {
  struct Writer {
    std::string operator()(const DenyAction& deny) const { return "deny(" + deny.error_name + ")"; }
    std::string operator()(const DelayAction& delay) const {
      return "delay(" + format_duration(delay.duration) + ")";
    }
    std::string operator()(const AllowAction&) const { return "allow()"; }
    std::string operator()(const HoldAction& hold) const { return "hold(" + hold.tag + ")"; }
  };
  return std::visit(Writer{}, action);
}

std::string FaultRule::text() const {
  std::string out = action_text(action);
  if (destination) out += " destination=" + destination->text;
  if (path) out += " path=" + path->text();
  if (const std::string when = trigger.text(); !when.empty()) out += " trigger=" + when;
  return out;
}

std::string FaultRule::applied_text() const {
  return applied_text(filter);
}

std::string FaultRule::applied_text(std::span<const SyscallId> calls_of_field) const {
  std::vector<std::string_view> names;
  for (SyscallId id : calls_of_field) names.push_back(row_of(id).name);
  std::string out = action_text(action) + " → filter:[" + join(names, ",") + "]";
  if (path) out += " path=" + path->text();
  if (destination) out += " destination=" + destination->text;
  if (probability < 1) out += " probability=" + format_probability(probability);
  if (const std::string when = trigger.text(); !when.empty()) out += " trigger=" + when;
  if (!label.empty()) out += " label=" + quote(label);
  return out;
}

}  // namespace fb
