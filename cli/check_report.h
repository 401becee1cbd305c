// The findings of `faultbox check`, as text and as JSON (cli.md §4). Pure.
#pragma once
#include "core/model/topology.h"
#include "core/run/test_result.h"
#include "core/trace/colour.h"

#include <string>
#include <vector>

namespace fb::cli {

struct CheckReport {
  std::string file;
  std::vector<Diagnostic> diagnostics;  // error, warning, info
  std::vector<std::string> tests;       // names
  std::vector<ServiceSpec> services;
};

// `FILE:LINE:COL: LEVEL CODE: MESSAGE` and an indented hint, per finding.
std::string check_text(const CheckReport& report, Colour colour);
// {version, file, ok, diagnostics, tests, services}
std::string check_json(const CheckReport& report);

}  // namespace fb::cli
