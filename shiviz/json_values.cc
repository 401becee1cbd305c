#include "shiviz/json_values.h"

#include "shiviz/timestamp.h"

#include <map>

namespace fb {

namespace {

// "Empty optional members are left out."
void put_if(Json& object, const char* key, const std::string& value) {
  if (!value.empty()) object[key] = value;
}

template <class Members>
Json object_of(const Members& members) {
  Json object = Json::object();
  for (const auto& [key, value] : members) object[std::string(key)] = value;
  return object;
}

int64_t wall_time(const Event& event, const TestResult& test) {
  // Unsigned, so that a nonsensical record is shown wrong instead of being undefined.
  return static_cast<int64_t>(static_cast<uint64_t>(test.started_unix_ns) +
                              static_cast<uint64_t>(event.time.ns));
}

Json event_or_seq(uint64_t seq, const TestResult& test) {
  if (const Event* event = test.event_of(seq)) return json_of(*event, test);
  Json json;
  json["seq"] = seq;
  return json;
}

}  // namespace

Json json_of(const Event& event, const TestResult& test) {
  Json json;
  json["seq"] = event.seq;
  json["timestamp"] = rfc3339_utc(wall_time(event, test));
  json["type"] = event_type_name(event.type);
  json["event_type"] = event.event_type();
  put_if(json, "partition_key", event.service);
  put_if(json, "service", event.service);
  json["fields"] = object_of(event.fields);
  std::map<std::string, uint64_t> clock;
  for (const auto& [host, count] : event.clock.entries()) clock[test.host_name(host)] = count;
  if (!clock.empty()) json["vector_clock"] = clock;
  if (!event.causes.empty()) {
    Json causes = Json::array();
    for (const uint64_t seq : event.causes) causes.push_back(seq);
    json["causes"] = std::move(causes);
  }
  return json;
}

Json json_of(const Diagnostic& diagnostic) {
  Json json;
  json["level"] = level_name(diagnostic.level);
  json["code"] = diagnostic.code;
  json["message"] = diagnostic.message;
  json["suggestion"] = diagnostic.suggestion;
  put_if(json, "service", diagnostic.service);
  put_if(json, "syscall", diagnostic.syscall);
  if (!diagnostic.events.empty()) json["events"] = diagnostic.events;
  put_if(json, "position", diagnostic.position);
  return json;
}

Json json_of(const FaultReport& fault) {
  Json json;
  json["service"] = fault.service;
  json["syscall"] = fault.syscall;
  json["action"] = fault.action;
  if (fault.action == "deny") json["errno"] = fault.error_name;
  json["hits"] = fault.hits;
  json["label"] = fault.label;
  put_if(json, "op", fault.op);
  put_if(json, "duration", fault.duration);
  put_if(json, "path", fault.path);
  put_if(json, "destination", fault.destination);
  put_if(json, "probability", fault.probability);
  put_if(json, "trigger", fault.trigger);
  json["matched"] = fault.matched;
  put_if(json, "rule", fault.rule);
  if (!fault.filter.empty()) json["filter"] = fault.filter;
  return json;
}

Json json_of(const ProtocolFaultReport& fault) {
  Json json;
  json["service"] = fault.service;
  json["interface"] = fault.interface;
  json["protocol"] = fault.protocol;
  json["action"] = fault.action;
  json["match"] = object_of(fault.match);
  put_if(json, "source", fault.source);
  put_if(json, "label", fault.label);
  json["matched"] = fault.matched;
  json["hits"] = fault.hits;
  return json;
}

Json json_of(const std::map<std::string, SyscallCounts>& summary) {
  Json json = Json::object();
  for (const auto& [service, counts] : summary) {
    Json entry;
    entry["total"] = counts.total;
    entry["faulted"] = counts.faulted;
    entry["breakdown"] = counts.breakdown;
    json[service] = std::move(entry);
  }
  return json;
}

Json json_of(const ErrorDetail& detail, const TestResult& test) {
  Json json;
  json["assertion_type"] = detail.assertion_type;
  json["message"] = detail.message;
  put_if(json, "builtin", detail.builtin);
  put_if(json, "position", detail.position);
  if (!detail.backtrace.empty()) json["backtrace"] = detail.backtrace;
  if (!detail.closest.empty()) {
    Json closest = Json::array();
    for (const ClosestEvent& near : detail.closest) {
      Json entry = event_or_seq(near.seq, test);
      entry["failed"] = near.failed;
      closest.push_back(std::move(entry));
    }
    json["closest"] = std::move(closest);
  }
  if (detail.event) {
    json["event"] = event_or_seq(*detail.event, test);
  }
  if (!detail.also.empty()) json["also"] = detail.also;
  return json;
}

Json json_of(const ServiceReport& service) {
  Json json;
  json["name"] = service.name;
  if (service.exit_code) json["exit_code"] = *service.exit_code;
  if (service.signal) json["signal"] = *service.signal;
  return json;
}

Json json_of(const HeldReport& held) {
  Json json;
  json["service"] = held.service;
  json["syscall"] = held.syscall;
  put_if(json, "path", held.path);
  json["tag"] = held.tag;
  json["seq"] = held.seq;
  json["pid"] = held.pid;
  json["age"] = held.age_ms;
  return json;
}

}  // namespace fb
