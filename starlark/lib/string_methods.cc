// The methods of string (and the one of bytes).
#include "starlark/eval/containers.h"
#include "starlark/eval/objects.h"
#include "starlark/eval/operators.h"
#include "starlark/eval/text.h"
#include "starlark/lib/methods.h"
#include "starlark/lib/string_format.h"
#include "starlark/syntax/unicode.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace fb::starlark::lib {
namespace {

constexpr ParamKind kPosOnly = ParamKind::kPositionalOnly;

std::string_view self(const Call& call) {
  return static_cast<const String*>(call.self().object())->view();
}

// Calls `f` with every code point; invalid bytes are U+FFFD.
template <class F>
void for_each_rune(std::string_view text, F f) {
  while (!text.empty()) {
    const auto d = unicode::decode(text);
    text.remove_prefix(d.size);
    f(d.code_point);
  }
}

bool is_cased(char32_t c) {
  return unicode::to_upper(c) != c || unicode::to_lower(c) != c || unicode::is_title(c);
}

// The part of the receiver that optional start and end (parameters 1 and 2) leave.
struct Part {
  std::int64_t start = 0;
  std::string_view text;
};
Fallible<Part> part(const Call& call) {
  const std::string_view text = self(call);
  const auto [start, end] =
      FB_TRY(slice_bounds(call[1], call[2], static_cast<std::int64_t>(text.size())));
  return Part{start,
              text.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(end - start))};
}

Outcome capitalize(Call& call) {
  std::string out;
  bool first = true;
  for_each_rune(self(call), [&](char32_t c) {
    unicode::append_utf8(out, first ? unicode::to_title(c) : unicode::to_lower(c));
    first = false;
  });
  return call.heap().string(out);
}

Outcome view_as(Call& call, Elems what) {
  return Value(call.heap().construct<StringElems>(sizeof(StringElems), Kind::kStringElems,
                                                  call.self(), what));
}
Outcome elems(Call& call) {
  return view_as(call, Elems::kBytes);
}
Outcome elem_ords(Call& call) {
  return view_as(call, Elems::kByteOrds);
}
Outcome codepoints(Call& call) {
  return view_as(call, Elems::kCodePoints);
}
Outcome codepoint_ords(Call& call) {
  return view_as(call, Elems::kCodePointOrds);
}
Outcome bytes_elems(Call& call) {
  return Value(call.heap().construct<StringElems>(sizeof(StringElems), Kind::kBytesElems,
                                                  call.self(), Elems::kByteOrds));
}

Outcome count(Call& call) {
  const Part p = FB_TRY(part(call));
  const std::string_view wanted = call.text(0);
  if (wanted.empty()) {
    return Value::small(static_cast<std::int64_t>(unicode::count_code_points(p.text)) + 1);
  }
  std::int64_t n = 0;
  for (std::size_t at = p.text.find(wanted); at != p.text.npos;
       at = p.text.find(wanted, at + wanted.size())) {
    ++n;
  }
  return Value::small(n);
}

Outcome affix(Call& call, bool (*matches)(std::string_view text, std::string_view affix)) {
  std::string_view text = self(call);
  if (call.given(1) || call.given(2)) text = FB_TRY(part(call)).text;
  if (call[0].is_string()) return Value::boolean(matches(text, call.text(0)));
  if (const auto* tuple = call[0].as<Tuple>()) {
    for (std::size_t i = 0; i < tuple->size(); ++i) {
      if (!(*tuple)[i].is_string()) {
        return call.fail(
            fmt::format("want string, got {}, for element {}", (*tuple)[i].type_name(), i));
      }
      if (matches(text, (*tuple)[i].as_string())) return Value::boolean(true);
    }
    return Value::boolean(false);
  }
  return call.fail(fmt::format("got {}, want string or tuple of string", call[0].type_name()));
}
Outcome endswith(Call& call) {
  return affix(call,
               [](std::string_view text, std::string_view end) { return text.ends_with(end); });
}
Outcome startswith(Call& call) {
  return affix(
      call, [](std::string_view text, std::string_view start) { return text.starts_with(start); });
}

