// docs/builtins.md says what the tables say.
#include "starlark/spec/builtins_doc.h"

#include "starlark/spec/registry.h"
#include "starlark/spec/unavailable.h"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace fb::spec {
namespace {

TEST(BuiltinsDocTest, TheDocumentIsCurrent) {
  std::ifstream file(FB_BUILTINS_DOC);
  ASSERT_TRUE(file) << FB_BUILTINS_DOC;
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_TRUE(text.str() == builtins_document())
      << "write it again: build/dev/bin/fb_builtins_doc > docs/builtins.md";
}

TEST(BuiltinsDocTest, EveryWordIsThereOnceAndInOrder) {
  const auto by_name = [](const auto* a, const auto* b) { return a->name < b->name; };
  EXPECT_TRUE(std::is_sorted(spec_words().begin(), spec_words().end(), by_name));
  EXPECT_TRUE(std::is_sorted(unavailable_words().begin(), unavailable_words().end(), by_name));
  for (const auto* word : unavailable_words()) {
    EXPECT_TRUE(std::none_of(spec_words().begin(), spec_words().end(), [&](const auto* other) {
      return other->name == word->name;
    })) << word->name;
  }
}

TEST(BuiltinsDocTest, StarredParametersComeLast) {
  for (const auto* word : spec_words()) {
    bool starred = false;
    for (const starlark::Param& param : word->params) {
      const bool is_starred =
          param.kind == starlark::ParamKind::kArgs || param.kind == starlark::ParamKind::kKwargs;
      EXPECT_TRUE(is_starred || !starred) << word->name << " " << param.name;
      starred |= is_starred;
    }
  }
}

}  // namespace
}  // namespace fb::spec
