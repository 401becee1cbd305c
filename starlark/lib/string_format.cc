#include "starlark/lib/string_format.h"

#include <algorithm>
#include <fmt/format.h>
#include <string>

namespace fb::starlark::lib {
namespace {

// {} {0} {name} {x!r}
class Formatter {
 public:
  explicit Formatter(Call& call) : call_(call) {}

  Outcome run(std::string_view format) {
    while (true) {
      const std::size_t open = format.find('{');
      FB_TRY(literal(format.substr(0, open)));
      if (open == format.npos) return call_.heap().string(out_);
      if (format.substr(open).starts_with("{{")) {
        out_ += '{';
        format.remove_prefix(open + 2);
        continue;
      }
      format.remove_prefix(open + 1);
      const std::size_t close = format.find('}');
      if (close == format.npos) return call_.fail("unmatched '{' in format");
      FB_TRY(field(format.substr(0, close)));
      format.remove_prefix(close + 1);
    }
  }

 private:
  // Text outside fields; }} is }.
  Outcome literal(std::string_view text) {
    for (std::size_t at = text.find('}'); at != text.npos; at = text.find('}')) {
      if (!text.substr(at).starts_with("}}")) return call_.fail("single '}' in format");
      out_ += text.substr(0, at + 1);
      text.remove_prefix(at + 2);
    }
    out_ += text;
    return Value::none();
  }

  Outcome field(std::string_view field) {
    std::string_view name = field, conversion = "s", spec;
    const std::size_t bang = field.find('!');
    if (bang != field.npos) {
      name = field.substr(0, bang);
      conversion = field.substr(bang + 1);
    }
    std::string_view& before_spec = bang != field.npos ? conversion : name;
    if (const std::size_t colon = before_spec.find(':'); colon != before_spec.npos) {
      spec = before_spec.substr(colon + 1);
      before_spec = before_spec.substr(0, colon);
    }
    const Value value = FB_TRY(argument(name));
    if (!spec.empty()) {
      return Raised(
                 fmt::format("format spec features not supported in replacement fields: {}", spec))
          .bare();
    }
    if (conversion == "s") {
      out_ += str(value);
    } else if (conversion == "r") {
      out_ += repr(value);
    } else {
      return call_.fail(fmt::format("unknown conversion \"{}\"", conversion));
    }
    return Value::none();
  }

  Outcome argument(std::string_view name) {
    const auto args = call_.rest();
    if (name.empty()) {
      if (manual_)
        return call_.fail(
            "cannot switch from manual field specification to automatic field numbering");
      automatic_ = true;
      if (next_ >= args.size()) return call_.fail("tuple index out of range");
      return args[next_++];
    }
    if (std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      if (automatic_) {
        return call_.fail(
            "cannot switch from automatic field numbering to manual field specification");
      }
      manual_ = true;
      std::size_t n = 0;
      for (char c : name)
        n = std::min<std::size_t>(n * 10 + static_cast<std::size_t>(c - '0'), 1u << 30);
      if (n >= args.size()) return call_.fail("tuple index out of range");
      return args[n];
    }
    for (const auto& [known, value] : call_.keywords()) {
      if (known.name() == name) return value;
    }
    if (name.find('.') != name.npos) {
      return call_.fail(
          fmt::format("attribute syntax x.y is not supported in replacement fields: {}", name));
    }
    if (name.find('[') != name.npos) {
      return call_.fail(
          fmt::format("element syntax a[i] is not supported in replacement fields: {}", name));
    }
    if (name.find('{') != name.npos) return call_.fail("nested replacement fields not supported");
    return call_.fail(fmt::format("keyword {} not found", name));
  }

  Call& call_;
  std::string out_;
  std::size_t next_ = 0;
  bool automatic_ = false;
  bool manual_ = false;
};

}  // namespace

Outcome format_fields(Call& call, std::string_view format) {
  return Formatter(call).run(format);
}

}  // namespace fb::starlark::lib