Outcome find_in(Call& call, bool last, bool must) {
  const Part p = FB_TRY(part(call));
  const std::size_t at = last ? p.text.rfind(call.text(0)) : p.text.find(call.text(0));
  if (at != p.text.npos) return Value::small(p.start + static_cast<std::int64_t>(at));
  if (must) return call.fail("substring not found");
  return Value::small(-1);
}
Outcome find(Call& call) {
  return find_in(call, false, false);
}
Outcome index(Call& call) {
  return find_in(call, false, true);
}
Outcome rfind(Call& call) {
  return find_in(call, true, false);
}
Outcome rindex(Call& call) {
  return find_in(call, true, true);
}

Outcome format(Call& call) {
  return format_fields(call, self(call));
}

template <class Test>
Outcome every(Call& call, Test test) {
  const std::string_view text = self(call);
  bool all = !text.empty();
  for_each_rune(text, [&](char32_t c) { all = all && test(c); });
  return Value::boolean(all);
}
Outcome isalnum(Call& call) {
  return every(call, [](char32_t c) { return unicode::is_letter(c) || unicode::is_digit(c); });
}
Outcome isalpha(Call& call) {
  return every(call, unicode::is_letter);
}
Outcome isdigit(Call& call) {
  return every(call, unicode::is_digit);
}
Outcome isspace(Call& call) {
  return every(call, unicode::is_space);
}

// Some cased code point, and none that the mapping would change.
Outcome cased_as(Call& call, char32_t (*map)(char32_t)) {
  bool cased = false;
  bool same = true;
  for_each_rune(self(call), [&](char32_t c) {
    cased = cased || is_cased(c);
    same = same && map(c) == c;
  });
  return Value::boolean(cased && same);
}
Outcome islower(Call& call) {
  return cased_as(call, unicode::to_lower);
}
Outcome isupper(Call& call) {
  return cased_as(call, unicode::to_upper);
}

// Upper or title case only after uncased ones, lower case only after cased ones.
Outcome istitle(Call& call) {
  bool cased = false;
  bool previous_cased = false;
  bool good = true;
  for_each_rune(self(call), [&](char32_t c) {
    if (unicode::is_title(c) || (unicode::is_upper(c) && unicode::to_title(c) == c)) {
      good = good && !previous_cased;
      cased = previous_cased = true;
    } else if (unicode::is_lower(c)) {
      good = good && previous_cased;
      cased = previous_cased = true;
    } else if (unicode::is_upper(c)) {
      good = false;
    } else {
      previous_cased = false;
    }
  });
  return Value::boolean(good && cased);
}

Outcome join(Call& call) {
  const std::string_view separator = self(call);
  std::vector<Value> copied;
  std::span<const Value> items;
  if (const auto* list = call[0].as<List>()) {
    items = list->items();
  } else if (const auto* tuple = call[0].as<Tuple>()) {
    items = tuple->items();
  } else {
    copied = FB_TRY(items_of(call.thread(), call[0]));
    items = copied;
  }
  std::size_t size = items.empty() ? 0 : separator.size() * (items.size() - 1);
  for (const Value& item : items) {
    if (!item.is_string())
      return call.fail(fmt::format("in list, want string, got {}", item.type_name()));
    size += item.as_string().size();
  }
  if (size >= kMaxStringSize) return call.fail("string too large");
  String* result = String::create(call.heap(), Kind::kString, size);
  char* to = result->mutable_data();
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) to = std::copy(separator.begin(), separator.end(), to);
    const std::string_view text = items[i].as_string();
    to = std::copy(text.begin(), text.end(), to);
  }
  return Value(result);
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<signed char>(c) >= 0; });
}

Outcome mapped(Call& call, char32_t (*map)(char32_t)) {
  if (is_ascii(self(call))) {
    const std::string_view text = self(call);
    const char first = map('a') == 'A' ? 'a' : 'A';  // of the letters that change, by 32
    String* result = String::create(call.heap(), Kind::kString, text.size());
    std::transform(text.begin(), text.end(), result->mutable_data(), [&](char c) {
      return c >= first && c < first + 26 ? static_cast<char>(c ^ 32) : c;
    });
    return Value(result);
  }
  std::string out;
  for_each_rune(self(call), [&](char32_t c) { unicode::append_utf8(out, map(c)); });
  return call.heap().string(out);
}
Outcome lower(Call& call) {
  return mapped(call, unicode::to_lower);
}
Outcome upper(Call& call) {
  return mapped(call, unicode::to_upper);
}

