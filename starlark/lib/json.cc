// The json module: straight from bytes to values and back. Nesting is held on explicit stacks.
#include "starlark/eval/containers.h"
#include "starlark/eval/numbers.h"
#include "starlark/eval/objects.h"
#include "starlark/eval/operators.h"
#include "starlark/eval/text.h"
#include "starlark/lib/json_text.h"
#include "starlark/lib/universe.h"
#include "starlark/syntax/unicode.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <vector>

// A switch here names the kinds it knows.
#pragma GCC diagnostic ignored "-Wswitch-enum"

namespace fb::starlark::lib {
namespace {

constexpr ParamKind kPosOnly = ParamKind::kPositionalOnly;
constexpr std::size_t kMaxNesting = 10'000;

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  while (!text.empty()) {
    // What needs nothing goes over in one piece.
    std::size_t plain = 0;
    while (plain < text.size()) {
      const auto c = static_cast<unsigned char>(text[plain]);
      if (c < ' ' || c == '"' || c == '\\' || c >= 0x80 || c == '<' || c == '>' || c == '&') break;
      ++plain;
    }
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto d = unicode::decode(text);
    const char32_t c = d.code_point;
    if (!d.valid) {
      out += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c < ' ') {
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
    } else if (c == 0x2028 || c == 0x2029) {
      out += c == 0x2028 ? "\\u2028" : "\\u2029";
    } else {
      out += text.substr(0, d.size);
    }
    text.remove_prefix(d.size);
  }
  out += '"';
}

// Values to text. Each open container is a step; a path in front of an error says where it was.
class Encoder {
 public:
  explicit Encoder(Thread& thread) : thread_(thread) {}

  Outcome run(const Value& value) {
    FB_TRY(emit(value));
    while (!steps_.empty()) FB_TRY(advance());
    return thread_.heap().string(out_);
  }
  const std::string& text() const { return out_; }

 private:
  struct Step {
    Value container;
    bool object = false;
    std::vector<Value> items;                                 // of an array
    std::vector<std::pair<std::string_view, Value>> members;  // of an object
    std::size_t at = 0;
  };

  Raised problem(std::string text) {
    // The innermost comes last, as "in list at index 1: in dict key "x": ...".
    std::string path;
    for (const Step& step : steps_) {
      if (step.at == 0) continue;
      if (step.object) {
        const std::string_view name = step.members[step.at - 1].first;
        if (step.container.is_object(Kind::kDict)) {
          path += fmt::format("in dict key {}: ", repr(thread_.heap().string(name)));
        } else {
          path += fmt::format("in field .{}: ", name);
        }
      } else {
        path += fmt::format("at {} index {}: ", step.container.type_name(), step.at - 1);
      }
    }
    return Raised(path + text);
  }

  Outcome emit(const Value& value) {
    switch (value.kind()) {
      case Kind::kNone:
        out_ += "null";
        return Value::none();
      case Kind::kBool:
        out_ += value.as_bool() ? "true" : "false";
        return Value::none();
      case Kind::kInt: {
        char buffer[24];
        const auto [end, status] = std::to_chars(buffer, buffer + sizeof buffer, value.as_small());
        out_.append(buffer, end);
        return Value::none();
      }
      case Kind::kBigInt:
        out_ += int_text(value);
        return Value::none();
      case Kind::kFloat:
        if (!std::isfinite(*value.as_double())) {
          return problem(fmt::format("cannot encode non-finite float {}", str(value)));
        }
        out_ += float_text(*value.as_double());
        return Value::none();
      case Kind::kString:
        append_json_string(out_, value.as_string());
        return Value::none();
      default:
        break;
    }
    return open(value);
  }

