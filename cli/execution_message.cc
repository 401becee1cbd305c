#include "cli/execution_message.h"

#include "core/base/wire.h"
#include "core/run/test_result_wire.h"
#include "core/sched/record_wire.h"

namespace fb::cli {

std::string encode_request(const ExecutionRequest& request) {
  WireWriter w;
  w.string(request.test);
  w.u64(request.seed);
  w.boolean(request.timeout.has_value());
  if (request.timeout) w.i64(request.timeout->count());
  w.boolean(request.controlled);
  w.boolean(request.virtual_time);
  w.boolean(request.followed);
  w.boolean(request.forward_output);
  w.boolean(request.collect_lines);
  w.string(request.keep_as);
  w.boolean(request.plan.has_value());
  if (request.plan) w.string(encode_plan(*request.plan));
  w.string(request.schedule);
  w.boolean(request.anchored);
  w.u64(request.max_steps);
  return w.take();
}

Result<ExecutionRequest> decode_request(std::string_view bytes) {
  WireReader r(bytes);
  ExecutionRequest request;
  request.test = FB_TRY(r.string());
  request.seed = FB_TRY(r.u64());
  if (FB_TRY(r.boolean())) request.timeout = Duration(FB_TRY(r.i64()));
  request.controlled = FB_TRY(r.boolean());
  request.virtual_time = FB_TRY(r.boolean());
  request.followed = FB_TRY(r.boolean());
  request.forward_output = FB_TRY(r.boolean());
  request.collect_lines = FB_TRY(r.boolean());
  request.keep_as = FB_TRY(r.string());
  if (FB_TRY(r.boolean())) {
    const std::string plan = FB_TRY(r.string());
    request.plan = FB_TRY(decode_plan(plan));
  }
  request.schedule = FB_TRY(r.string());
  request.anchored = FB_TRY(r.boolean());
  request.max_steps = FB_TRY(r.u64());
  FB_TRY(r.finish());
  return request;
}

std::string encode_reply(const ExecutionReply& reply) {
  WireWriter w;
  w.string(encode_test_result(reply.result));
  w.string(encode_record(reply.record));
  w.string(reply.isolation_mode);
  w.string(reply.isolation_why);
  w.count(reply.lines.size());
  for (const TextPiece& piece : reply.lines) {
    w.boolean(piece.is_stderr);
    w.string(piece.text);
  }
  return w.take();
}

Result<ExecutionReply> decode_reply(std::string_view bytes) {
  WireReader r(bytes);
  ExecutionReply reply;
  const std::string result = FB_TRY(r.string());
  reply.result = FB_TRY(decode_test_result(result));
  const std::string record = FB_TRY(r.string());
  reply.record = FB_TRY(decode_record(record));
  reply.isolation_mode = FB_TRY(r.string());
  reply.isolation_why = FB_TRY(r.string());
  const size_t pieces = FB_TRY(r.count());
  for (size_t i = 0; i < pieces; ++i) {
    TextPiece piece;
    piece.is_stderr = FB_TRY(r.boolean());
    piece.text = FB_TRY(r.string());
    reply.lines.push_back(std::move(piece));
  }
  FB_TRY(r.finish());
  return reply;
}

}  // namespace fb::cli
