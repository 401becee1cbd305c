#include "cli/init/compose_import.h"

#include "cli/disk_files.h"
#include "core/base/text.h"

#include <filesystem>
#include <fmt/format.h>

namespace fb::cli {
namespace {

namespace fs = std::filesystem;

Result<std::string> find_compose() {
  for (const char* name :
       {"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"}) {
    std::error_code code;
    if (fs::exists(name, code)) return std::string(name);
  }
  return Error{Code::kNotFound,
               "no compose file here (compose.yaml, compose.yml, docker-compose.yaml, "
               "docker-compose.yml); name one: --from-compose FILE"};
}

std::string directory_of(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

}  // namespace

Result<ComposeImport> import_compose_file(std::string path, const std::string& output,
                                          const Variables& environment) {
  if (path.empty()) path = FB_TRY(find_compose());
  ComposeSource source;
  source.path = path;
  source.text = FB_TRY(read_file(path));
  source.environment = environment;
  const std::string directory = directory_of(path);
  source.read_file = [&](const std::string& name) {
    return read_file((fs::path(directory) / name).string());
  };
  const Result<std::string> dotenv = source.read_file(".env");
  if (dotenv.ok()) {
    Result<Variables> variables = parse_env_file(*dotenv, environment);
    if (!variables.ok()) return variables.error().within(directory + "/.env");
    source.environment.insert(variables->begin(), variables->end());  // ours win
  }
  const ComposeFile file = FB_TRY(read_compose(source));

  DiskFiles files;
  const std::string here = FB_TRY(files.canonical(directory));
  const std::string there = FB_TRY(files.canonical(output.empty() ? "." : directory_of(output)));
  std::string way = fs::path(here).lexically_relative(there).string();
  if (way == ".") way.clear();
  return import_compose(file, path, way);
}

}  // namespace fb::cli
