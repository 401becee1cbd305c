// What the parent asks of a worker process and what it answers, in binary form. One request is one
// execution of one test.
#pragma once
#include "cli/test_lines.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/run/test_result.h"
#include "core/sched/execution_record.h"
#include "core/sched/world.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fb::cli {

struct ExecutionRequest {
  std::string test;
  uint64_t seed = 0;
  std::optional<Duration> timeout;  // --timeout
  bool controlled = false;
  bool virtual_time = false;
  bool followed = false;       // order free: causality in full
  bool forward_output = true;  // copy what services print to our stdout and stderr
  bool collect_lines = false;  // hand them over with the reply instead
  std::string keep_as;         // --keep: the name under which its files are kept
  // Order controlled: how to choose in the explored scope, as a plan or as a schedule in text form.
  std::optional<Plan> plan;
  std::string schedule;
  bool anchored = false;  // of the schedule
  uint64_t max_steps = 100'000;
};

struct ExecutionReply {
  TestResult result;
  ExecutionRecord record;
  std::string isolation_mode, isolation_why;
  std::vector<TextPiece> lines;  // where they were collected
};

std::string encode_request(const ExecutionRequest& request);
Result<ExecutionRequest> decode_request(std::string_view bytes);
std::string encode_reply(const ExecutionReply& reply);
Result<ExecutionReply> decode_reply(std::string_view bytes);

}  // namespace fb::cli
