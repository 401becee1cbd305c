// Makes values immutable, with everything they reach: a work list, so depth and cycles do not
// matter.
#pragma once
#include "starlark/eval/value.h"

#include <vector>

namespace fb::starlark {

class Freezer {
 public:
  void add(const Value& value);
  void run();

 private:
  std::vector<Object*> pending_;
};

void freeze(const Value& value);

}  // namespace fb::starlark
