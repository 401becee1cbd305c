#include "starlark/spec/check.h"

#include "core/base/text.h"
#include "starlark/spec/literal_check.h"
#include "starlark/spec/suite_check.h"

#include <fmt/format.h>

namespace fb::spec {
namespace {

void check_origins(const CheckInput& input, std::vector<Diagnostic>& found) {
  const auto& services = input.session.topology.services;
  for (size_t i = 0; i < services.size(); ++i) {
    const ServiceSpec& service = services[i];
    std::string missing;
    if (!service.binary.empty() && input.find_binary) {
      const Result<std::string> binary = input.find_binary(service);
      if (!binary.ok()) missing = binary.error().message;
    }
    if (!service.build.empty()) {
      const Result<std::string> context = input.session.files.canonical(
          input.session.beside_spec(service.build, input.session.declared[i].file));
      if (!context.ok()) missing = "build context " + context.error().message;
    }
    if (missing.empty()) continue;
    found.push_back({.level = Diagnostic::Level::kWarning,
                     .code = "LAUNCH_FAILED",
                     .message = missing,
                     .suggestion = "the service cannot start until this exists",
                     .service = service.name,
                     .position = input.session.declared[i].str()});
  }
}

// R(s) of each service, as information.
void tell_recorded(const CheckInput& input, std::vector<Diagnostic>& found) {
  const auto& services = input.session.topology.services;
  for (size_t i = 0; i < services.size(); ++i) {
    std::vector<std::string> names;
    for (SyscallId id : services[i].recorded.list()) names.emplace_back(row_of(id).name);
    found.push_back(
        {.level = Diagnostic::Level::kInfo,
         .code = "RECORDED_SET",
         .message = names.empty()
                        ? fmt::format("no call of \"{}\" is recorded", services[i].name)
                        : fmt::format("recorded of \"{}\": {}", services[i].name, join(names, " ")),
         .service = services[i].name,
         .position = input.session.declared[i].str()});
  }
}

}  // namespace

std::vector<Diagnostic> check_spec(const CheckInput& input) {
  std::vector<Diagnostic> found;
  for (const SpecFile& file : input.files) {
    for (Diagnostic& diagnostic : LiteralCheck(input.session, input.thread, file).run()) {
      found.push_back(std::move(diagnostic));
    }
  }
  check_origins(input, found);
  check_suite(input, found);
  tell_recorded(input, found);
  return found;
}

}  // namespace fb::spec
