#include "cli/generate/faults_file.h"

#include "core/base/text.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>

namespace fb::cli {
namespace {

constexpr std::string_view kDateLine = "# Date: ";

// The names a file loads: which local name stands for which name of which file.
class Loads {
 public:
  std::string local(const Loadable& name) {
    const auto known = locals_.find({name.file, name.variable});
    if (known != locals_.end()) return known->second;
    std::string chosen = name.variable;
    for (int i = 2; !taken_.insert(chosen).second; ++i)
      chosen = fmt::format("{}_{}", name.variable, i);
    locals_.emplace(std::pair{name.file, name.variable}, chosen);
    return chosen;
  }

  std::string text(const std::string& directory) const {
    std::map<std::string, std::vector<std::string>> files;
    for (const auto& [name, local] : locals_) {
      const std::string symbol =
          local == name.second ? quote(local) : local + " = " + quote(name.second);
      files[std::filesystem::path(name.first).lexically_relative(directory).string()].push_back(
          symbol);
    }
    std::string out;
    for (auto& [path, symbols] : files) {
      // Plain names before renamed ones, as the language wants them.
      std::sort(symbols.begin(), symbols.end(), [](const std::string& a, const std::string& b) {
        return std::pair(a[0] != '"', a) < std::pair(b[0] != '"', b);
      });
      out += fmt::format("load({}, {})\n", quote(path), join(symbols, ", "));
    }
    return out;
  }

 private:
  std::map<std::pair<std::string, std::string>, std::string> locals_;
  std::set<std::string> taken_;
};

struct Names {  // local ones of the generated file
  std::string from, to, scenario;
};

std::string docstring(const Mutation& m, const std::string& from, const std::string& to) {
  switch (m.mode) {
    case Mode::kDown:
      return fmt::format("{}: {} cannot connect to {}.", m.scenario, from, to);
    case Mode::kSlow:
      return fmt::format("{}: {} connects to {} slowly.", m.scenario, from, to);
    case Mode::kReset:
      return fmt::format("{}: connections of {} to {} are reset.", m.scenario, from, to);
    case Mode::kPartition:
      return fmt::format("{}: nothing passes between {} and {}.", m.scenario, from, to);
    case Mode::kIoError:
      return fmt::format("{}: writes of {} fail.", m.scenario, to);
    case Mode::kDiskFull:
      return fmt::format("{}: the disk of {} is full.", m.scenario, to);
    case Mode::kFsyncFail:
      break;
  }
  return fmt::format("{}: {} cannot bring its data to the disk.", m.scenario, to);
}

// The call that opens the scope around the scenario.
std::string call(const Mutation& m, const Names& names, const std::string& to) {
  const auto network = [&](std::string_view rule, const std::string& label) {
    return fmt::format("fault({}, {}, destination = {}, label = {}), run = {})", names.from, rule,
                       names.to, quote(label), names.scenario);
  };
  const auto disk = [&](std::string_view rule, std::string_view label) {
    return fmt::format("fault({}, {}, label = \"{}\"), run = {})", names.to, rule, label,
                       names.scenario);
  };
  switch (m.mode) {
    case Mode::kDown:
      return network("connect = deny(\"ECONNREFUSED\"", to + " down");
    case Mode::kSlow:
      return network("connect = delay(\"5s\"", to + " slow");
    case Mode::kReset:
      return network("read = deny(\"ECONNRESET\"", to + " connection reset");
    case Mode::kPartition:
      return fmt::format("partition({}, {}, run = {})", names.from, names.to, names.scenario);
    case Mode::kIoError:
      return disk("write = deny(\"EIO\"", "disk I/O error");
    case Mode::kDiskFull:
      return disk("write = deny(\"ENOSPC\"", "disk full");
    case Mode::kFsyncFail:
      break;
  }
  return disk("fsync = deny(\"EIO\"", "fsync failure");
}

std::string banner(const SpecOutline& outline, const std::string& directory,
                   std::string_view date) {
  const std::string source =
      std::filesystem::path(outline.spec_file).lexically_relative(directory).string();
  return fmt::format(
      "# Failure tests made by `faultbox generate`.\n"
      "# Source: {}\n"
      "{}{}\n"
      "#\n"
      "# Each test runs a scenario while one thing is broken. What must hold then is yours to "
      "say:\n"
      "# add assertions, and delete the tests that make no sense. `faultbox generate --force`\n"
      "# replaces this file, so keep what you have edited under another name.\n",
      one_line(source), kDateLine, date);
}

// The text with the date taken out.
std::string undated(std::string_view text) {
  const size_t line = text.find(kDateLine);
  if (line == std::string_view::npos) return std::string(text);
  const size_t end = std::min(text.find('\n', line), text.size());
  return std::string(text.substr(0, line)) + std::string(text.substr(end));
}

}  // namespace

FaultsFile faults_file(const SpecOutline& outline, std::span<const Mutation> mutations,
                       const std::string& directory, std::string_view date) {
  FaultsFile file;
  Loads loads;
  std::map<Category, std::string> sections;
  std::set<std::string> reasons;
  const auto skip = [&](std::string reason) {
    if (reasons.insert(reason).second) file.skipped.push_back(std::move(reason));
  };
  for (const Mutation& m : mutations) {
    const auto scenario = outline.functions.find(m.scenario);
    if (scenario == outline.functions.end()) {
      skip(fmt::format("scenario {}: no loadable global name stands for its function", m.scenario));
      continue;
    }
    const std::string &from = outline.topology.at(m.from).name,
                      &to = outline.topology.at(m.to).name;
    const bool disk = category_of(m.mode) == Category::kDisk;
    std::optional<std::string> nameless;
    if (!outline.services.contains(m.to.value)) nameless = to;
    if (!disk && !outline.services.contains(m.from.value)) nameless = from;
    if (nameless) {
      skip(fmt::format("service {}: no loadable global name stands for it", *nameless));
      continue;
    }
    Names names;
    names.scenario = loads.local(scenario->second);
    names.to = loads.local(outline.services.at(m.to.value));
    if (!disk) names.from = loads.local(outline.services.at(m.from.value));
    sections[category_of(m.mode)] +=
        fmt::format("\ndef {}():\n    \"\"\"{}\"\"\"\n    return {}\n", m.test,
                    docstring(m, from, to), call(m, names, to));
    ++file.mutations;
  }
  file.text = banner(outline, directory, date);
  for (const std::string& reason : file.skipped)
    file.text += fmt::format("# Skipped: {}\n", one_line(reason));
  file.text += "\n" + loads.text(directory);
  if (sections.contains(Category::kDisk))
    file.text += "\n# --- disk failures ---\n" + sections[Category::kDisk];
  if (sections.contains(Category::kNetwork))
    file.text += "\n# --- network failures ---\n" + sections[Category::kNetwork];
  return file;
}

bool same_but_for_date(std::string_view a, std::string_view b) {
  return undated(a) == undated(b);
}

}  // namespace fb::cli
