// What `faultbox generate` needs to know of a spec: its services and scenarios, under the names by
// which other files can load them.
#pragma once
#include "core/base/result.h"
#include "core/model/topology.h"
#include "core/run/test_result.h"

#include <map>
#include <string>
#include <vector>

namespace fb::cli {

struct Loadable {
  std::string variable;
  std::string file;  // canonical path
  bool operator==(const Loadable&) const = default;
};

struct SpecOutline {
  std::string spec;       // as the user gave it
  std::string spec_file;  // canonical path
  Topology topology;
  std::vector<std::string> scenarios;                      // without test_, in the spec's order
  std::map<uint16_t, Loadable> services;                   // by ServiceId; others have no name
  std::map<std::string, Loadable, std::less<>> functions;  // by scenario; others have no name
  std::vector<std::string> service_names() const { return topology.names(); }
};

// Evaluates the spec. Error: it does not load; the message is the whole report.
Result<SpecOutline> outline_spec(const std::string& path);

}  // namespace fb::cli