  Outcome open(const Value& value) {
    for (const Step& step : steps_) {
      if (step.container.same(value)) return problem("cycle in JSON structure");
    }
    if (steps_.size() >= kMaxNesting) return problem("JSON structure nested too deeply");
    Step step;
    step.container = value;
    if (const auto* dict = value.as<Dict>()) {
      step.object = true;
      for (const Table::Entry& entry : dict->table.entries()) {
        if (entry.key.absent()) continue;
        if (!entry.key.is_string()) {
          return problem(fmt::format("dict has {} key, want string", entry.key.type_name()));
        }
        step.members.emplace_back(entry.key.as_string(), entry.value);
      }
      std::stable_sort(step.members.begin(), step.members.end(),
                       [](const auto& a, const auto& b) { return a.first < b.first; });
    } else if (const auto* s = value.as<Struct>()) {
      step.object = true;
      for (const auto& field : s->fields())
        step.members.emplace_back(field.first.name(), field.second);
    } else if (const auto* m = value.as<ModuleValue>()) {
      step.object = true;
      for (const auto& member : m->members())
        step.members.emplace_back(member.first.name(), member.second);
    } else if (is_iterable(value)) {
      step.items = FB_TRY(items_of(thread_, value));
    } else if (auto* host = const_cast<HostObject*>(value.as<HostObject>())) {
      step.object = true;
      names_.push_back(attribute_names(value));
      for (const std::string& name : names_.back()) {
        step.members.emplace_back(name, FB_TRY(attribute(thread_, value, Symbol(name))));
      }
      (void)host;
    } else {
      return problem(fmt::format("cannot encode {} as JSON", value.type_name()));
    }
    out_ += step.object ? '{' : '[';
    steps_.push_back(std::move(step));
    return Value::none();
  }

  Outcome advance() {
    Step& step = steps_.back();
    const std::size_t size = step.object ? step.members.size() : step.items.size();
    if (step.at == size) {
      out_ += step.object ? '}' : ']';
      steps_.pop_back();
      return Value::none();
    }
    if (step.at > 0) out_ += ',';
    const std::size_t at = step.at++;
    if (!step.object) return emit(Value(step.items[at]));
    append_json_string(out_, step.members[at].first);
    out_ += ':';
    return emit(Value(step.members[at].second));
  }

  Thread& thread_;
  std::string out_;
  std::vector<Step> steps_;
  std::vector<std::vector<std::string>> names_;
};

// Text to values.
class Decoder {
 public:
  Decoder(Heap& heap, std::string_view text) : heap_(heap), text_(text) {}

  Outcome run() {
    Value result = FB_TRY(document());
    if (next_byte()) return problem(fmt::format("unexpected character {} after value", quoted()));
    return result;
  }

 private:
  struct Step {
    Value container;  // a list, or a dict
    Value key;        // of the member in progress
  };

  Raised problem(std::string_view what) const {
    return Raised(fmt::format("at offset {}, {}", at_, what));
  }
  std::string quoted() const {
    std::string out;
    const auto d = unicode::decode(text_.substr(at_));
    append_json_string(out, text_.substr(at_, d.size));
    out.front() = out.back() = '\'';
    return out;
  }

