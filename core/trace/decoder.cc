#include "core/trace/decoder.h"

#include "core/base/text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <re2/re2.h>

namespace fb {
namespace {

using Fields = Decoder::Fields;
using Json = nlohmann::ordered_json;

// Writing a value back is recursive, and this runs on the small stack of a fiber.
constexpr int kDepthMax = 100;

void set(Fields& fields, std::string_view name, std::string value) {
  const auto same = std::find_if(fields.begin(), fields.end(),
                                 [&](const auto& field) { return field.first == name; });
  if (same != fields.end())
    same->second = std::move(value);
  else
    fields.emplace_back(name, std::move(value));
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The fields and `data`, which wins over a field of that name.
Fields with_data(Fields fields, std::string data) {
  std::erase_if(fields, [](const auto& field) { return field.first == "data"; });
  fields.emplace_back("data", std::move(data));
  return fields;
}

std::optional<Fields> decode_json(std::string_view line) {
  bool too_deep = false;
  const Json json = Json::parse(
      line,
      [&](int depth, Json::parse_event_t, Json&) {
        too_deep |= depth > kDepthMax;
        return true;
      },
      /*allow_exceptions=*/false);
  if (too_deep || !json.is_object()) return std::nullopt;
  Fields fields;
  for (const auto& [name, value] : json.items())
    set(fields, name, value.is_string() ? value.get<std::string>() : dump(value));
  return with_data(std::move(fields), std::string(line));
}

// --- logfmt

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

std::string in_quotes(std::string_view text) {
  return '"' + std::string(text) + '"';
}

// `"…"` at the beginning of `rest`, which goes on behind it. Empty: it never ends.
std::optional<std::string> take_quoted(std::string_view& rest) {
  std::string value;
  for (size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return value;
    }
    if (rest[i] != '\\') {
      value += rest[i];
      continue;
    }
    if (++i == rest.size()) return std::nullopt;
    switch (rest[i]) {
      case 'n':
        value += '\n';
        break;
      case 'r':
        value += '\r';
        break;
      case 't':
        value += '\t';
        break;
      case 'u': {
        // As JSON writes characters, surrogates in pairs: let it read them.
        std::string_view escape = rest.substr(i - 1, 6);
        if (rest.size() > i + 6 && rest.substr(i + 5, 2) == "\\u") escape = rest.substr(i - 1, 12);
        Json character = Json::parse(in_quotes(escape), nullptr, false);
        if (!character.is_string() && escape.size() == 12)
          character = Json::parse(in_quotes(escape = escape.substr(0, 6)), nullptr, false);
        if (!character.is_string()) return std::nullopt;
        value += character.get<std::string>();
        i += escape.size() - 2;
        break;
      }
      default:
        value += rest[i];
    }
  }
  return std::nullopt;
}

// A word without `=` is a flag, "true". Nothing matches without a pair, or with anything odd.
std::optional<Fields> decode_logfmt(std::string_view rest) {
  Fields fields;
  bool any_pair = false;
  while (true) {
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    if (rest.empty()) break;
    const size_t key_end = std::min(rest.find_first_of(" \t=\""), rest.size());
    const std::string_view key = rest.substr(0, key_end);
    rest.remove_prefix(key_end);
    if (key.empty() || rest.starts_with('"')) return std::nullopt;
    if (!rest.starts_with('=')) {
      set(fields, key, "true");
      continue;
    }
    any_pair = true;
    rest.remove_prefix(1);
    if (rest.starts_with('"')) {
      std::optional<std::string> value = take_quoted(rest);
      if (!value || !(rest.empty() || is_space(rest.front()))) return std::nullopt;
      set(fields, key, *std::move(value));
      continue;
    }
    const size_t value_end = std::min(rest.find_first_of(" \t"), rest.size());
    set(fields, key, std::string(rest.substr(0, value_end)));
    rest.remove_prefix(value_end);
  }
  if (!any_pair) return std::nullopt;
  Json all = Json::object();
  for (const auto& [name, value] : fields) all[name] = value;
  return with_data(std::move(fields), dump(all));
}

// --- regex

std::optional<Fields> decode_regex(const re2::RE2& pattern,
                                   const std::vector<std::pair<int, std::string>>& groups,
                                   std::string_view line) {
  std::vector<re2::StringPiece> found(static_cast<size_t>(groups.back().first) + 1);
  const re2::StringPiece text(line.data(), line.size());
  if (!pattern.Match(text, 0, text.size(), re2::RE2::UNANCHORED, found.data(),
                     static_cast<int>(found.size())))
    return std::nullopt;
  Fields fields;
  Json all = Json::object();
  for (const auto& [number, name] : groups) {
    const re2::StringPiece& group = found[static_cast<size_t>(number)];
    if (group.data() == nullptr) {  // an alternative that was not taken
      all[name] = nullptr;
      continue;
    }
    fields.emplace_back(name, std::string(group.data(), group.size()));
    all[name] = fields.back().second;
  }
  return with_data(std::move(fields), dump(all));
}

}  // namespace

Result<Decoder> Decoder::make(const DecoderSpec& spec) {
  Decoder decoder(spec.kind);
  if (spec.kind != DecoderSpec::Kind::kRegex) return decoder;
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto pattern = std::make_shared<re2::RE2>(spec.pattern, options);
  if (!pattern->ok())
    return invalid("bad pattern " + quote(spec.pattern) + ": " + pattern->error());
  for (const auto& [number, name] : pattern->CapturingGroupNames())
    decoder.groups_.emplace_back(number, name);
  if (decoder.groups_.empty())
    return invalid("the pattern " + quote(spec.pattern) + " names no group: write (?P<name>…)");
  decoder.pattern_ = std::move(pattern);
  return decoder;
}

Decoder::Fields Decoder::decode(std::string_view line) const {
  std::optional<Fields> fields;
  switch (kind_) {
    case DecoderSpec::Kind::kNone:
      break;
    case DecoderSpec::Kind::kJson:
      fields = decode_json(line);
      break;
    case DecoderSpec::Kind::kLogfmt:
      fields = decode_logfmt(line);
      break;
    case DecoderSpec::Kind::kRegex:
      fields = decode_regex(*pattern_, groups_, line);
      break;
  }
  if (fields) return *std::move(fields);
  return {{"raw", std::string(line)}};
}

bool Decoder::may_yield(std::string_view field) const {
  if (field == "raw") return true;
  switch (kind_) {
    case DecoderSpec::Kind::kNone:
      return false;
    case DecoderSpec::Kind::kJson:
    case DecoderSpec::Kind::kLogfmt:
      return true;
    case DecoderSpec::Kind::kRegex:
      return field == "data" || std::any_of(groups_.begin(), groups_.end(), [&](const auto& group) {
               return group.second == field;
             });
  }
  return false;
}

}  // namespace fb
