// Which secrets a run knows (spec §22): those of our environment, of the services' environments and
// of options(redact=).
#pragma once
#include "cli/invocation.h"
#include "cli/test_options.h"
#include "core/run/redaction.h"
#include "starlark/spec/spec.h"

#include <string>
#include <vector>

namespace fb::cli {

struct SpecSecrets {
  std::vector<Redaction::Environment> environments;  // of the services
  std::vector<std::string> strings;
};
SpecSecrets secrets_of(const spec::Spec& spec);

// With --no-redact nothing is hidden. Before the spec is loaded its secrets are not known.
Redaction redaction_of(const TestOptions& options, const Invocation& invocation,
                       SpecSecrets secrets = {});

}  // namespace fb::cli
