// The binary forms of a Plan and an ExecutionRecord, for the way between the campaign and the
// worker that runs executions. A reader believes nothing: anything but a whole value is an Error.
#pragma once
#include "core/base/result.h"
#include "core/base/wire.h"
#include "core/sched/execution_record.h"
#include "core/sched/world.h"

#include <string>
#include <string_view>

namespace fb {

std::string encode_plan(const Plan& plan);
Result<Plan> decode_plan(std::string_view bytes);

std::string encode_record(const ExecutionRecord& record);
Result<ExecutionRecord> decode_record(std::string_view bytes);

// Their parts, for others who write such things down.
void write_actor(WireWriter& out, const ActorId& actor);
Result<ActorId> read_actor(WireReader& in);
void write_choice(WireWriter& out, const Choice& choice);
Result<Choice> read_choice(WireReader& in);
void write_footprint(WireWriter& out, const Footprint& footprint);
Result<Footprint> read_footprint(WireReader& in);

}  // namespace fb
