// Real services explored exhaustively: as many executions as there are inequivalent orders.
#include "explorer/campaign.h"
#include "tests/process/controlled_world.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

std::string guest(std::string_view name) { return std::string(FB_GUEST_DIR) + "/" + std::string(name); }

LineScenario services(std::string_view program, std::vector<std::string> roles) {
  LineScenario scenario;
  uint16_t port = 7100;
  for (const std::string& role : roles) {
    scenario.services.push_back({.name = role,
                                 .binary = guest("orders"),
                                 .args = {std::to_string(port), std::string(program), role, "/tmp/fb-orders"},
                                 .port = port});
    scenario.go.push_back(role);
    ++port;
  }
  scenario.prepare = "reset";
  scenario.first = roles.front();
  return scenario;
}

CampaignResult explore(LineScenario scenario) {
  ControlledWorld world(std::move(scenario));
  CampaignOptions options;
  options.keep_going = true;
  options.max_executions = 2000;
  CampaignResult result = run_campaign(options, world).value();
  EXPECT_FALSE(result.broken) << result.broken.value_or("") << world.last_error;
  EXPECT_TRUE(result.nondeterminism.empty()) << result.nondeterminism.front();
  EXPECT_TRUE(result.report.exhausted) << world.last_error;
  return result;
}

TEST(SeccompControlled, LostUpdateHasFourOrders) {
  LineScenario scenario = services("lost-update", {"a", "b"});
  scenario.wrong = [](const auto&, const std::string& state) { return !state.starts_with("2 "); };
  const CampaignResult result = explore(scenario);
  EXPECT_EQ(result.report.traces, 4u);
  EXPECT_EQ(result.report.executions, 4u);
  EXPECT_EQ(result.report.failures, 2u);
}

}  // namespace
}  // namespace fb
