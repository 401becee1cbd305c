// str() and repr(): an explicit stack of what is still to be written, so that depth costs no C++
// stack; a container on the way to the current one prints as [...] or {...}.
#include "starlark/eval/print.h"

#include "starlark/eval/binder.h"
#include "starlark/eval/containers.h"
#include "starlark/eval/numbers.h"
#include "starlark/eval/objects.h"
#include "starlark/eval/program.h"
#include "starlark/eval/text.h"
#include "starlark/syntax/unicode.h"

#include <fmt/format.h>
#include <vector>

// A switch here names the kinds it knows.
#pragma GCC diagnostic ignored "-Wswitch-enum"

namespace fb::starlark {

void append_quoted(std::string& out, std::string_view text, bool bytes) {
  if (bytes) out += 'b';
  out += '"';
  while (!text.empty()) {
    const auto d = unicode::decode(text);
    const std::string_view raw = text.substr(0, d.size);
    text.remove_prefix(d.size);
    if (!d.valid) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(raw[0]));
      continue;
    }
    switch (d.code_point) {
      case '"':
        out += "\\\"";
        continue;
      case '\\':
        out += "\\\\";
        continue;
      case '\a':
        out += "\\a";
        continue;
      case '\b':
        out += "\\b";
        continue;
      case '\f':
        out += "\\f";
        continue;
      case '\n':
        out += "\\n";
        continue;
      case '\r':
        out += "\\r";
        continue;
      case '\t':
        out += "\\t";
        continue;
      case '\v':
        out += "\\v";
        continue;
      default:
        break;
    }
    if (unicode::is_print(d.code_point)) {
      out += raw;
    } else if (d.code_point < ' ' || d.code_point == 0x7F) {
      out += fmt::format("\\x{:02x}", static_cast<std::uint32_t>(d.code_point));
    } else if (d.code_point < 0x10000) {
      out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(d.code_point));
    } else {
      out += fmt::format("\\U{:08x}", static_cast<std::uint32_t>(d.code_point));
    }
  }
  out += '"';
}

class Printer {
 public:
  explicit Printer(std::string& out) : out_(out) {}
  ~Printer() {
    for (const Step& step : steps_)
      step.object->flags_ &= static_cast<std::uint8_t>(~Object::kVisitedFlag);
  }
  Printer(const Printer&) = delete;
  Printer& operator=(const Printer&) = delete;

  void print(const Value& value) {
    item(value);
    while (!steps_.empty()) advance();
  }

 private:
  struct Step {
    const Object* object;
    std::size_t at = 0;  // the next item
    std::size_t printed = 0;
  };

  void scalar(const Value& value);
  void item(const Value& value) {
    const Kind kind = value.kind();
    const bool container = kind == Kind::kList || kind == Kind::kTuple || kind == Kind::kDict ||
                           kind == Kind::kSet || kind == Kind::kStruct;
    if (!container) return scalar(value);
    Object* object = value.object();
    if ((object->flags_ & Object::kVisitedFlag) != 0) {
      out_ += kind == Kind::kList    ? "[...]"
              : kind == Kind::kDict  ? "{...}"
              : kind == Kind::kTuple ? "(...)"
              : kind == Kind::kSet   ? "set([...])"
                                     : "struct(...)";
      return;
    }
    switch (kind) {
      case Kind::kList:
        out_ += "[";
        break;
      case Kind::kTuple:
        out_ += "(";
        break;
      case Kind::kDict:
        out_ += "{";
        break;
      case Kind::kSet:
        out_ += "set([";
        break;
      default: {
        const auto* s = static_cast<const Struct*>(object);
        if (s->constructor().absent()) {
          out_ += "struct";
        } else {
          out_ += s->constructor().is_string() ? repr(s->constructor()) : str(s->constructor());
        }
        out_ += "(";
      }
    }
    object->flags_ |= Object::kVisitedFlag;
    steps_.push_back(Step{object});
  }

  void finish(std::string_view end) {
    out_ += end;
    steps_.back().object->flags_ &= static_cast<std::uint8_t>(~Object::kVisitedFlag);
    steps_.pop_back();
  }
  void separate(Step& step) {
    if (step.printed++ > 0) out_ += ", ";
  }

