#include "cli/init/compose_spec.h"

#include "cli/identifier.h"
#include "cli/init/protocol_guess.h"
#include "core/base/text.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <re2/re2.h>
#include <set>

namespace fb::cli {
namespace {

constexpr Duration kDefaultReadiness = std::chrono::seconds(10);

struct Interface {
  std::string name, protocol;
  uint16_t port = 0;
};

// Which interfaces a service has. The image's protocol is that of its usual port, or of its first
// one when that is not listed; other ports have the protocol usual for them, else http.
std::vector<Interface> interfaces_of(const ComposeService& service, bool& known) {
  const std::optional<KnownProtocol> image = protocol_of_image(service.image);
  std::vector<uint16_t> ports = service.ports;
  if (ports.empty() && image) ports.push_back(image->port);
  if (image) {
    const auto usual = std::find(ports.begin(), ports.end(), image->port);
    if (usual != ports.end()) std::rotate(ports.begin(), usual, usual + 1);
  }
  std::vector<Interface> out;
  for (uint16_t port : ports) {
    std::optional<KnownProtocol> protocol = protocol_of_port(port);
    if (image && (out.empty() || image->protocol == "http")) protocol = image;
    if (out.empty()) known = protocol.has_value();
    Interface interface {
      protocol ? std::string(protocol->interface) : "http",
          protocol ? std::string(protocol->protocol) : "http", port
    };
    if (!out.empty()) interface.name = fmt::format("{}_{}", out.front().name, port);
    out.push_back(std::move(interface));
  }
  return out;
}

std::string timeout_argument(Duration timeout) {
  return timeout == kDefaultReadiness ? "" : ", timeout = " + quote(format_duration(timeout));
}

struct Readiness {
  std::string expression;  // empty: none
  std::string comment;
};

Readiness readiness_of(const ComposeService& service, const std::vector<Interface>& interfaces,
                       bool known) {
  if (interfaces.empty()) return {"", service.healthcheck ? "the healthcheck needs a port" : ""};
  const Interface& main = interfaces.front();
  const std::string tcp = fmt::format("tcp(\"localhost:{}\"", main.port);
  if (!service.healthcheck) {
    if (known) return {fmt::format("ready({})", quote(main.name)), ""};
    return {tcp + ")", ""};
  }
  const std::string timeout =
      timeout_argument(std::max(service.healthcheck->timeout, kDefaultReadiness));
  if (service.healthcheck->disabled)
    return {tcp + timeout + ")", "healthcheck: disabled in the compose file"};
  const std::string& test = service.healthcheck->test;
  static const RE2 url_form(R"((https?)://[^\s/:'"|;)]+(?::(\d+))?(/[^\s'"|;)]*)?)");
  static const RE2 fetcher(R"((^|[\s/'"])(curl|wget)\b)");
  std::string scheme, port, path;
  if (RE2::PartialMatch(test, fetcher) &&
      RE2::PartialMatch(test, url_form, &scheme, &port, &path)) {
    if (port.empty()) port = scheme == "https" ? "443" : "80";
    const std::string url = fmt::format("{}localhost:{}{}", scheme == "https" ? "https://" : "",
                                        port, path.empty() ? "/" : path);
    return {fmt::format("http({}{})", quote(url), timeout), ""};
  }
  static const RE2 asks_protocol(
      R"(pg_isready|redis-cli\b.*\bping|valkey-cli\b.*\bping|mysqladmin\b.*\bping|mariadb-admin\b.*\bping|\bmongo(sh)?\b.*\bping|rabbitmq-diagnostics|rabbitmqctl)");
  static const RE2 case_blind("(?i)" + asks_protocol.pattern());
  if (test.empty() ? known : RE2::PartialMatch(test, case_blind))
    return {fmt::format("ready({}{})", quote(main.name), timeout), ""};
  if (test.empty()) return {tcp + timeout + ")", ""};
  return {tcp + timeout + ")", "healthcheck was: " + one_line(test)};
}

std::string list_text(const std::vector<std::string>& items) {
  std::vector<std::string> quoted;
  for (const std::string& item : items) quoted.push_back(quote(item));
  return "[" + join(quoted, ", ") + "]";
}

std::string led_through(const std::string& path, const std::string& to_compose) {
  if (to_compose.empty() || path.starts_with('/') || path.starts_with('~')) return path;
  return (std::filesystem::path(to_compose) / path).lexically_normal().string();
}

class Writer {
 public:
  Writer(const ComposeFile& file, std::string_view compose_path, const std::string& to_compose)
      : file_(file), to_compose_(to_compose) {
    for (const ComposeService& service : file.services) {
      std::string name = identifier(service.name);
      for (int i = 2; !taken_.insert(name).second; ++i)
        name = fmt::format("{}_{}", identifier(service.name), i);
      variables_.emplace(service.name, name);
    }
    out_.spec = fmt::format(
        "# Made from {} by `faultbox init --from-compose`.\n"
        "#   faultbox check FILE.star    validate it\n"
        "#   faultbox test FILE.star     run the tests (needs a Docker engine)\n"
        "#   faultbox generate FILE.star make failure tests of the scenario\n",
        one_line(compose_path));
    for (const std::string& key : file.not_carried_over) drop(key, key);
  }

  ComposeImport write() {
    for (const ComposeService& service : file_.services) write_service(service);
    write_tests();
    return std::move(out_);
  }

