// The math module.
#include "starlark/eval/numbers.h"
#include "starlark/eval/objects.h"
#include "starlark/lib/universe.h"

#include <cmath>
#include <fmt/format.h>

namespace fb::starlark::lib {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr ParamKind kPosOnly = ParamKind::kPositionalOnly;

// A rounded number as an int.
Outcome whole(Call& call, double (*round)(double)) {
  if (call[0].is_int()) return call[0];
  const double x = round(call.number(0));
  if (std::isnan(x)) return call.fail("cannot convert float NaN to integer");
  if (std::isinf(x)) return call.fail("cannot convert float infinity to integer");
  return int_of_double(call.heap(), x);
}
Outcome ceil_(Call& call) {
  return whole(call, std::ceil);
}
Outcome floor_(Call& call) {
  return whole(call, std::floor);
}

template <double (*F)(double)>
Outcome unary(Call& call) {
  return call.heap().number(F(FB_TRY(to_double(call[0]))));
}
template <double (*F)(double, double)>
Outcome binary(Call& call) {
  return call.heap().number(F(FB_TRY(to_double(call[0])), FB_TRY(to_double(call[1]))));
}

Outcome log_(Call& call) {
  const double x = FB_TRY(to_double(call[0]));
  if (call[1].absent()) return call.heap().number(std::log(x));
  const double base = FB_TRY(to_double(call[1]));
  if (std::log(base) == 0) return call.fail("division by zero");
  return call.heap().number(std::log(x) / std::log(base));
}

double to_degrees(double x) {
  return 360 * x / (2 * kPi);
}
double to_radians(double x) {
  return 2 * kPi * x / 360;
}

constexpr Param kX[] = {{"x", types::kNumber, {}, kPosOnly}};
constexpr Param kXY[] = {{"x", types::kNumber, {}, kPosOnly}, {"y", types::kNumber, {}, kPosOnly}};
constexpr Param kLogParams[] = {{"x", types::kNumber, {}, kPosOnly},
                                {"base", types::kNumber, kOptional, kPosOnly}};

constexpr BuiltinDef kFunctions[] = {
    {"acos", kX, "Arc cosine, in radians.", unary<std::acos>, "float"},
    {"acosh", kX, "Inverse hyperbolic cosine.", unary<std::acosh>, "float"},
    {"asin", kX, "Arc sine, in radians.", unary<std::asin>, "float"},
    {"asinh", kX, "Inverse hyperbolic sine.", unary<std::asinh>, "float"},
    {"atan", kX, "Arc tangent, in radians.", unary<std::atan>, "float"},
    {"atan2", kXY, "Arc tangent of x / y by quadrant.", binary<std::atan2>, "float"},
    {"atanh", kX, "Inverse hyperbolic tangent.", unary<std::atanh>, "float"},
    {"ceil", kX, "The next int upwards.", ceil_, "int"},
    {"copysign", kXY, "x with the sign of y.", binary<std::copysign>, "float"},
    {"cos", kX, "Cosine of radians.", unary<std::cos>, "float"},
    {"cosh", kX, "Hyperbolic cosine.", unary<std::cosh>, "float"},
    {"degrees", kX, "Radians as degrees.", unary<to_degrees>, "float"},
    {"exp", kX, "e to the power of x.", unary<std::exp>, "float"},
    {"fabs", kX, "The absolute value as a float.", unary<std::fabs>, "float"},
    {"floor", kX, "The next int downwards.", floor_, "int"},
    {"gamma", kX, "The gamma function.", unary<std::tgamma>, "float"},
    {"hypot", kXY, "The length of the vector (x, y).", binary<std::hypot>, "float"},
    {"log", kLogParams, "The logarithm, by default the natural one.", log_, "float"},
    {"mod", kXY, "The remainder of x / y with the sign of x.", binary<std::fmod>, "float"},
    {"pow", kXY, "x to the power of y.", binary<std::pow>, "float"},
    {"radians", kX, "Degrees as radians.", unary<to_radians>, "float"},
    {"remainder", kXY, "The IEEE 754 remainder of x / y.", binary<std::remainder>, "float"},
    {"round", kX, "The nearest whole number as a float, halves away from zero.", unary<std::round>,
     "float"},
    {"sin", kX, "Sine of radians.", unary<std::sin>, "float"},
    {"sinh", kX, "Hyperbolic sine.", unary<std::sinh>, "float"},
    {"sqrt", kX, "The square root.", unary<std::sqrt>, "float"},
    {"tan", kX, "Tangent of radians.", unary<std::tan>, "float"},
    {"tanh", kX, "Hyperbolic tangent.", unary<std::tanh>, "float"},
};

}  // namespace

Value math_module(Heap& heap) {
  std::vector<std::pair<Symbol, Value>> members;
  for (const BuiltinDef& def : kFunctions)
    members.emplace_back(Symbol(def.name), builtin_value(def));
  members.emplace_back(Symbol("pi"), heap.number(kPi));
  members.emplace_back(Symbol("e"), heap.number(2.71828182845904523536));
  return heap.module("math", members);
}

}  // namespace fb::starlark::lib
