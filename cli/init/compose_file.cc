#include "cli/init/compose_file.h"

#include "cli/init/compose_ports.h"
#include "cli/init/shell_words.h"
#include "core/base/suggest.h"
#include "core/base/text.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <map>
#include <set>
#include <yaml-cpp/yaml.h>

namespace fb::cli {
namespace {

constexpr Duration kDefaultInterval = std::chrono::seconds(30);
constexpr int kDefaultRetries = 3;
constexpr Duration kLongest = std::chrono::hours(24);

using Entries = std::vector<std::pair<std::string, YAML::Node>>;

class Reader {
 public:
  explicit Reader(const ComposeSource& source) : source_(source) {}

  Result<ComposeFile> read(const YAML::Node& root) {
    if (!root.IsMap()) return at(root, "want a mapping with services");
    ComposeFile file;
    YAML::Node services;
    for (const auto& [key, value] : FB_TRY(entries(root))) {
      if (key == "services")
        services.reset(value);
      else if (key != "version" && key != "name" && key != "volumes" && !key.starts_with("x-"))
        file.not_carried_over.push_back(key);
    }
    if (!services.IsDefined() || !services.IsMap())
      return at(root, "there is no services: mapping");
    std::map<std::string, ComposeService> by_name;
    for (const auto& [name, node] : FB_TRY(entries(services))) {
      by_name[name] = FB_TRY(read_service(name, node));
      marks_.emplace(name, node.Mark());
    }
    file.services = FB_TRY(ordered(std::move(by_name)));
    return file;
  }

 private:
  Error at(const YAML::Mark& mark, std::string_view text) const {
    if (mark.is_null()) return invalid(fmt::format("{}: {}", source_.path, text));
    return invalid(fmt::format("{}:{}:{}: {}", source_.path, mark.line + 1, mark.column + 1, text));
  }
  Error at(const YAML::Node& node, std::string_view text) const { return at(node.Mark(), text); }

  // The entries of a mapping in the order of the file, merge keys (<<) followed; own ones win.
  Result<Entries> entries(const YAML::Node& node, int depth = 0) const {
    if (depth > 32) return at(node, "merge keys (<<) are nested too deeply");
    Entries own, merged;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) return at(entry.first, "a key is not a scalar");
      const std::string& key = entry.first.Scalar();
      if (key != "<<") {
        own.emplace_back(key, entry.second);
        continue;
      }
      for (const YAML::Node& parent : one_or_more(entry.second)) {
        if (!parent.IsMap()) return at(parent, "a merge key (<<) wants a mapping");
        for (auto& inherited : FB_TRY(entries(parent, depth + 1))) merged.push_back(inherited);
      }
    }
    for (auto& inherited : merged) {
      const auto same = [&](const auto& entry) { return entry.first == inherited.first; };
      if (std::none_of(own.begin(), own.end(), same)) own.push_back(std::move(inherited));
    }
    return own;
  }

  Result<std::string> scalar(const YAML::Node& node) const {
    if (node.IsNull()) return std::string();
    if (!node.IsScalar()) return at(node, "want a scalar");
    Result<std::string> text = interpolate(node.Scalar(), source_.environment);
    if (!text.ok()) return at(node, text.error().message);
    return text;
  }

  // The items of a list, or the node itself.
  static std::vector<YAML::Node> one_or_more(const YAML::Node& node) {
    if (!node.IsSequence()) return {node};
    std::vector<YAML::Node> items;
    for (const YAML::Node& item : node) items.push_back(item);
    return items;
  }

  // A scalar, or a list of them.
  Result<std::vector<std::string>> strings(const YAML::Node& node) const {
    std::vector<std::string> out;
    if (node.IsNull()) return out;
    if (!node.IsSequence()) return std::vector{FB_TRY(scalar(node))};
    for (const YAML::Node& item : node) out.push_back(FB_TRY(scalar(item)));
    return out;
  }

  Result<ComposeService> read_service(const std::string& name, const YAML::Node& node) {
    if (!node.IsMap()) return at(node, fmt::format("service {}: want a mapping", quote(name)));
    ComposeService service;
    service.name = name;
    std::vector<std::pair<std::string, std::string>> from_files;
    for (const auto& [key, value] : FB_TRY(entries(node))) {
      const Status read = read_key(service, from_files, key, value);
      if (!read.ok()) return read.error();
    }
    for (auto& entry : from_files) {
      const auto same = [&](const auto& own) { return own.first == entry.first; };
      if (std::none_of(service.environment.begin(), service.environment.end(), same))
        service.environment.push_back(std::move(entry));
    }
    if (service.image.empty() && service.build.empty())
      return at(node, fmt::format("service {} has neither image nor build", quote(name)));
    return service;
  }

