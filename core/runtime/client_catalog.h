// Protocol steps, as the spec calls them: `api.main.post(path="/pay", body="x")`. proxies/
// implements the catalog; the spec words bind arguments by it and core/run asks it for readiness. A
// failed exchange is a response with `ok` false, never an Error, unless the method says so.
#pragma once
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/model/address.h"
#include "core/model/ids.h"
#include "core/model/protocol_rule.h"
#include "core/runtime/net.h"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fb {

// A parameter of a step method, in positional order.
struct StepParameter {
  enum class Type { kString, kInt, kBool, kStringMap, kAny };
  std::string_view name;
  Type type = Type::kString;
  bool required = false;
  std::string_view default_json;  // "" when required; else JSON: "\"/\"", "{}", "0"
};

struct StepMethod {
  std::string_view name;
  std::span<const StepParameter> parameters;
  Duration limit;               // when timeout= is not given
  bool returns_string = false;  // tcp.send: the result is a str, and a failure raises
  std::string_view doc;
};

struct StepCall {
  ActorId actor;
  Address to;
  std::string protocol, method;
  std::map<std::string, std::string> arguments_json;  // every parameter, as JSON text
  std::map<std::string, std::string> service_env;     // defaults such as POSTGRES_USER
  std::optional<Duration> timeout;
  bool operator==(const StepCall&) const = default;
};

struct StepResponse {
  bool ok = false;
  int status = 0;
  std::string body;
  std::string error;      // "" when there is none
  std::string data_json;  // `.data` when it is not simply the parsed body
  std::vector<std::pair<std::string, std::string>> headers;  // lower-case names
};

class ClientCatalog {
 public:
  virtual ~ClientCatalog() = default;
  // The methods of a protocol, sorted by name; empty for one without steps.
  virtual std::span<const StepMethod> methods(std::string_view protocol) const = 0;
  // In a fiber. Code::kCancelled when the fiber is being unwound is not reported: it unwinds.
  virtual StepResponse call(Net& net, const StepCall& call) = 0;
  // In a fiber: one readiness exchange of spec §7.3. The error says what was missing ("LOADING",
  // "status 503").
  virtual Status probe(Net& net, std::string_view protocol, const Address& to, Duration limit) = 0;
  // What a proxy of the protocol cannot do of the rule, over what check_protocol_rule() says: a
  // body that does not fit, a protocol without a proxy.
  virtual Status check_rule(std::string_view protocol, const ProtocolRule& rule) const = 0;
  // In a fiber: GET `url` ("http://host:port/path"), ready on 200–399.
  virtual Status probe_http(Net& net, std::string_view url, Duration limit) = 0;
};

}  // namespace fb
