#include "cli/generate/mutations.h"

#include "cli/generate/faults_file.h"
#include "cli/identifier.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <set>

namespace fb::cli {
namespace {

ServiceSpec service(const std::string& name, uint16_t port,
                    std::vector<std::string> depends_on = {},
                    std::vector<std::pair<std::string, std::string>> env = {}) {
  ServiceSpec spec;
  spec.name = name;
  spec.image = "x";
  spec.interfaces = {{"main", "tcp", port, ""}};
  spec.depends_on = std::move(depends_on);
  for (const auto& [key, value] : env) {
    spec.env.emplace(key, value);
    spec.env_order.push_back(key);
  }
  return spec;
}

std::vector<std::string> edges(const Topology& topology) {
  std::vector<std::string> out;
  for (const Edge& edge : edges_of(topology))
    out.push_back(topology.at(edge.from).name + ">" + topology.at(edge.to).name);
  return out;
}

using Names = std::vector<std::string>;

TEST(EdgesTest, DependenciesThenAddressesInSourceOrder) {
  const Topology topology{
      {service("db", 5432), service("cache", 6379), service("mq", 5672),
       service("shop", 80, {"mq"},
               {{"Z", "redis://cache:6379/0"}, {"A", "db.internal"}, {"B", "mq:5672"}})}};
  EXPECT_EQ(edges(topology), (Names{"shop>mq", "shop>cache", "shop>db"}));
}

TEST(EdgesTest, OnlyWholeNamesAndPorts) {
  const Topology topology{
      {service("db", 543),
       service("shop", 80, {},
               {{"A", "olddb:543"}, {"B", "db:5432"}, {"C", "my.db.x"}, {"D", "shop:80"}})}};
  EXPECT_EQ(edges(topology), Names{});
}

TEST(EdgesTest, ABinarysAddressIsLocalhost) {
  Topology topology{{service("db", 7001), service("shop", 80, {}, {{"DB", "localhost:7001"}})}};
  EXPECT_EQ(edges(topology), Names{});
  topology.services[0].image.clear();
  topology.services[0].binary = "./db";
  EXPECT_EQ(edges(topology), Names{"shop>db"});
}

TEST(MutationsTest, SevenForEachEdge) {
  const Topology topology{{service("db", 1), service("shop", 2, {"db"})}};
  Names names;
  for (const Mutation& m : mutations_of(topology, {"buy"})) names.push_back(m.test);
  EXPECT_EQ(names,
            (Names{"test_gen_buy_db_io_error", "test_gen_buy_db_disk_full",
                   "test_gen_buy_db_fsync_fail", "test_gen_buy_db_down", "test_gen_buy_db_slow",
                   "test_gen_buy_db_reset", "test_gen_buy_db_partition"}));
}

TEST(MutationsTest, SeveralWaysToOneService) {
  const Topology topology{{service("db", 1), service("a", 2, {"db"}), service("b", 3, {"db"})}};
  const auto mutations = mutations_of(topology, {"buy"});
  EXPECT_EQ(mutations.size(), 3u + 2 * 4u);
  const auto named = [&](const std::string& name) {
    return std::any_of(mutations.begin(), mutations.end(),
                       [&](const Mutation& m) { return m.test == name; });
  };
  EXPECT_TRUE(named("test_gen_buy_db_down_from_a"));
  EXPECT_TRUE(named("test_gen_buy_db_partition_from_b"));
  EXPECT_TRUE(named("test_gen_buy_db_io_error"));
}

RC_GTEST_PROP(MutationsTest, NamesAreUniqueIdentifiers, ()) {
  const auto letters = rc::gen::container<std::string>(rc::gen::elementOf(std::string("a-._B1")));
  const auto names = *rc::gen::unique<std::vector<std::string>>(
      rc::gen::suchThat(letters, [](const std::string& s) { return !s.empty() && s.size() < 6; }));
  Topology topology;
  for (size_t i = 0; i < names.size(); ++i)
    topology.services.push_back(service(names[i], static_cast<uint16_t>(i + 1),
                                        i == 0 ? Names{} : Names{names[i - 1], names[0]}));
  std::set<std::string> seen;
  for (const Mutation& m : mutations_of(topology, {"s", "t"})) {
    RC_ASSERT(seen.insert(m.test).second);
    RC_ASSERT(std::all_of(m.test.begin(), m.test.end(),
                          [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; }));
  }
}

TEST(IdentifierTest, WhatCannotBeAVariable) {
  EXPECT_EQ(identifier("api-gw.v2"), "api_gw_v2");
  EXPECT_EQ(identifier("2nd"), "svc_2nd");
  EXPECT_EQ(identifier("fault"), "svc_fault");
  EXPECT_EQ(identifier("len"), "svc_len");
  EXPECT_EQ(identifier("class"), "svc_class");
  EXPECT_EQ(identifier("None"), "svc_None");
  EXPECT_EQ(identifier(""), "svc_");
}

SpecOutline outline() {
  SpecOutline out;
  out.spec = "shop.star";
  out.spec_file = "/p/shop.star";
  out.topology = {{service("db", 1), service("shop", 2, {"db"})}};
  out.scenarios = {"buy"};
  out.services = {{0, {"db", "/p/lib/db.star"}}, {1, {"shop", "/p/shop.star"}}};
  out.functions = {{"buy", {"buy", "/p/shop.star"}}};
  return out;
}

TEST(FaultsFileTest, LoadsFromWhereThingsAreDefined) {
  const SpecOutline spec = outline();
  const FaultsFile file =
      faults_file(spec, mutations_of(spec.topology, {"buy"}), "/p/out", "2026-01-02");
  EXPECT_EQ(file.mutations, 7u);
  EXPECT_NE(file.text.find(
                "load(\"../lib/db.star\", \"db\")\nload(\"../shop.star\", \"buy\", \"shop\")\n"),
            std::string::npos)
      << file.text;
  EXPECT_NE(file.text.find("# Date: 2026-01-02\n"), std::string::npos);
}

TEST(FaultsFileTest, EqualNamesOfTwoFilesAreToldApart) {
  SpecOutline spec = outline();
  spec.services[0].variable = "shop";
  const FaultsFile file = faults_file(spec, mutations_of(spec.topology, {"buy"}), "/p", "d");
  EXPECT_NE(file.text.find("shop_2 = \"shop\""), std::string::npos) << file.text;
}

TEST(FaultsFileTest, WhatHasNoNameIsSkippedAndSaid) {
  SpecOutline spec = outline();
  spec.services.erase(0);
  const FaultsFile file = faults_file(spec, mutations_of(spec.topology, {"buy"}), "/p", "d");
  EXPECT_EQ(file.mutations, 0u);
  ASSERT_EQ(file.skipped.size(), 1u);
  EXPECT_NE(file.text.find("# Skipped: service db"), std::string::npos) << file.text;
}

TEST(FaultsFileTest, OnlyTheDateMayDiffer) {
  const SpecOutline spec = outline();
  const auto mutations = mutations_of(spec.topology, {"buy"});
  const std::string a = faults_file(spec, mutations, "/p", "2026-01-02").text;
  const std::string b = faults_file(spec, mutations, "/p", "2027-11-12").text;
  EXPECT_NE(a, b);
  EXPECT_TRUE(same_but_for_date(a, b));
  EXPECT_FALSE(same_but_for_date(a, b + "x"));
}

}  // namespace
}  // namespace fb::cli