  Status read_key(ComposeService& service,
                  std::vector<std::pair<std::string, std::string>>& from_files,
                  const std::string& key, const YAML::Node& value) {
    if (key == "image") {
      service.image = FB_TRY(scalar(value));
    } else if (key == "build") {
      FB_TRY(read_build(service, value));
    } else if (key == "ports" || key == "expose") {
      FB_TRY(read_ports(service, key, value));
    } else if (key == "environment") {
      FB_TRY(read_environment(service, value));
    } else if (key == "env_file") {
      FB_TRY(read_env_files(from_files, value));
    } else if (key == "depends_on") {
      service.depends_on =
          value.IsMap() ? names_of(FB_TRY(entries(value))) : FB_TRY(strings(value));
      std::sort(service.depends_on.begin(), service.depends_on.end());
    } else if (key == "command") {
      FB_TRY(read_command(service, value));
    } else if (key == "volumes") {
      FB_TRY(read_mounts(service, value));
    } else if (key == "healthcheck") {
      FB_TRY(read_healthcheck(service, value));
    } else if (!key.starts_with("x-")) {
      service.not_carried_over.push_back(key);
    }
    return {};
  }

  static std::vector<std::string> names_of(const Entries& entries) {
    std::vector<std::string> names;
    for (const auto& [name, node] : entries) names.push_back(name);
    return names;
  }

  Status read_build(ComposeService& service, const YAML::Node& value) {
    if (!value.IsMap()) {
      service.build = FB_TRY(scalar(value));
      return {};
    }
    service.build = ".";
    for (const auto& [key, part] : FB_TRY(entries(value))) {
      if (key == "context")
        service.build = FB_TRY(scalar(part));
      else
        service.not_carried_over.push_back("build." + key);
    }
    return {};
  }

  Status read_ports(ComposeService& service, const std::string& key, const YAML::Node& value) {
    if (value.IsNull()) return {};
    if (!value.IsSequence()) return at(value, key + ": want a list");
    for (const YAML::Node& item : value) {
      std::string text;
      if (item.IsMap()) {
        std::string target, protocol;
        for (const auto& [part, node] : FB_TRY(entries(item))) {
          if (part == "target") target = FB_TRY(scalar(node));
          if (part == "protocol") protocol = "/" + FB_TRY(scalar(node));
        }
        text = target + protocol;
      } else {
        text = FB_TRY(scalar(item));
      }
      Result<ContainerPorts> found = container_ports(text);
      if (!found.ok()) return at(item, found.error().message);
      if (found->udp) {
        service.not_carried_over.push_back(fmt::format("{} {} (UDP)", key, text));
        continue;
      }
      for (uint16_t port : found->ports) {
        if (std::find(service.ports.begin(), service.ports.end(), port) == service.ports.end())
          service.ports.push_back(port);
      }
    }
    return {};
  }

  // A key without a value takes it from our environment.
  void add_variable(ComposeService& service, const std::string& key,
                    std::optional<std::string> value) const {
    if (!value) {
      const auto known = source_.environment.find(key);
      if (known == source_.environment.end()) {
        service.not_carried_over.push_back(
            fmt::format("environment {} (it has no value here)", key));
        return;
      }
      value = known->second;
    }
    for (auto& [name, old] : service.environment) {
      if (name != key) continue;
      old = *value;
      return;
    }
    service.environment.emplace_back(key, *value);
  }

  Status read_environment(ComposeService& service, const YAML::Node& value) const {
    if (value.IsMap()) {
      for (const auto& [key, node] : FB_TRY(entries(value))) {
        if (node.IsNull())
          add_variable(service, key, std::nullopt);
        else
          add_variable(service, key, FB_TRY(scalar(node)));
      }
      return {};
    }
    for (const std::string& line : FB_TRY(strings(value))) {
      const size_t equals = line.find('=');
      if (equals == std::string::npos)
        add_variable(service, line, std::nullopt);
      else
        add_variable(service, line.substr(0, equals), line.substr(equals + 1));
    }
    return {};
  }

  Status read_env_files(std::vector<std::pair<std::string, std::string>>& out,
                        const YAML::Node& value) const {
    std::map<std::string, std::string> merged;
    for (const YAML::Node& item : one_or_more(value)) {
      std::string path;
      bool required = true;
      if (item.IsMap()) {
        for (const auto& [key, node] : FB_TRY(entries(item))) {
          if (key == "path") path = FB_TRY(scalar(node));
          if (key == "required") required = FB_TRY(scalar(node)) != "false";
        }
      } else {
        path = FB_TRY(scalar(item));
      }
      const Result<std::string> text = source_.read_file(path);
      if (!text.ok() && !required && text.error().code == Code::kNotFound) continue;
      if (!text.ok()) return at(item, "env_file: " + text.error().message);
      const Result<Variables> variables = parse_env_file(*text, source_.environment);
      if (!variables.ok()) return at(item, path + ": " + variables.error().message);
      for (const auto& [key, text_value] : *variables) merged[key] = text_value;
    }
    out.assign(merged.begin(), merged.end());
    return {};
  }

  Status read_command(ComposeService& service, const YAML::Node& value) const {
    if (value.IsSequence()) {
      service.command = FB_TRY(strings(value));
      return {};
    }
    Result<std::vector<std::string>> words = shell_words(FB_TRY(scalar(value)));
    if (!words.ok()) return at(value, "command: " + words.error().message);
    service.command = *words;
    return {};
  }

