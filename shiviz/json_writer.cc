#include "shiviz/json_writer.h"

#include "shiviz/event_json.h"
#include "shiviz/json_exploration.h"
#include "shiviz/json_text.h"
#include "shiviz/json_values.h"

#include <vector>

namespace fb {

namespace {

constexpr int kSchemaVersion = 2;
// How much text is kept back before it is handed on.
constexpr size_t kPiece = size_t{1} << 18;

template <class T>
Json list_of(const std::vector<T>& values) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(json_of(value));
  return list;
}

// Written out: nlohmann's initializer lists guess between array and object.
Json pair_of(const char* key1, const std::string& value1, const char* key2,
             const std::string& value2) {
  Json json;
  json[key1] = value1;
  json[key2] = value2;
  return json;
}

Json restarts_of(const TestResult& test) {
  Json list = Json::array();
  for (const auto& [service, added] : test.restarts) {
    list.push_back(pair_of("service", service, "added", added));
  }
  return list;
}

void hand_on(std::string& out, const TextSink& sink) {
  sink(out);
  out.clear();
}

void append_test(const TestResult& test, std::string& out, int depth, const TextSink& sink) {
  JsonObjectText object(out, depth);
  object.member("name", test.name);
  object.member("result", verdict_name(test.result));
  if (!test.reason.empty()) object.member("reason", test.reason);
  if (!test.failure_type.empty()) object.member("failure_type", test.failure_type);
  object.member("seed", test.seed);
  object.member("duration_ms", test.duration_ms);
  if (!test.replay_command.empty()) object.member("replay_command", test.replay_command);
  if (test.error_detail) object.member("error_detail", json_of(*test.error_detail, test));
  object.member("faults", list_of(test.faults));
  object.member("syscall_summary", json_of(test.syscall_summary));
  object.member("diagnostics", list_of(test.diagnostics));
  EventJson events(test);
  object.array("events", test.events, [&](const Event& event, std::string& text, int at) {
    events.append(event, text, at);
    if (text.size() >= kPiece) hand_on(text, sink);
  });
  if (!test.protocol_faults.empty()) {
    object.member("protocol_faults", list_of(test.protocol_faults));
  }
  if (!test.restarts.empty()) object.member("restarts", restarts_of(test));
  if (!test.services.empty()) object.member("services", list_of(test.services));
  if (!test.held.empty()) object.member("held", list_of(test.held));
  if (!test.schedule.empty()) object.member("schedule", test.schedule);
  if (test.exploration) object.member("exploration", json_of(*test.exploration));
  if (test.run) object.member("run", *test.run);
  object.close();
}

}  // namespace

std::string JsonWriter::write(const SuiteResult& suite, const WriteOptions& options) const {
  std::string out;
  write_to(suite, options, [&](std::string_view piece) { out += piece; });
  return out;
}

void JsonWriter::write_to(const SuiteResult& suite, const WriteOptions& options,
                          const TextSink& sink) const {
  std::vector<const TestResult*> shown;
  for (const TestResult& test : suite.tests) {
    if (is_shown(test, options)) shown.push_back(&test);
  }
  std::string out;
  JsonObjectText object(out, 0);
  object.member("version", kSchemaVersion);
  object.member("star_file", suite.star_file);
  object.member("duration_ms", suite.duration_ms);
  object.member("pass", suite.count(Verdict::kPass));
  object.member("fail", suite.count(Verdict::kFail));
  object.array("tests", shown, [&](const TestResult* test, std::string& text, int at) {
    append_test(*test, text, at, sink);
  });
  object.member("cancelled", suite.count(Verdict::kCancelled));
  object.member("tool", pair_of("name", "faultbox", "version", suite.tool_version));
  object.member("seed", suite.seed);
  object.member("isolation", pair_of("mode", suite.isolation_mode, "why", suite.isolation_why));
  object.member("causality", suite.causality);
  object.member("jobs", suite.jobs);
  object.member("diagnostics", list_of(suite.diagnostics));
  object.close();
  out += '\n';
  hand_on(out, sink);
}

}  // namespace fb
