#include "shiviz/json_exploration.h"

namespace fb {

namespace {

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json shrunk_of(const ExplorationReport& exploration) {
  if (!exploration.shrunk) return nullptr;
  Json json;
  json["context_switches"] = exploration.shrunk->context_switches;
  json["operations"] = exploration.shrunk->operations;
  json["faults"] = exploration.shrunk->faults;
  json["operations_total"] = exploration.shrunk->operations_total;
  return json;
}

Json outcomes_of(const ExplorationReport& exploration) {
  Json outcomes = Json::array();
  for (const auto& outcome : exploration.outcomes) {
    Json json;
    json["key"] = outcome.key;
    json["executions"] = outcome.executions;
    json["example_schedule"] = outcome.example_schedule;
    outcomes.push_back(std::move(json));
  }
  return outcomes;
}

Json race_of(const ExplorationReport& exploration) {
  Json race = Json::array();
  for (const auto& access : exploration.race) {
    Json json;
    json["actor"] = access.actor;
    json["call"] = access.call;
    json["object"] = access.object;
    json["access"] = access.writes ? "write" : "read";
    json["value"] = access.value;
    json["remark"] = access.remark;
    if (access.seq != 0) json["seq"] = access.seq;
    race.push_back(std::move(json));
  }
  return race;
}

}  // namespace

Json json_of(const ExplorationReport& exploration) {
  const double rate = exploration.seconds > 0
                          ? static_cast<double>(exploration.executions) / exploration.seconds
                          : 0.0;
  Json json;
  json["mode"] = exploration.mode;
  json["strategy"] = exploration.strategy;
  json["level"] = exploration.level;
  json["executions"] = exploration.executions;
  json["traces"] = exploration.traces;
  json["complete"] = exploration.complete;
  json["blocked"] = exploration.blocked;
  json["merged"] = exploration.merged;
  json["symmetric"] = exploration.symmetric;
  json["stuttered"] = exploration.stuttered;
  json["exhausted"] = exploration.exhausted;
  json["budget"] = or_null(exploration.budget);
  json["decisions_max"] = exploration.decisions_max;
  json["actors_max"] = exploration.actors_max;
  json["preemptions_min"] = or_null(exploration.preemptions_min);
  json["conservative"] = exploration.conservative;
  json["deadlocks"] = exploration.deadlocks;
  json["failures"] = exploration.failures;
  json["first_failure"] = or_null(exploration.first_failure);
  json["outcomes"] = outcomes_of(exploration);
  json["replayed"] = text_or_null(exploration.replayed);
  json["shrunk"] = shrunk_of(exploration);
  json["novelty"] = or_null(exploration.novelty);
  json["shard"] = text_or_null(exploration.shard);
  json["seconds"] = exploration.seconds;
  json["executions_per_second"] = rate;
  if (!exploration.trace_hash.empty()) json["trace_hash"] = exploration.trace_hash;
  // What explains a counterexample: additive.
  if (!exploration.race.empty()) json["race"] = race_of(exploration);
  if (!exploration.critical_decision.empty()) {
    json["critical_decision"] = exploration.critical_decision;
  }
  if (!exploration.passing_schedule.empty()) {
    json["passing_schedule"] = exploration.passing_schedule;
  }
  if (!exploration.first_difference.empty()) {
    json["first_difference"] = exploration.first_difference;
  }
  return json;
}

}  // namespace fb
