// A test as lists and reports name it.
#pragma once
#include <cstdint>
#include <string>

namespace fb::spec {

struct TestInfo {
  std::string name;  // "test_disk_full"
  std::string doc;
  std::string file;  // as shown in messages
  uint32_t line = 0;
  bool scenario = false;
};

}  // namespace fb::spec
