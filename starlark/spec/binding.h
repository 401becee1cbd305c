// A file-level name of a spec that code in another file can load.
#pragma once
#include "core/model/ids.h"

#include <optional>
#include <string>

namespace fb::spec {

struct Binding {
  std::string variable;
  std::string file;  // as shown in messages
  std::optional<ServiceId> service;
  std::string scenario;  // the test that scenario(VARIABLE) made; empty: none
};

}  // namespace fb::spec
