#include "tests/conformance/go_host.h"

#include "starlark/eval/containers.h"
#include "starlark/eval/freezer.h"
#include "starlark/eval/operators.h"
#include "starlark/lib/universe.h"
#include "tests/conformance/chunks.h"

#include <cmath>
#include <fmt/format.h>
#include <map>

namespace fb::conformance {

using namespace starlark;  // NOLINT: this file is a host

namespace {

void report(Call& call, std::string text) {
  call.thread().interpreter().host<Failures>()->texts.push_back(call.location().str() + ": " +
                                                                std::move(text));
}

bool within_one_ulp(const Value& a, const Value& b) {
  if (!a.is_float() || !b.is_float()) return false;
  const double x = *a.as_double();
  const double y = *b.as_double();
  return std::nextafter(x, y) == y;
}

Outcome assert_eq(Call& call) {
  if (!FB_TRY(equal(call[0], call[1])) && !within_one_ulp(call[0], call[1])) {
    report(call, fmt::format("{} != {}", repr(call[0]), repr(call[1])));
  }
  return Value::none();
}
Outcome assert_ne(Call& call) {
  if (FB_TRY(equal(call[0], call[1])))
    report(call, fmt::format("{} == {}", repr(call[0]), repr(call[1])));
  return Value::none();
}
Outcome assert_true(Call& call) {
  if (!call[0].truth()) report(call, str(call[1]));
  return Value::none();
}
Outcome assert_lt(Call& call) {
  if (!FB_TRY(compare(Comparison::kLess, call[0], call[1]))) {
    report(call, fmt::format("{} is not less than {}", repr(call[0]), repr(call[1])));
  }
  return Value::none();
}
Outcome assert_contains(Call& call) {
  const Value there = FB_TRY(binary(call.thread(), BinaryOp::kIn, call[1], call[0]));
  if (!there.truth())
    report(call, fmt::format("{} does not contain {}", repr(call[0]), repr(call[1])));
  return Value::none();
}
Outcome assert_fail(Call& call) {
  report(call, std::string(call.text(0)));
  return Value::none();
}
Outcome assert_fails(Call& call) {
  Outcome result = call.thread().call(call[0]);
  if (result.ok()) {
    report(call, fmt::format("evaluation succeeded unexpectedly (want error matching {})",
                             repr(call[1])));
  } else if (const std::string got = result.failure().message();
             !matches(std::string(call.text(1)), got)) {
    report(call,
           fmt::format("regular expression ({}) did not match error ({})", call.text(1), got));
  }
  return Value::none();
}
Outcome freeze_(Call& call) {
  freeze(call[0]);
  return call[0];
}

constexpr Param kTwo[] = {{"x"}, {"y"}};
constexpr Param kTrueParams[] = {{"cond"}, {"msg", types::kAny, "assertion failed"}};
constexpr Param kFailParams[] = {{"msg", types::kString}};
constexpr Param kFailsParams[] = {{"f"}, {"pattern", types::kString}};
constexpr Param kOne[] = {{"x"}};
constexpr BuiltinDef kAsserts[] = {
    {"contains", kTwo, "", assert_contains},
    {"eq", kTwo, "", assert_eq},
    {"fail", kFailParams, "", assert_fail},
    {"fails", kFailsParams, "", assert_fails},
    {"lt", kTwo, "", assert_lt},
    {"ne", kTwo, "", assert_ne},
    {"true", kTrueParams, "", assert_true},
};
constexpr BuiltinDef kFreeze{"freeze", kOne, "", freeze_};

// Any field may be set, but none that begins with "no"; list + it is 42.
class HasFields : public HostObject {
 public:
  static constexpr HostType kType{.name = "hasfields"};
  const HostType& type() const override { return kType; }
  std::string str() const override { return "hasfields"; }
  Outcome attribute(Thread&, starlark::Symbol name) override {
    const auto found = fields_.find(std::string(name.name()));
    return found == fields_.end() ? Value() : found->second;
  }
  std::vector<std::string> attribute_names() const override {
    std::vector<std::string> names;
    for (const auto& [name, value] : fields_) names.push_back(name);
    return names;
  }
  Outcome set_attribute(Thread&, starlark::Symbol name, Value value) override {
    if (frozen()) return Raised("cannot set field on a frozen hasfields");
    if (name.name().starts_with("no")) return Raised(fmt::format("no .{} field", name.name()));
    fields_[std::string(name.name())] = std::move(value);
    return Value::none();
  }
  Outcome binary(Thread&, BinaryOp op, const Value& other, bool) override {
    if (op == BinaryOp::kAdd && other.as<List>() != nullptr) return Value::small(42);
    return Value();
  }
  void freeze(Freezer& freezer) override {
    for (const auto& [name, value] : fields_) freezer.add(value);
  }