Outcome title(Call& call) {
  std::string out;
  bool previous_cased = false;
  for_each_rune(self(call), [&](char32_t c) {
    unicode::append_utf8(out, previous_cased ? unicode::to_lower(c) : unicode::to_title(c));
    previous_cased = is_cased(c);
  });
  return call.heap().string(out);
}

// What strip() strips: a set of code points, white space when there is none.
class Cutset {
 public:
  explicit Cutset(std::string_view chars) {
    for_each_rune(chars, [&](char32_t c) { set_ += c; });
  }
  bool contains(char32_t c) const {
    return set_.empty() ? unicode::is_space(c) : set_.find(c) != set_.npos;
  }

 private:
  std::u32string set_;
};

std::string_view strip_left(std::string_view text, const Cutset& cut) {
  while (!text.empty()) {
    const auto d = unicode::decode(text);
    if (!cut.contains(d.code_point)) break;
    text.remove_prefix(d.size);
  }
  return text;
}

std::string_view strip_right(std::string_view text, const Cutset& cut) {
  while (!text.empty()) {
    std::size_t at = text.size() - 1;
    while (at > 0 && text.size() - at < 4 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80)
      --at;
    auto d = unicode::decode(text.substr(at));
    if (at + d.size != text.size()) {  // a stray byte
      at = text.size() - 1;
      d = {};
    }
    if (!cut.contains(d.code_point)) break;
    text.remove_suffix(d.size);
  }
  return text;
}

Outcome strip_sides(Call& call, bool left, bool right) {
  const Cutset cut(call.text(0));
  std::string_view text = self(call);
  if (left) text = strip_left(text, cut);
  if (right) text = strip_right(text, cut);
  return call.heap().string(text);
}
Outcome strip(Call& call) {
  return strip_sides(call, true, true);
}
Outcome lstrip(Call& call) {
  return strip_sides(call, true, false);
}
Outcome rstrip(Call& call) {
  return strip_sides(call, false, true);
}

Outcome partition_at(Call& call, bool last) {
  const std::string_view text = self(call);
  const std::string_view separator = call.text(0);
  if (separator.empty()) return call.fail("empty separator");
  const std::size_t at = last ? text.rfind(separator) : text.find(separator);
  Heap& heap = call.heap();
  Value parts[3] = {empty_string(), empty_string(), empty_string()};
  if (at == text.npos) {
    parts[last ? 2 : 0] = call.self();
  } else {
    parts[0] = heap.string(text.substr(0, at));
    parts[1] = call[0];
    parts[2] = heap.string(text.substr(at + separator.size()));
  }
  return heap.tuple(parts);
}
Outcome partition(Call& call) {
  return partition_at(call, false);
}
Outcome rpartition(Call& call) {
  return partition_at(call, true);
}

Outcome removeprefix(Call& call) {
  const std::string_view text = self(call);
  if (!text.starts_with(call.text(0))) return call.self();
  return call.heap().string(text.substr(call.text(0).size()));
}
Outcome removesuffix(Call& call) {
  const std::string_view text = self(call);
  if (!text.ends_with(call.text(0))) return call.self();
  return call.heap().string(text.substr(0, text.size() - call.text(0).size()));
}

Outcome replace(Call& call) {
  const std::string_view text = self(call);
  const std::string_view old = call.text(0);
  const std::string_view fresh = call.text(1);
  std::int64_t left = FB_TRY(call.integer(2));
  std::string out;
  std::size_t at = 0;
  bool first = true;
  while (left != 0 && at <= text.size()) {
    std::size_t next;
    if (old.empty()) {  // between all code points
      if (!first && at == text.size()) break;
      next = first ? 0 : at + unicode::decode(text.substr(at)).size;
    } else {
      next = text.find(old, at);
      if (next == text.npos) break;
    }
    first = false;
    out += text.substr(at, next - at);
    out += fresh;
    at = next + old.size();
    --left;
    if (out.size() > kMaxStringSize) return call.fail("string too large");
  }
  out += text.substr(at);
  return call.heap().string(out);
}

