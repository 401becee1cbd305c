#include "starlark/spec/loader.h"

#include <filesystem>
#include <fmt/format.h>
#include <vector>

namespace fb::spec {
namespace {

std::string beside(std::string_view file, std::string_view path) {
  return (std::filesystem::path(file).parent_path() / path).lexically_normal().string();
}

}  // namespace

Loader::Loader(Files& files, SourceTexts& texts, std::string root)
    : files_(files), texts_(texts), root_(std::move(root)) {}

Result<std::string> Loader::text_of(const std::string& canonical, const std::string& path) {
  const auto known = texts_.find(canonical);
  if (known != texts_.end()) return known->second;
  std::string text = FB_TRY(files_.read(path));
  return texts_.emplace(canonical, std::move(text)).first->second;
}

Result<std::string> Loader::open_root() {
  const std::string canonical = FB_TRY(files_.canonical(root_));
  shown_.emplace(canonical, root_);
  return text_of(canonical, root_);
}

// From the loading file's directory, then from the root's.
Result<std::string> Loader::find(std::string_view module, std::string_view from) {
  const std::string near = beside(from, module);
  const Result<std::string> first = files_.canonical(near);
  if (first.ok()) return near;
  const std::string far = beside(root_, module);
  if (far != near && files_.canonical(far).ok()) return far;
  if (first.error().code != Code::kNotFound) return first.error();
  return Error{Code::kNotFound, far == near ? fmt::format("there is no {}", near)
                                            : fmt::format("there is neither {} nor {}", near, far)};
}

Result<starlark::LoadedSource> Loader::open(std::string_view module, std::string_view from) {
  const std::string path = FB_TRY(find(module, from));
  const std::string canonical = FB_TRY(files_.canonical(path));
  const std::string shown = shown_.emplace(canonical, path).first->second;
  edges_[{std::string(from), std::string(module)}] = shown;
  // The chain of loads in progress runs from `from` up to the root.
  std::vector<std::string> chain = {shown};
  for (std::string at(from);;) {
    chain.insert(chain.begin(), at);
    if (at == shown) {
      std::string text;
      for (const std::string& file : chain) text += (text.empty() ? "" : " -> ") + file;
      return invalid("load cycle: " + text);
    }
    const auto up = loaded_by_.find(at);
    if (up == loaded_by_.end()) break;
    at = up->second;
  }
  if (shown != root_) loaded_by_.emplace(shown, std::string(from));
  return starlark::LoadedSource{shown, FB_TRY(text_of(canonical, path))};
}

std::string Loader::target(std::string_view module, std::string_view from) const {
  const auto found = edges_.find({std::string(from), std::string(module)});
  return found == edges_.end() ? "" : found->second;
}

}  // namespace fb::spec
