#include "tests/unit/shiviz/xml_check.h"

#include "core/base/text.h"

#include <re2/re2.h>
#include <set>
#include <vector>

namespace fb::testing {

namespace {

const RE2& declaration() {
  static const RE2 expression(R"(<\?xml version="1\.0" encoding="UTF-8"\?>\n)");
  return expression;
}
const RE2& tag() {
  static const RE2 expression(R"re(<(/?)([a-zA-Z][\w-]*)((?: [a-zA-Z][\w-]*="[^"<]*")*)(/?)>)re");
  return expression;
}
const RE2& attribute() {
  static const RE2 expression(R"re( ([a-zA-Z][\w-]*)="([^"<]*)")re");
  return expression;
}
// Every & begins one of these; character references are to characters that are allowed.
const RE2& reference() {
  static const RE2 expression(R"(&(amp|lt|gt|quot|#9|#10|#13);)");
  return expression;
}

bool references_are_known(std::string_view text) {
  re2::StringPiece rest(text.data(), text.size());
  for (size_t at; (at = rest.find('&')) != re2::StringPiece::npos;) {
    rest.remove_prefix(at);
    if (!RE2::Consume(&rest, reference())) return false;
  }
  return true;
}

std::string character_problem(std::string_view text) {
  if (!is_valid_utf8(text)) return "not UTF-8";
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 && byte != '\t' && byte != '\n') return "forbidden control character";
  }
  for (const char* forbidden : {"\xef\xbf\xbe", "\xef\xbf\xbf"}) {
    if (text.find(forbidden) != std::string_view::npos) return "U+FFFE or U+FFFF";
  }
  return {};
}

}  // namespace

std::string xml_problem(std::string_view text) {
  if (auto problem = character_problem(text); !problem.empty()) return problem;
  re2::StringPiece rest(text.data(), text.size());
  if (!RE2::Consume(&rest, declaration())) return "no declaration";
  std::vector<std::string> open;
  bool seen_root = false;
  while (!rest.empty()) {
    const size_t next = std::min(rest.find('<'), rest.size());
    const std::string data(rest.substr(0, next));
    rest.remove_prefix(next);
    if (!references_are_known(data)) return "unknown reference in " + data;
    if (data.find("]]>") != std::string::npos) return "]]> in character data";
    if (open.empty() && data.find_first_not_of(" \n") != std::string::npos) {
      return "text outside the root element";
    }
    if (rest.empty()) break;
    std::string closing, name, attributes, empty;
    if (!RE2::Consume(&rest, tag(), &closing, &name, &attributes, &empty)) {
      return "malformed tag: " + std::string(rest.substr(0, 60));
    }
    std::set<std::string> names;
    re2::StringPiece left(attributes);
    for (std::string key, value; RE2::Consume(&left, attribute(), &key, &value);) {
      if (!names.insert(key).second) return "attribute twice: " + key;
      if (!references_are_known(value)) return "unknown reference in " + value;
    }
    if (!closing.empty()) {
      if (open.empty() || open.back() != name) return "unexpected </" + name + ">";
      open.pop_back();
      continue;
    }
    if (open.empty() && seen_root) return "two root elements";
    seen_root = true;
    if (empty.empty()) open.push_back(name);
  }
  if (!open.empty()) return "not closed: " + open.back();
  return seen_root ? "" : "no root element";
}

}  // namespace fb::testing