  // Prints one more item of the innermost container, or its end. item() may grow steps_, so it
  // comes last.
  void advance() {
    Step& step = steps_.back();
    switch (step.object->kind()) {
      case Kind::kList:
      case Kind::kTuple: {
        const bool list = step.object->kind() == Kind::kList;
        const auto items = list ? static_cast<const List*>(step.object)->items()
                                : static_cast<const Tuple*>(step.object)->items();
        if (step.at == items.size()) return finish(list ? "]" : items.size() == 1 ? ",)" : ")");
        separate(step);
        return item(items[step.at++]);
      }
      case Kind::kSet: {
        const auto entries = static_cast<const Set*>(step.object)->table.entries();
        while (step.at < entries.size() && entries[step.at].key.absent()) ++step.at;
        if (step.at == entries.size()) return finish("])");
        separate(step);
        return item(entries[step.at++].key);
      }
      case Kind::kDict: {
        const auto entries = static_cast<const Dict*>(step.object)->table.entries();
        while (step.at < entries.size() && entries[step.at].key.absent()) ++step.at;
        if (step.at == entries.size()) return finish("}");
        separate(step);
        const Table::Entry& entry = entries[step.at++];
        // A key is hashable, so it is shallow and acyclic in all but mad programs.
        Printer(out_).print(entry.key);
        out_ += ": ";
        return item(entry.value);
      }
      default: {
        const auto fields = static_cast<const Struct*>(step.object)->fields();
        if (step.at == fields.size()) return finish(")");
        separate(step);
        const Struct::Field& field = fields[step.at++];
        out_ += field.first.name();
        out_ += " = ";
        return item(field.second);
      }
    }
  }

  std::string& out_;
  std::vector<Step> steps_;
};

void Printer::scalar(const Value& value) {
  switch (value.kind()) {
    case Kind::kAbsent:
      out_ += "<absent>";
      return;
    case Kind::kNone:
      out_ += "None";
      return;
    case Kind::kBool:
      out_ += value.as_bool() ? "True" : "False";
      return;
    case Kind::kInt:
    case Kind::kBigInt:
      out_ += int_text(value);
      return;
    case Kind::kFloat:
      out_ += float_text(value.as<Float>()->value());
      return;
    case Kind::kString:
    case Kind::kBytes:
      return append_quoted(out_, static_cast<const String*>(value.object())->view(),
                           value.kind() == Kind::kBytes);
    case Kind::kRange: {
      const auto* r = value.as<Range>();
      if (r->step != 1) {
        out_ += fmt::format("range({}, {}, {})", r->start, r->stop, r->step);
      } else if (r->start != 0) {
        out_ += fmt::format("range({}, {})", r->start, r->stop);
      } else {
        out_ += fmt::format("range({})", r->stop);
      }
      return;
    }
    case Kind::kModule:
      out_ += fmt::format("<module \"{}\">", value.as<ModuleValue>()->name());
      return;
    case Kind::kFunction:
      out_ += fmt::format("<function {}>", value.as<Function>()->code.name);
      return;
    case Kind::kBuiltin: {
      const auto* b = value.as<Builtin>();
      if (b->self.absent()) {
        out_ += fmt::format("<built-in function {}>", b->info.def->name);
      } else {
        out_ +=
            fmt::format("<built-in method {} of {} value>", b->info.def->name, b->self.type_name());
      }
      return;
    }
    case Kind::kStringElems:
    case Kind::kBytesElems: {
      static constexpr std::string_view kNames[] = {"elems", "elem_ords", "codepoints",
                                                    "codepoint_ords"};
      const auto* e = value.as<StringElems>();
      scalar(e->text);
      const bool is_bytes = value.kind() == Kind::kBytesElems;
      out_ += fmt::format(".{}()", is_bytes ? "elems" : kNames[static_cast<std::size_t>(e->what)]);
      return;
    }
    case Kind::kHost:
      out_ += value.as<HostObject>()->str();
      return;
    case Kind::kCell:
      out_ += "<cell>";
      return;
    case Kind::kIterator:
      out_ += "<iterator>";
      return;
    case Kind::kTuple:
    case Kind::kList:
    case Kind::kDict:
    case Kind::kSet:
    case Kind::kStruct:
      return;
  }
}

std::string repr(const Value& value) {
  std::string out;
  Printer(out).print(value);
  return out;
}

std::string str(const Value& value) {
  if (value.is_object(Kind::kString)) return std::string(value.as_string());
  if (value.is_object(Kind::kBytes)) {
    std::string out;
    std::string_view text = static_cast<const String*>(value.object())->view();
    while (!text.empty()) {  // str(b"..") decodes; what is no UTF-8 becomes U+FFFD
      const auto d = unicode::decode(text);
      unicode::append_utf8(out, d.code_point);
      text.remove_prefix(d.size);
    }
    return out;
  }
  return repr(value);
}

}  // namespace fb::starlark