// Fields between runs of white space; after `most` of them the rest is one field.
void split_space(std::string_view text, std::int64_t most, std::vector<std::string_view>& out) {
  const Cutset space("");
  while (true) {
    text = strip_left(text, space);
    if (text.empty()) return;
    if (most == 0) {
      out.push_back(text);
      return;
    }
    std::size_t end = 0;
    while (end < text.size()) {
      const auto d = unicode::decode(text.substr(end));
      if (unicode::is_space(d.code_point)) break;
      end += d.size;
    }
    out.push_back(text.substr(0, end));
    text.remove_prefix(end);
    --most;
  }
}

void rsplit_space(std::string_view text, std::int64_t most, std::vector<std::string_view>& out) {
  const Cutset space("");
  while (true) {
    text = strip_right(text, space);
    if (text.empty()) break;
    if (most == 0) {
      out.push_back(text);
      break;
    }
    // The start of the last field.
    std::size_t field = 0;
    for (std::size_t at = 0; at < text.size();) {
      const auto d = unicode::decode(text.substr(at));
      at += d.size;
      if (unicode::is_space(d.code_point)) field = at;
    }
    out.push_back(text.substr(field));
    text = text.substr(0, field);
    --most;
  }
  std::reverse(out.begin(), out.end());
}

Outcome split_from(Call& call, bool right) {
  const std::string_view text = self(call);
  std::int64_t most = FB_TRY(call.integer(1));
  std::vector<std::string_view> fields;
  if (!call.given(0)) {
    (right ? rsplit_space : split_space)(text, most, fields);
  } else if (!call[0].is_string()) {
    return call.fail(fmt::format("got {} for separator, want string", call[0].type_name()));
  } else {
    const std::string_view separator = call.text(0);
    if (separator.empty()) return call.fail("empty separator");
    std::string_view rest = text;
    for (; most != 0; --most) {
      const std::size_t at = right ? rest.rfind(separator) : rest.find(separator);
      if (at == rest.npos) break;
      fields.push_back(right ? rest.substr(at + separator.size()) : rest.substr(0, at));
      rest = right ? rest.substr(0, at) : rest.substr(at + separator.size());
    }
    fields.push_back(rest);
    if (right) std::reverse(fields.begin(), fields.end());
  }
  List* list = List::create(call.heap(), fields.size());
  Value result(list);
  for (std::string_view field : fields) list->append(call.heap().string(field));
  return result;
}
Outcome split(Call& call) {
  return split_from(call, false);
}
Outcome rsplit(Call& call) {
  return split_from(call, true);
}

Outcome splitlines(Call& call) {
  List* list = List::create(call.heap());
  Value result(list);
  std::string_view text = self(call);
  while (!text.empty()) {
    const std::size_t at = text.find('\n');
    const std::size_t end = at == text.npos ? text.size() : at + 1;
    list->append(
        call.heap().string(text.substr(0, call.flag(0) ? end : std::min(at, text.size()))));
    text.remove_prefix(end);
  }
  return result;
}

constexpr Param kRangeParams[] = {{"sub", types::kString, {}, kPosOnly},
                                  {"start", types::kAny, nullptr, kPosOnly},
                                  {"end", types::kAny, nullptr, kPosOnly}};
constexpr Param kAffixParams[] = {{"affix", types::kAny, {}, kPosOnly},
                                  {"start", types::kAny, nullptr, kPosOnly},
                                  {"end", types::kAny, nullptr, kPosOnly}};
constexpr Param kFormatParams[] = {{"args", types::kAny, {}, ParamKind::kArgs},
                                   {"kwargs", types::kAny, {}, ParamKind::kKwargs}};