  Status read_mounts(ComposeService& service, const YAML::Node& value) {
    if (value.IsNull()) return {};
    if (!value.IsSequence()) return at(value, "volumes: want a list");
    for (const YAML::Node& item : value) {
      ComposeMount mount;
      std::string type = "volume", source;
      if (item.IsMap()) {
        for (const auto& [key, node] : FB_TRY(entries(item))) {
          if (key == "type")
            type = FB_TRY(scalar(node));
          else if (key == "source" || key == "src")
            source = FB_TRY(scalar(node));
          else if (key == "target" || key == "dst" || key == "destination")
            mount.target = FB_TRY(scalar(node));
          else if (key == "read_only")
            mount.read_only = FB_TRY(scalar(node)) == "true";
        }
      } else {
        const std::string text = FB_TRY(scalar(item));
        const size_t first = text.find(':');
        if (first == std::string::npos) {
          mount.target = text;
        } else {
          source = text.substr(0, first);
          const size_t second = text.find(':', first + 1);
          mount.target = text.substr(
              first + 1, second == std::string::npos ? std::string::npos : second - first - 1);
          const std::string mode =
              second == std::string::npos ? "" : "," + text.substr(second + 1) + ",";
          mount.read_only = mode.find(",ro,") != std::string::npos;
          if (source.starts_with('.') || source.starts_with('/') || source.starts_with('~'))
            type = "bind";
        }
      }
      if (mount.target.empty()) return at(item, "volumes: an entry has no target");
      if (type != "bind" && type != "volume") {
        service.not_carried_over.push_back(fmt::format("volumes {} ({})", mount.target, type));
        continue;
      }
      (type == "bind" ? mount.source : mount.volume) = source;
      service.mounts.push_back(std::move(mount));
    }
    return {};
  }

  Result<Duration> duration(const YAML::Node& node) const {
    const Result<Duration> parsed = parse_duration(FB_TRY(scalar(node)));
    if (!parsed.ok()) return at(node, "healthcheck: " + parsed.error().message);
    return std::min(*parsed, kLongest);  // so that sums and products fit
  }

  Status read_healthcheck(ComposeService& service, const YAML::Node& value) const {
    if (!value.IsMap()) return at(value, "healthcheck: want a mapping");
    ComposeHealthcheck check;
    Duration interval = kDefaultInterval, start_period{};
    int retries = kDefaultRetries;
    for (const auto& [key, node] : FB_TRY(entries(value))) {
      if (key == "test") {
        std::vector<std::string> words = FB_TRY(strings(node));
        if (!words.empty() && words[0] == "NONE") check.disabled = true;
        if (!words.empty() && words[0].starts_with("CMD")) words.erase(words.begin());
        check.test = join(words, " ");
      } else if (key == "disable") {
        check.disabled = FB_TRY(scalar(node)) == "true";
      } else if (key == "interval") {
        interval = FB_TRY(duration(node));
      } else if (key == "start_period") {
        start_period = FB_TRY(duration(node));
      } else if (key == "retries") {
        const std::string text = FB_TRY(scalar(node));
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), retries);
        if (error != std::errc() || end != text.data() + text.size() || retries < 0 ||
            retries > 100'000) {
          return at(node, "healthcheck: retries is not a number from 0 to 100000");
        }
      }
    }
    check.timeout = start_period + retries * interval;
    service.healthcheck = check;
    return {};
  }

  // Dependencies before dependants, otherwise by name.
  Result<std::vector<ComposeService>> ordered(
      std::map<std::string, ComposeService> services) const {
    std::vector<std::string> names;
    for (const auto& [name, service] : services) names.push_back(name);
    for (const auto& [name, service] : services) {
      for (const std::string& needed : service.depends_on) {
        if (services.contains(needed)) continue;
        return at(marks_.at(name),
                  fmt::format("service {} depends on {}, which is not there{}", quote(name),
                              quote(needed), did_you_mean(needed, names)));
      }
    }
    std::vector<ComposeService> out;
    std::set<std::string> done;
    while (done.size() < names.size()) {
      const auto ready = std::find_if(names.begin(), names.end(), [&](const std::string& name) {
        const auto& needs = services.at(name).depends_on;
        return !done.contains(name) &&
               std::all_of(needs.begin(), needs.end(),
                           [&](const std::string& needed) { return done.contains(needed); });
      });
      if (ready == names.end()) {
        std::vector<std::string> left;
        for (const std::string& name : names)
          if (!done.contains(name)) left.push_back(name);
        return at(marks_.at(left.front()),
                  "depends_on goes round in a circle among " + join(left, ", "));
      }
      out.push_back(services.at(*ready));
      done.insert(*ready);
    }
    return out;
  }

  const ComposeSource& source_;
  std::map<std::string, YAML::Mark> marks_;
};

}  // namespace

Result<ComposeFile> read_compose(const ComposeSource& source) {
  // The library's own errors are exceptions; none leaves this function.
  try {
    return Reader(source).read(YAML::Load(source.text));
  } catch (const YAML::Exception& error) {
    return invalid(fmt::format("{}:{}:{}: {}", source.path, error.mark.line + 1,
                               error.mark.column + 1, error.msg));
  }
}

}  // namespace fb::cli