  // Skips white space; false at the end.
  bool next_byte() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return true;
      ++at_;
    }
    return false;
  }

  Outcome document() {
    Value value;
    while (true) {
      // A value is due.
      if (!next_byte()) return problem("unexpected end of file");
      const char c = text_[at_];
      if (c == '[' || c == '{') {
        if (steps_.size() >= kMaxNesting) return problem("nesting depth limit exceeded");
        ++at_;
        Step step;
        step.container = c == '[' ? heap_.list() : heap_.dict();
        steps_.push_back(std::move(step));
        if (!next_byte()) return problem("unexpected end of file");
        if (text_[at_] != (c == '[' ? ']' : '}')) {
          if (c == '{') FB_TRY(member_name());
          continue;
        }
        ++at_;
        value = std::move(steps_.back().container);
        steps_.pop_back();
      } else {
        value = FB_TRY(scalar());
      }
      // A value is there: it belongs to the container around it, which may end in turn.
      while (true) {
        if (steps_.empty()) return value;
        Step& step = steps_.back();
        const bool list = step.container.is_object(Kind::kList);
        if (list) {
          static_cast<List*>(step.container.object())->append(std::move(value));
        } else {
          auto fresh =
              static_cast<Dict*>(step.container.object())->table.set(step.key, std::move(value));
          if (!fresh.ok() || !fresh.value()) {
            return problem(fmt::format("object has duplicate key {}", repr(step.key)));
          }
        }
        if (!next_byte()) return problem("unexpected end of file");
        if (text_[at_] == ',') {
          ++at_;
          if (!next_byte()) return problem("unexpected end of file");
          if (!list) FB_TRY(member_name());
          break;
        }
        if (text_[at_] != (list ? ']' : '}')) {
          return problem(fmt::format("got {}, want ',' or '{}'", quoted(), list ? ']' : '}'));
        }
        ++at_;
        value = std::move(step.container);
        steps_.pop_back();
      }
    }
  }

  Outcome member_name() {
    if (text_[at_] != '"')
      return problem(fmt::format("got {}, want string for object key", quoted()));
    steps_.back().key = FB_TRY(string());
    if (!next_byte()) return problem("after object key, unexpected end of file");
    if (text_[at_] != ':')
      return problem(fmt::format("after object key, got {}, want ':'", quoted()));
    ++at_;
    return Value::none();
  }

  Outcome scalar() {
    const char c = text_[at_];
    if (c == '"') return string();
    if (c == '-' || (c >= '0' && c <= '9')) return number();
    const std::string_view rest = text_.substr(at_);
    const auto word = [&](std::string_view w, Value value) -> Outcome {
      at_ += w.size();
      return value;
    };
    if (rest.starts_with("null")) return word("null", Value::none());
    if (rest.starts_with("true")) return word("true", Value::boolean(true));
    if (rest.starts_with("false")) return word("false", Value::boolean(false));
    return problem(fmt::format("unexpected character {}", quoted()));
  }

  Outcome number() {
    const std::size_t start = at_;
    bool is_float = false;
    const auto digits = [&] {
      const std::size_t from = at_;
      while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
      return at_ - from;
    };
    if (text_[at_] == '-') ++at_;
    const std::size_t whole = at_;
    const std::size_t count = digits();
    bool good = count > 0 && (count == 1 || text_[whole] != '0');
    if (at_ < text_.size() && text_[at_] == '.') {
      is_float = true;
      ++at_;
      good = digits() > 0 && good;
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      is_float = true;
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      good = digits() > 0 && good;
    }
    const std::string_view literal = text_.substr(start, at_ - start);
    if (!good) {
      at_ = start;
      return problem(fmt::format("invalid number: {}", literal));
    }
    if (!is_float) return *parse_int(heap_, literal, 10);
    const auto value = parse_float(literal);
    if (!value || std::isinf(*value)) {
      at_ = start;
      return problem(fmt::format("floating-point number too large: {}", literal));
    }
    return heap_.number(*value);
  }

  Outcome string() {
    const std::size_t start = ++at_;
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\') {
      if (static_cast<unsigned char>(text_[at_]) < ' ')
        return problem("invalid character in string literal");
      ++at_;
    }
    if (at_ < text_.size() && text_[at_] == '"')
      return heap_.string(text_.substr(start, at_++ - start));
    std::string out(text_.substr(start, at_ - start));
    while (true) {
      if (at_ >= text_.size()) return problem("unclosed string literal");
      const char c = text_[at_++];
      if (c == '"') return heap_.string(out);
      if (static_cast<unsigned char>(c) < ' ')
        return problem("invalid character in string literal");
      if (c == '\\') {
        FB_TRY(escape(out));
      } else {
        out += c;
      }
    }
  }

  std::optional<char32_t> hex4() {
    if (text_.size() - at_ < 4) return std::nullopt;
    std::uint32_t value = 0;
    const auto [end, status] =
        std::from_chars(text_.data() + at_, text_.data() + at_ + 4, value, 16);
    if (end != text_.data() + at_ + 4) return std::nullopt;
    at_ += 4;
    return static_cast<char32_t>(value);
  }

  Outcome escape(std::string& out) {
    static constexpr std::string_view kLetters = "\"\\/bfnrt";
    static constexpr std::string_view kMeaning = "\"\\/\b\f\n\r\t";
    if (at_ >= text_.size()) return problem("unclosed string literal");
    const char c = text_[at_++];
    if (const auto i = kLetters.find(c); i != kLetters.npos) {
      out += kMeaning[i];
      return Value::none();
    }
    auto rune = c == 'u' ? hex4() : std::nullopt;
    if (!rune) return problem("invalid escape in string literal");
    if (*rune >= 0xD800 && *rune < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
      at_ += 2;
      const auto low = hex4();
      if (!low) return problem("invalid escape in string literal");
      if (*low >= 0xDC00 && *low < 0xE000) {
        rune = 0x10000 + ((*rune - 0xD800) << 10) + (*low - 0xDC00);
      } else {
        unicode::append_utf8(out, *rune);
        rune = low;
      }
    }
    unicode::append_utf8(out, *rune);
    return Value::none();
  }

  Heap& heap_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Step> steps_;
};

Outcome encode(Call& call) {
  return Encoder(call.thread()).run(call[0]);
}