constexpr Param kIterableParam[] = {{"iterable", types::kIterable, {}, kPosOnly}};
constexpr Param kCutsetParam[] = {{"cutset", types::kString, "", kPosOnly}};
constexpr Param kSeparatorParam[] = {{"sep", types::kString, {}, kPosOnly}};
constexpr Param kReplaceParams[] = {{"old", types::kString, {}, kPosOnly},
                                    {"new", types::kString, {}, kPosOnly},
                                    {"count", types::kInt, -1, kPosOnly}};
constexpr Param kSplitParams[] = {{"sep", types::kAny, nullptr, kPosOnly},
                                  {"maxsplit", types::kInt, -1, kPosOnly}};
constexpr Param kKeependsParam[] = {{"keepends", types::kBool, false, kPosOnly}};

constexpr BuiltinDef kMethods[] = {
    {"capitalize", {}, "The first character in title case, the others lower.", capitalize, "str"},
    {"codepoint_ords", {}, "The code points as ints.", codepoint_ords, "Iterable"},
    {"codepoints", {}, "The code points as strings.", codepoints, "Iterable"},
    {"count", kRangeParams, "How often sub occurs, without overlap.", count, "int"},
    {"elem_ords", {}, "The bytes as ints.", elem_ords, "Iterable"},
    {"elems", {}, "The bytes as strings.", elems, "Iterable"},
    {"endswith", kAffixParams, "True if it ends with the affix, or one of a tuple.", endswith,
     "bool"},
    {"find", kRangeParams, "Where sub occurs first, or -1.", find, "int"},
    {"format", kFormatParams, "The text with {} {0} {name} replaced.", format, "str"},
    {"index", kRangeParams, "Where sub occurs first; it must.", index, "int"},
    {"isalnum", {}, "Only letters and digits, and some.", isalnum, "bool"},
    {"isalpha", {}, "Only letters, and some.", isalpha, "bool"},
    {"isdigit", {}, "Only digits, and some.", isdigit, "bool"},
    {"islower", {}, "Some cased letters, all lower case.", islower, "bool"},
    {"isspace", {}, "Only white space, and some.", isspace, "bool"},
    {"istitle", {}, "Every word begins with its only capital.", istitle, "bool"},
    {"isupper", {}, "Some cased letters, all upper case.", isupper, "bool"},
    {"join", kIterableParam, "The strings with this one between them.", join, "str"},
    {"lower", {}, "In lower case.", lower, "str"},
    {"lstrip", kCutsetParam, "Without leading characters of the set.", lstrip, "str"},
    {"partition", kSeparatorParam, "(before, sep, after) at the first sep.", partition, "tuple"},
    {"removeprefix", kSeparatorParam, "Without that prefix.", removeprefix, "str"},
    {"removesuffix", kSeparatorParam, "Without that suffix.", removesuffix, "str"},
    {"replace", kReplaceParams, "With old replaced by new, at most count times.", replace, "str"},
    {"rfind", kRangeParams, "Where sub occurs last, or -1.", rfind, "int"},
    {"rindex", kRangeParams, "Where sub occurs last; it must.", rindex, "int"},
    {"rpartition", kSeparatorParam, "(before, sep, after) at the last sep.", rpartition, "tuple"},
    {"rsplit", kSplitParams, "The fields, split from the right.", rsplit, "list[str]"},
    {"rstrip", kCutsetParam, "Without trailing characters of the set.", rstrip, "str"},
    {"split", kSplitParams, "The fields between separators, or between white space.", split,
     "list[str]"},
    {"splitlines", kKeependsParam, "The lines.", splitlines, "list[str]"},
    {"startswith", kAffixParams, "True if it starts with the affix, or one of a tuple.", startswith,
     "bool"},
    {"strip", kCutsetParam, "Without characters of the set at either end.", strip, "str"},
    {"title", {}, "Every word with a capital.", title, "str"},
    {"upper", {}, "In upper case.", upper, "str"},
};
constexpr BuiltinDef kBytesMethods[] = {
    {"elems", {}, "The bytes as ints.", bytes_elems, "Iterable"},
};

}  // namespace

std::span<const BuiltinDef> string_methods() {
  return kMethods;
}
std::span<const BuiltinDef> bytes_methods() {
  return kBytesMethods;
}

}  // namespace fb::starlark::lib
