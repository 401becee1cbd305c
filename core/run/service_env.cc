#include "core/run/service_env.h"

#include <algorithm>

namespace fb {
namespace {

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

std::string portable(std::string name) {
  for (char& c : name)
    if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) c = '_';
  return name;
}

}  // namespace

EnvMap address_variables(const Topology& topology) {
  EnvMap env;
  for (const ServiceSpec& service : topology.services) {
    for (const InterfaceSpec& interface : service.interfaces) {
      const std::string prefix = "FAULTBOX_" + upper(service.name) + "_" + upper(interface.name);
      const std::string port = std::to_string(interface.port);
      for (const std::string& name : {prefix, portable(prefix)}) {
        env[name + "_HOST"] = "localhost";
        env[name + "_PORT"] = port;
        env[name + "_ADDR"] = "localhost:" + port;
      }
    }
  }
  return env;
}

EnvMap service_environment(const EnvMap& inherited, const Topology& topology,
                           const ServiceSpec& service, const std::string& private_directory) {
  EnvMap env = inherited;
  for (auto& [name, value] : address_variables(topology)) env[name] = value;
  env["FAULTBOX_DIR"] = private_directory;
  for (const auto& [name, value] : service.env) env[name] = value;
  return env;
}

}  // namespace fb