Outcome decode(Call& call) {
  Value fallback = call[1];
  for (const auto& [name, value] : call.keywords()) {
    if (name.name() != "default") {
      return call.fail(fmt::format("unexpected keyword argument {}", name.name()));
    }
    fallback = value;
  }
  if (call[0].absent()) return call.fail("missing argument for x");
  Outcome result = Decoder(call.heap(), call.text(0)).run();
  if (result.ok() || fallback.absent()) return result;
  return fallback;
}

Outcome indent_text(Call& call, std::string_view text, std::size_t first_param) {
  Outcome checked = Decoder(call.heap(), text).run();
  if (!checked.ok()) {
    return call.fail("invalid character or structure: " + checked.failure().text);
  }
  return call.heap().string(json_indent(text, call.text(first_param), call.text(first_param + 1)));
}
Outcome indent(Call& call) {
  return indent_text(call, call.text(0), 1);
}
Outcome encode_indent(Call& call) {
  const Value text = FB_TRY(Encoder(call.thread()).run(call[0]));
  return call.heap().string(json_indent(text.as_string(), call.text(1), call.text(2)));
}

constexpr Param kEncodeParams[] = {{"x", types::kAny, {}, kPosOnly}};
constexpr Param kDecodeParams[] = {{"x", types::kString, kOptional, kPosOnly},
                                   {"default", types::kAny, kOptional, kPosOnly},
                                   {"options", types::kAny, {}, ParamKind::kKwargs}};
constexpr Param kIndentParams[] = {{"str", types::kString, {}, kPosOnly},
                                   {"prefix", types::kString, "", ParamKind::kKeywordOnly},
                                   {"indent", types::kString, "\t", ParamKind::kKeywordOnly}};
constexpr Param kEncodeIndentParams[] = {{"x", types::kAny, {}, kPosOnly},
                                         {"prefix", types::kString, "", ParamKind::kKeywordOnly},
                                         {"indent", types::kString, "\t", ParamKind::kKeywordOnly}};

constexpr BuiltinDef kEncode{"encode", kEncodeParams, "A value as JSON, keys sorted.",
                             encode,   "str",         true};
constexpr BuiltinDef kDecode{"decode", kDecodeParams, "The value of a JSON text.",
                             decode,   "Any",         true};
constexpr BuiltinDef kIndent{"indent", kIndentParams, "A JSON text laid out in lines.",
                             indent,   "str",         true};
constexpr BuiltinDef kEncodeIndent{"encode_indent",
                                   kEncodeIndentParams,
                                   "A value as JSON laid out in lines.",
                                   encode_indent,
                                   "str",
                                   true};

}  // namespace

std::string json_indent(std::string_view text, std::string_view prefix, std::string_view indent) {
  std::string out;
  std::size_t depth = 0;
  const auto new_line = [&] {
    out += '\n';
    out += prefix;
    for (std::size_t i = 0; i < depth; ++i) out += indent;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    switch (c) {
      case ' ':
      case '\t':
      case '\n':
      case '\r':
        break;
      case '{':
      case '[': {
        out += c;
        std::size_t next = i + 1;
        while (next < text.size() && (text[next] == ' ' || text[next] == '\t' ||
                                      text[next] == '\n' || text[next] == '\r')) {
          ++next;
        }
        if (next < text.size() && (text[next] == '}' || text[next] == ']')) {
          out += text[next];
          i = next;
          break;
        }
        ++depth;
        new_line();
        break;
      }
      case '}':
      case ']':
        if (depth > 0) --depth;
        new_line();
        out += c;
        break;
      case ',':
        out += c;
        new_line();
        break;
      case ':':
        out += ": ";
        break;
      case '"': {
        std::size_t end = i + 1;
        while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
        end = std::min(end, text.size() - 1);
        out += text.substr(i, end - i + 1);
        i = end;
        break;
      }
      default:
        out += c;
    }
  }
  return out;
}

Value json_module(Heap& heap) {
  const ModuleValue::Member members[] = {
      {Symbol("decode"), builtin_value(kDecode)},
      {Symbol("encode"), builtin_value(kEncode)},
      {Symbol("encode_indent"), builtin_value(kEncodeIndent)},
      {Symbol("indent"), builtin_value(kIndent)},
  };
  return heap.module("json", members);
}

}  // namespace fb::starlark::lib
