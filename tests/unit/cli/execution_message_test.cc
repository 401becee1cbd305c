#include "cli/execution_message.h"

#include <gtest/gtest.h>

namespace fb::cli {
namespace {

TEST(ExecutionMessageTest, ARequestArrivesAsItWasSent) {
  ExecutionRequest request;
  request.test = "test_a";
  request.seed = UINT64_MAX;
  request.timeout = std::chrono::milliseconds(1500);
  request.controlled = true;
  request.plan = Plan{.seed = 3, .policy = "rw", .policy_seed = 9};
  request.schedule = "fbs1:x";
  request.max_steps = 7;
  const Result<ExecutionRequest> read = decode_request(encode_request(request));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->test, request.test);
  EXPECT_EQ(read->seed, request.seed);
  EXPECT_EQ(read->timeout, request.timeout);
  EXPECT_EQ(read->controlled, request.controlled);
  EXPECT_EQ(read->plan, request.plan);
  EXPECT_EQ(read->schedule, request.schedule);
  EXPECT_EQ(read->max_steps, request.max_steps);
}

TEST(ExecutionMessageTest, ACutMessageIsAnErrorAtEveryLength) {
  ExecutionRequest request;
  request.test = "test_a";
  request.plan = Plan{};
  const std::string whole = encode_request(request);
  for (size_t n = 0; n < whole.size(); ++n)
    EXPECT_FALSE(decode_request(std::string_view(whole).substr(0, n)).ok()) << n;
  ExecutionReply reply;
  reply.record.message = "x";
  const std::string answer = encode_reply(reply);
  ASSERT_TRUE(decode_reply(answer).ok());
  for (size_t n = 0; n < answer.size(); ++n)
    EXPECT_FALSE(decode_reply(std::string_view(answer).substr(0, n)).ok()) << n;
}

}  // namespace
}  // namespace fb::cli
