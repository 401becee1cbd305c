// Files in memory for tests that evaluate specs. The current directory is /srv.
#pragma once
#include "core/runtime/files.h"

#include <filesystem>
#include <map>
#include <string>

namespace fb::test {

class MemoryFiles final : public Files {
 public:
  std::map<std::string, std::string> texts;  // by path, absolute or below the current directory
  int reads = 0;

  Result<std::string> read(const std::string& path) override {
    ++reads;
    return texts.at(FB_TRY(canonical(path)));
  }
  Result<std::string> canonical(const std::string& path) override {
    const std::string whole =
        (std::filesystem::path(current_directory()) / path).lexically_normal().string();
    for (const auto& [name, text] : texts) {
      if ((std::filesystem::path(current_directory()) / name).lexically_normal() == whole) {
        return name;
      }
    }
    return Error{Code::kNotFound, "cannot open '" + path + "': no such file or directory"};
  }
  std::string current_directory() override { return "/srv"; }
};

}  // namespace fb::test