 private:
  std::map<std::string, Value> fields_;
};

class Fibonacci : public HostObject {
 public:
  static constexpr HostType kType{.name = "fibonacci"};
  const HostType& type() const override { return kType; }
  std::string str() const override { return "fibonacci"; }
  std::unique_ptr<HostIterator> iterate() override {
    class Endless : public HostIterator {
      Outcome next(Thread&) override {
        const std::int64_t now = a_;
        a_ = b_;
        b_ += now;
        return Value::small(now);
      }
      std::int64_t a_ = 0;
      std::int64_t b_ = 1;
    };
    return std::make_unique<Endless>();
  }
};

// gensym(name = "x"): a constructor of structs of a brand of its own.
class Brand : public HostObject {
 public:
  explicit Brand(std::string name) : name_(std::move(name)) {}
  static constexpr HostType kType{.name = "symbol"};
  const HostType& type() const override { return kType; }
  std::string str() const override { return name_; }
  const BuiltinDef* call_signature() const override;

 private:
  std::string name_;
};
Outcome make_branded(Call& call) {
  return Value(Struct::create(call.heap(), call.self(), call.keywords()));
}
constexpr Param kBrandParams[] = {{"fields", types::kAny, {}, ParamKind::kKwargs}};
constexpr BuiltinDef kBrandCall{"symbol", kBrandParams, "", make_branded};
const BuiltinDef* Brand::call_signature() const {
  return &kBrandCall;
}

Outcome hasfields(Call& call) {
  return call.heap().make<HasFields>();
}
Outcome gensym(Call& call) {
  return call.heap().make<Brand>(std::string(call.text(0)));
}
constexpr Param kGensymParams[] = {{"name", types::kString}};
constexpr BuiltinDef kHasFields{"hasfields", {}, "", hasfields};
constexpr BuiltinDef kGensym{"gensym", kGensymParams, "", gensym};

}  // namespace

LoadCallback go_loader() {
  return [](Thread& thread, std::string_view module,
            std::string_view) -> Result<std::variant<LoadedSource, LoadedValues>> {
    Heap& heap = thread.heap();
    LoadedValues values;
    if (module == "assert.star") {
      std::vector<std::pair<starlark::Symbol, Value>> members;
      for (const BuiltinDef& def : kAsserts) {
        members.emplace_back(starlark::Symbol(def.name), builtin_value(def));
      }
      values.emplace_back("assert", heap.module("assert", members));
      values.emplace_back("freeze", builtin_value(kFreeze));
    } else if (module == "json.star") {
      values.emplace_back("json", lib::json_module(heap));
    } else if (module == "math.star") {
      values.emplace_back("math", lib::math_module(heap));
    } else {
      return failed("no such module");
    }
    return std::variant<LoadedSource, LoadedValues>(std::move(values));
  };
}

void predeclare_go_names(Interpreter& interpreter) {
  interpreter.predeclare(kHasFields);
  interpreter.predeclare(kGensym);
  interpreter.predeclare("fibonacci", interpreter.heap().make<Fibonacci>());
}

}  // namespace fb::conformance
