#include "core/model/topology.h"
#include "proxies/registry.h"
#include "tests/unit/proxies/catalog_fixture.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace fb::test {
namespace {

TEST_F(CatalogTest, ProtocolsAndMethodsAreSorted) {
  const auto clients = protocol_clients();
  EXPECT_TRUE(std::ranges::is_sorted(clients, {}, &ProtocolClient::protocol));
  for (const ProtocolClient& client : clients) {
    EXPECT_TRUE(std::ranges::is_sorted(client.methods(), {}, &StepMethod::name)) << client.protocol;
  }
}

TEST_F(CatalogTest, EveryProtocolIsOneThatInterfacesKnow) {
  const auto names = protocol_names();
  for (const ProtocolClient& client : protocol_clients()) {
    EXPECT_TRUE(std::ranges::count(names, client.protocol) == 1) << client.protocol;
  }
}

TEST_F(CatalogTest, OptionalParametersHaveJsonDefaults) {
  for (const ProtocolClient& client : protocol_clients()) {
    for (const StepMethod& method : client.methods()) {
      for (const StepParameter& parameter : method.parameters) {
        EXPECT_EQ(parameter.required, !nlohmann::json::accept(parameter.default_json))
            << client.protocol << "." << method.name << " " << parameter.name;
      }
    }
  }
}

TEST_F(CatalogTest, WhatItDoesNotKnowHasNoMethods) {
  EXPECT_TRUE(catalog.methods("gopher").empty());
  EXPECT_EQ(catalog.call(net, step("gopher", "get", {})).error, "protocol \"gopher\" has no steps");
  EXPECT_EQ(catalog.call(net, step("tcp", "get", {})).error, "tcp has no step \"get\"");
  EXPECT_EQ(
      catalog.probe(net, "gopher", Address::loopback4(70), std::chrono::seconds(2)).error().message,
      "protocol \"gopher\" has no readiness exchange");
}

TEST_F(CatalogTest, ArgumentsOfTheWrongKindAreErrors) {
  EXPECT_EQ(catalog.call(net, step("tcp", "send", {})).error,
            "tcp send failed: send(): data= is missing");
  EXPECT_EQ(catalog.call(net, step("tcp", "send", {{"data", "5"}})).error,
            "tcp send failed: send(): data= must be a str, not \"5\"");
  EXPECT_EQ(catalog.call(net, step("http", "get", {{"path", "\"/\""}, {"headers", "[]"}})).error,
            "get(): headers= must be a dict, not \"[]\"");
  EXPECT_EQ(
      catalog.call(net, step("http", "get", {{"path", "\"/\""}, {"headers", "{\"A\":[]}"}})).error,
      "get(): headers= has \"[]\" for \"A\", which is not a str");
  EXPECT_EQ(catalog.call(net, step("http", "get", {{"path", "/"}, {"headers", "{}"}})).error,
            "get(): path= is not valid JSON: \"/\"");
  EXPECT_TRUE(net.log.empty());
}

}  // namespace
}  // namespace fb::test