 private:
  void drop(const std::string& what, const std::string& listed) {
    out_.spec += fmt::format("# not carried over: {}\n", one_line(what));
    out_.not_carried_over.push_back(listed);
  }

  void write_service(const ComposeService& service) {
    out_.services.push_back(service.name);
    bool known = false;
    const std::vector<Interface> interfaces = interfaces_of(service, known);
    const Readiness readiness = readiness_of(service, interfaces, known);
    std::string& text = out_.spec;
    text += "\n";
    for (const std::string& key : service.not_carried_over) drop(key, service.name + ": " + key);
    std::map<std::string, std::string> volumes;
    std::vector<std::string> volume_order;
    for (const ComposeMount& mount : service.mounts) {
      if (mount.source.empty()) {
        text += fmt::format("# volume {}{}: fresh for every test\n",
                            mount.volume.empty() ? "" : one_line(mount.volume) + " at ",
                            one_line(mount.target));
        continue;
      }
      const std::string host = led_through(mount.source, to_compose_);
      if (!volumes.emplace(host, mount.target + (mount.read_only ? ":ro" : "")).second) {
        drop("volumes " + mount.target,
             service.name + ": volumes " + mount.target + " (a second mount of " + host + ")");
        continue;
      }
      volume_order.push_back(host);
    }
    if (!readiness.comment.empty()) text += fmt::format("# {}\n", readiness.comment);
    const std::string& variable = variables_.at(service.name);
    text += fmt::format("{} = service({},\n", variable, quote(service.name));
    for (const Interface& interface : interfaces)
      text += fmt::format("    interface({}, {}, {}),\n", quote(interface.name),
                          quote(interface.protocol), interface.port);
    if (service.build.empty())
      text += fmt::format("    image = {},\n", quote(service.image));
    else
      text += fmt::format("    build = {},\n", quote(led_through(service.build, to_compose_)));
    if (!service.command.empty())
      text += fmt::format("    args = {},\n", list_text(service.command));
    if (!service.environment.empty()) {
      text += "    env = {\n";
      for (const auto& [key, value] : service.environment)
        text += fmt::format("        {}: {},\n", quote(key), quote(value));
      text += "    },\n";
    }
    if (!volume_order.empty()) {
      text += "    volumes = {\n";
      for (const std::string& host : volume_order)
        text += fmt::format("        {}: {},\n", quote(host), quote(volumes.at(host)));
      text += "    },\n";
    }
    if (!service.depends_on.empty()) {
      std::vector<std::string> names;
      for (const std::string& name : service.depends_on) names.push_back(variables_.at(name));
      text += fmt::format("    depends_on = [{}],\n", join(names, ", "));
    }
    if (!readiness.expression.empty())
      text += fmt::format("    healthcheck = {},\n", readiness.expression);
    text += ")\n";
    if (interfaces.empty()) return;
    // With several interfaces a step needs to say which.
    const std::string target =
        interfaces.size() == 1 ? variable : variable + "." + interfaces.front().name;
    probes_.push_back({&service, probe_of(interfaces.front().protocol, target),
                       interfaces.front().protocol == "http"});
  }

  // The service a first failure test strikes: that with most dependencies, or the first http one.
  const ComposeService* struck() const {
    const ComposeService* best = nullptr;
    for (const ComposeService& service : file_.services) {
      if (service.depends_on.empty()) continue;
      if (best == nullptr || service.depends_on.size() > best->depends_on.size()) best = &service;
    }
    if (best != nullptr) return best;
    for (const Probe& probe : probes_)
      if (probe.http) return probe.service;
    return file_.services.empty() ? nullptr : &file_.services.front();
  }

  void write_tests() {
    std::string& text = out_.spec;
    text += "\ndef test_happy_path():\n";
    bool any = false;
    for (const ComposeService& service : file_.services) {
      const std::string probe = probe_for(service);
      if (probe.empty()) {
        text += fmt::format("    # {}: say here how a client uses it\n", one_line(service.name));
      } else {
        text += fmt::format("    assert_true({})\n", probe);
        any = true;
      }
    }
    if (!any) text += "    pass\n";
    text += "\nscenario(test_happy_path)\n";
    const ComposeService* service = struck();
    if (service == nullptr) return;
    const std::string probe = probe_for(*service);
    text += "\ndef test_write_failure():\n";
    if (probe.empty()) {
      text += fmt::format("    fault({}, write = deny(\"EIO\"), run = test_happy_path)\n",
                          variables_.at(service->name));
      return;
    }
    text += fmt::format(
        "    def body():\n"
        "        answered = {}\n"
        "        # What must hold when {} cannot write? For example:\n"
        "        # assert_true(not answered, \"the error was not noticed\")\n"
        "    fault({}, write = deny(\"EIO\"), run = body)\n",
        probe, one_line(service->name), variables_.at(service->name));
  }

  struct Probe {
    const ComposeService* service;
    std::string expression;
    bool http;
  };
  std::string probe_for(const ComposeService& service) const {
    for (const Probe& probe : probes_)
      if (probe.service == &service) return probe.expression;
    return "";
  }

  const ComposeFile& file_;
  const std::string& to_compose_;
  std::map<std::string, std::string> variables_;
  std::set<std::string> taken_;
  std::vector<Probe> probes_;
  ComposeImport out_;
};

}  // namespace

ComposeImport import_compose(const ComposeFile& file, std::string_view compose_path,
                             const std::string& to_compose) {
  return Writer(file, compose_path, to_compose).write();
}

}  // namespace fb::cli
