#include "core/model/topology.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace fb {
namespace {

using Declaration = std::pair<std::string, std::vector<std::string>>;

Topology topology(const std::vector<Declaration>& declarations) {
  Topology out;
  for (const auto& [name, depends_on] : declarations) {
    ServiceSpec service;
    service.name = name;
    service.depends_on = depends_on;
    out.services.push_back(std::move(service));
  }
  return out;
}

std::vector<std::string> order(const std::vector<Declaration>& declarations) {
  const Topology all = topology(declarations);
  std::vector<std::string> out;
  for (ServiceId id : *all.start_order()) out.push_back(all.at(id).name);
  return out;
}

using Names = std::vector<std::string>;

TEST(StartOrderTest, KeepsTheOrderOfRegistration) {
  EXPECT_EQ(order({}), Names{});
  EXPECT_EQ(order({{"b", {}}, {"a", {}}}), (Names{"b", "a"}));
  EXPECT_EQ(order({{"api", {"db"}}, {"web", {}}, {"db", {}}}), (Names{"web", "db", "api"}));
  EXPECT_EQ(order({{"a", {"b", "b"}}, {"b", {}}}), (Names{"b", "a"}));
}

TEST(StartOrderTest, NamesTheCycle) {
  EXPECT_EQ(
      topology({{"x", {}}, {"a", {"b"}}, {"b", {"c"}}, {"c", {"b"}}}).start_order().error().message,
      "depends_on cycle: b -> c -> b");
  EXPECT_EQ(topology({{"a", {"a"}}}).start_order().error().message, "depends_on cycle: a -> a");
}

TEST(StartOrderTest, SuggestsForAnUnknownName) {
  EXPECT_EQ(topology({{"api", {"leger"}}, {"ledger", {}}}).start_order().error().message,
            "service \"api\" depends on unknown service \"leger\" (did you mean \"ledger\"?)");
}

RC_GTEST_PROP(StartOrderTest, PutsDependenciesFirst, ()) {
  // Edges only from higher to lower ranks: never a cycle.
  const auto count = *rc::gen::inRange<size_t>(0, 12);
  const auto rank = *rc::gen::container<std::vector<int>>(count, rc::gen::inRange(0, 100));
  std::vector<Declaration> declarations;
  for (size_t i = 0; i < count; ++i) {
    Declaration declaration{"s" + std::to_string(i), {}};
    for (size_t j = 0; j < count; ++j) {
      if (rank[j] < rank[i] && *rc::gen::inRange(0, 3) == 0) {
        declaration.second.push_back("s" + std::to_string(j));
      }
    }
    declarations.push_back(std::move(declaration));
  }
  const Names names = order(declarations);
  RC_ASSERT(names.size() == count);
  const auto place = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) - names.begin();
  };
  for (const auto& [name, depends_on] : declarations) {
    for (const std::string& dependency : depends_on) RC_ASSERT(place(dependency) < place(name));
  }
  // Of two neighbours the earlier registered one goes first, unless the other needs it.
  for (size_t i = 0; i + 1 < names.size(); ++i) {
    const size_t a = std::stoul(names[i].substr(1));
    const size_t b = std::stoul(names[i + 1].substr(1));
    const Names& needs = declarations[b].second;
    RC_ASSERT(a < b || std::find(needs.begin(), needs.end(), names[i]) != needs.end());
  }
}

TEST(TopologyTest, FindsByName) {
  const Topology all = topology({{"a", {}}, {"b", {}}});
  EXPECT_EQ(all.find("b"), ServiceId{1});
  EXPECT_FALSE(all.find("c"));
  EXPECT_EQ(all.names(), (Names{"a", "b"}));
}

TEST(ProtocolNamesTest, AreTheElevenInOrder) {
  const auto names = protocol_names();
  EXPECT_EQ(names.size(), 11u);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
}

}  // namespace
}  // namespace fb
