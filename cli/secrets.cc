#include "cli/secrets.h"

namespace fb::cli {

SpecSecrets secrets_of(const spec::Spec& spec) {
  SpecSecrets secrets;
  for (const ServiceSpec& service : spec.topology().services)
    secrets.environments.push_back(service.env);
  secrets.strings = spec.defaults().redact;
  return secrets;
}

Redaction redaction_of(const TestOptions& options, const Invocation& invocation,
                       SpecSecrets secrets) {
  if (!options.redact) return Redaction::none();
  secrets.environments.push_back(invocation.environment);
  return Redaction::of(secrets.environments, secrets.strings);
}

}  // namespace fb::cli
