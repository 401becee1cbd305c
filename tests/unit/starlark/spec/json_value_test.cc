#include "starlark/spec/json_value.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

namespace fb::spec {
namespace {

std::string through(std::string_view text) {
  starlark::Heap heap;
  const auto value = value_from_json(heap, text);
  return value ? starlark::repr(*value) : "no JSON";
}

TEST(JsonValueTest, ValuesKeepTheirMeaning) {
  EXPECT_EQ(through("{\"b\": [1, 1.5, true, null], \"a\": \"x\"}"),
            "{\"b\": [1, 1.5, True, None], \"a\": \"x\"}");
}

TEST(JsonValueTest, IntegralNumbersAreInts) {
  EXPECT_EQ(through("[1.0, 1e3, -2.0, 9007199254740993]"), "[1, 1000, -2, 9007199254740993]");
}

TEST(JsonValueTest, WhatIsNoJsonIsNothing) {
  EXPECT_EQ(through(""), "no JSON");
  EXPECT_EQ(through("{\"a\":"), "no JSON");
  EXPECT_EQ(through("hello"), "no JSON");
}

TEST(JsonValueTest, DeepNestingIsRefusedNotFollowed) {
  EXPECT_EQ(through(std::string(100'000, '[') + std::string(100'000, ']')), "no JSON");
}

TEST(JsonValueTest, WhatCannotBeSentIsAnError) {
  starlark::Heap heap;
  EXPECT_EQ(json_from_value(heap.set()).failure().text, "cannot send a set");
  starlark::Value dict = heap.dict();
  EXPECT_EQ(json_from_value(dict).value(), "{}");
}

// Any list of strings and numbers comes back as it went.
RC_GTEST_PROP(JsonValueTest, ValuesSurviveTheWayThereAndBack,
              (const std::vector<std::string>& texts, const std::vector<int64_t>& numbers)) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const std::string& text : texts) json.push_back(text);
  for (int64_t number : numbers) json.push_back(number);
  const std::string text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  starlark::Heap heap;
  const auto value = value_from_json(heap, text);
  RC_ASSERT(value.has_value());
  RC_ASSERT(json_from_value(*value).value() == text);
}

}  // namespace
}  // namespace fb::spec
