// A Catalog over a FakeNet, and the calls of steps as the spec words make them.
#pragma once
#include "proxies/catalog.h"
#include "tests/support/fake_net.h"

#include <gtest/gtest.h>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fb::test {

class CatalogTest : public testing::Test {
 protected:
  static StepCall step(std::string protocol, std::string method,
                       std::map<std::string, std::string> arguments_json) {
    return {.actor = ActorId::branch(ActorId::test(), 1),
            .to = Address::loopback4(8080),
            .protocol = std::move(protocol),
            .method = std::move(method),
            .arguments_json = std::move(arguments_json)};
  }

  // The next connection is answered by `bytes` in one read, then closed.
  void answer(std::string bytes) { net.scripts.push_back({.reads = {std::move(bytes)}}); }

  FakeNet net;
  Catalog catalog{[this] { return net.now; }};
};

// Every way to cut `bytes` into two reads.
inline std::vector<std::vector<std::string>> cuts_of(const std::string& bytes) {
  std::vector<std::vector<std::string>> result = {{bytes}};
  for (size_t i = 1; i < bytes.size(); ++i) result.push_back({bytes.substr(0, i), bytes.substr(i)});
  result.emplace_back();
  for (const char c : bytes) result.back().emplace_back(1, c);
  return result;
}

}  // namespace fb::test
