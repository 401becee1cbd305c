// interface(), tcp(), http(), ready(), op(): the parts of a service (spec §3, §9).
#include "core/base/text.h"
#include "core/model/address.h"
#include "starlark/spec/parts.h"
#include "starlark/spec/service_value.h"
#include "starlark/spec/words.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb::spec {

using starlark::BuiltinDef;
using starlark::HostType;
using starlark::Param;
namespace types = starlark::types;

constexpr HostType kHealthcheckType{.name = "healthcheck",
                                    .doc = "How a service shows that it is ready."};
constexpr HostType kOpType{.name = "op", .doc = "A named group of syscalls of a service."};

std::string HealthcheckValue::str() const {
  switch (check.kind) {
    case HealthCheck::Kind::kTcp:
      return fmt::format("<healthcheck tcp://{}>", check.target);
    case HealthCheck::Kind::kHttp:
      return fmt::format("<healthcheck {}>", check.target);
    case HealthCheck::Kind::kProtocol:
    case HealthCheck::Kind::kNone:
      break;
  }
  return check.target.empty() ? "<healthcheck ready>"
                              : fmt::format("<healthcheck ready {}>", check.target);
}

std::string OpValue::str() const {
  std::string out = "<op ";
  if (!op.name.empty()) out += op.name + " ";
  out += "syscalls=[";
  for (size_t i = 0; i < op.syscalls.size(); ++i) out += (i == 0 ? "" : " ") + op.syscalls[i];
  out += "]";
  if (op.path) out += " path=" + op.path->text();
  return out + ">";
}

namespace {

constexpr Param kTimeout{.name = "timeout",
                         .types = types::kString,
                         .fallback = "10s",
                         .doc = "How long the service may take to become ready."};

Outcome make_check(Call& call, HealthCheck::Kind kind, std::string target, size_t timeout) {
  HealthCheck check{.kind = kind,
                    .target = std::move(target),
                    .timeout = FB_TRY(parse_duration(call.text(timeout)))};
  return call.heap().make<HealthcheckValue>(std::move(check));
}

constexpr Param kInterfaceParams[] = {
    {.name = "name", .types = types::kString, .doc = "How the spec calls it: `svc.<name>`."},
    {.name = "protocol", .types = types::kString, .doc = "One of the protocols of steps."},
    {.name = "port", .types = types::kInt, .doc = "1 to 65535."},
    {.name = "spec",
     .types = types::kString | types::kNone,
     .fallback = nullptr,
     .doc = "For grpc: a binary FileDescriptorSet, relative to the spec."}};

Outcome run_interface(Call& call) {
  InterfaceSpec spec;
  spec.name = call.text(0);
  spec.protocol = call.text(1);
  if (spec.name.empty()) return Raised("the name is empty");
  if (spec.name == "name") return Raised("an interface cannot be called \"name\"");
  std::vector<std::string> known;
  for (std::string_view name : protocol_names()) known.emplace_back(name);
  if (std::find(known.begin(), known.end(), spec.protocol) == known.end()) {
    return Raised(unknown("protocol", spec.protocol, known));
  }
  const auto port = call[2].as_int64();
  if (!port || *port < 1 || *port > 65535) {
    return Raised(fmt::format("port {} is not in 1..65535", starlark::str(call[2])));
  }
  spec.port = static_cast<uint16_t>(*port);
  if (call.given(3)) {
    spec.spec = call.text(3);
    if (spec.protocol == "grpc") {
      Session& session = session_of(call);
      FB_TRY(session.files.canonical(session.beside_spec(spec.spec, call.location().file)));
    }
  }
  return call.heap().make<InterfaceValue>(std::move(spec));
}

Fallible<bool> check_address(std::string_view text) {
  const HostPort parts = FB_TRY(split_host_port(text));
  if (!parts.port) return Raised("a port is needed in " + quote(text));
  return true;
}

constexpr Param kTcpParams[] = {
    {.name = "address", .types = types::kString, .doc = "\"host:port\"."}, kTimeout};

Outcome run_tcp(Call& call) {
  FB_TRY(check_address(call.text(0)));
  return make_check(call, HealthCheck::Kind::kTcp, std::string(call.text(0)), 1);
}

constexpr Param kHttpParams[] = {
    {.name = "url", .types = types::kString, .doc = "\"host:port/path\"; http:// is assumed."},
    kTimeout};

Outcome run_http(Call& call) {
  std::string url(call.text(0));
  const size_t scheme = url.find("://");
  if (scheme == std::string::npos) {
    url = "http://" + url;
  } else if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return Raised(fmt::format("malformed URL \"{}\": want http:// or https://", url));
  }
  const size_t host = url.find("://") + 3;
  const std::string authority = url.substr(host, url.find_first_of("/?", host) - host);
  if (authority.find(':') != std::string::npos) {
    FB_TRY(check_address(authority));
  } else if (authority.empty()) {
    return Raised(fmt::format("malformed URL \"{}\": the host is missing", url));
  }
  return make_check(call, HealthCheck::Kind::kHttp, std::move(url), 1);
}

constexpr Param kReadyParams[] = {
    {.name = "interface",
     .types = types::kString | types::kNone,
     .fallback = nullptr,
     .doc = "Name of the interface; default the sole one, `default`, else the first."},
    kTimeout};

Outcome run_ready(Call& call) {
  return make_check(call, HealthCheck::Kind::kProtocol,
                    std::string(call.given(0) ? call.text(0) : ""), 1);
}

constexpr Param kOpParams[] = {
    {.name = "syscalls", .types = types::kList | types::kTuple, .doc = "Syscalls or families."},
    {.name = "path",
     .types = types::kString | types::kNone,
     .fallback = nullptr,
     .doc = "Path pattern the calls must match."}};

Outcome run_op(Call& call) {
  OperationSpec op;
  op.syscalls = FB_TRY(read_strings(call, 0));
  if (op.syscalls.empty()) return Raised("syscalls is empty");
  for (const std::string& name : op.syscalls) {
    for (SyscallId id : FB_TRY(read_syscalls(name, session_of(call).syscall_exists))) {
      if (cannot_be_faulted(id)) return Raised(fmt::format("{} cannot be faulted", name));
    }
  }
  if (call.given(1)) op.path = FB_TRY(PathPattern::parse(call.text(1)));
  return call.heap().make<OpValue>(std::move(op));
}

}  // namespace

constexpr BuiltinDef kHttp{"http", kHttpParams, "Ready when a GET answers 200 to 399.", run_http,
                           "healthcheck"};
constexpr BuiltinDef kInterface{"interface", kInterfaceParams,
                                "An address of a service and the protocol spoken there.",
                                run_interface, "interface"};
constexpr BuiltinDef kOp{"op", kOpParams, "A group of syscalls that service(ops=) gives a name.",
                         run_op, "op"};
constexpr BuiltinDef kReady{"ready", kReadyParams,
                            "Ready when the protocol of an interface answers.", run_ready,
                            "healthcheck"};
constexpr BuiltinDef kTcp{"tcp", kTcpParams,
                          "Ready when the service has accepted a TCP connection.", run_tcp,
                          "healthcheck"};

}  // namespace fb::spec
