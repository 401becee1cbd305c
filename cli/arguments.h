// Command lines: CLI11 with the manners of cli.md §1.1 — help on stdout with exit 0, mistakes on
// stderr with a suggestion and exit 1.
#pragma once
#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fb::cli {

// Parses `arguments` (without the program's name) into what `app` declares. Empty: go on; else:
// exit with this code, everything has been said.
std::optional<int> parse(CLI::App& app, std::vector<std::string> arguments);

// Says `faultbox: MESSAGE` on stderr; returns 1, the exit code of errors of ours.
int usage_error(const std::string& message);
// The same for what is wrong with the command line, with the command's usage.
int usage_error(const std::string& message, const CLI::App& app);

// The words, joined by "|" in the usage; a wrong one is answered with what may have been meant.
CLI::Validator one_of(std::vector<std::string> words);

// An option that takes one of a few words.
template <class T>
CLI::Option* add_choice(CLI::App& app, const std::string& flag, T& target,
                        std::vector<std::pair<std::string, T>> choices, const std::string& help) {
  std::vector<std::string> words;
  for (const auto& choice : choices) words.push_back(choice.first);
  const auto choose = [&target, choices = std::move(choices)](const std::string& word) {
    for (const auto& choice : choices)
      if (choice.first == word) target = choice.second;
  };
  return app.add_option_function<std::string>(flag, choose, help)->check(one_of(words));
}
// Why a file that was given as a spec cannot be one: topologies in YAML are no longer read.
std::optional<std::string> not_a_spec(const std::string& file);

// For commands whose last operand is a command line of its own: what stands before its first word,
// and from there on. `--` ends the flags and belongs to neither.
struct SplitArguments {
  std::vector<std::string> flags, rest;
};
SplitArguments split_at_operand(CLI::App& app, const std::vector<std::string>& arguments);

}  // namespace fb::cli
