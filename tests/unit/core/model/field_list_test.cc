#include "core/model/field_list.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fb {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(FieldListTest, KeepsOrderAndValuesOfAnyLength) {
  FieldList fields = {{"syscall", "write"}, {"its own name", std::string(300, 'x')}};
  fields.add("size", uint64_t{18446744073709551615u});
  EXPECT_EQ(Pairs(fields.begin(), fields.end()), (Pairs{{"syscall", "write"},
                                                        {"its own name", std::string(300, 'x')},
                                                        {"size", "18446744073709551615"}}));
  EXPECT_EQ(fields.find("size")->second, "18446744073709551615");
  EXPECT_EQ(fields.find("fd"), fields.end());
}

TEST(FieldListTest, TheFieldsOfACallAreSmall) {
  FieldList fields;
  for (const auto& [name, value] : Pairs{{"syscall", "write"},
                                         {"pid", "12345"},
                                         {"decision", "allow"},
                                         {"path", "/tmp/a.wal"},
                                         {"family", "write"},
                                         {"fd", "3"},
                                         {"size", "4096"}})
    fields.add(name, value);
  size_t characters = 0;
  for (const auto& field : fields) characters += field.second.size();
  EXPECT_EQ(characters, 35u);
  EXPECT_EQ(sizeof(fields), sizeof(void*));
}

RC_GTEST_PROP(FieldListTest, HoldsWhatWasAdded, (const Pairs& pairs)) {
  const FieldList fields(pairs);
  RC_ASSERT(Pairs(fields.begin(), fields.end()) == pairs);
  RC_ASSERT(fields.size() == pairs.size());
  RC_ASSERT(fields == FieldList(pairs));
}

}  // namespace
}  // namespace fb
