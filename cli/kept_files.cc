#include "cli/kept_files.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>

namespace fb::cli {
namespace {

namespace fs = std::filesystem;

// Regular files, directories and links; the view's own marks for removed files are devices.
Status copy_tree(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to, error);
  if (error) return failed(fmt::format("cannot create {}: {}", to.string(), error.message()));
  for (const fs::directory_entry& entry : fs::directory_iterator(from, error)) {
    const fs::path target = to / entry.path().filename();
    if (entry.is_symlink()) {
      fs::copy_symlink(entry.path(), target, error);
    } else if (entry.is_directory()) {
      FB_TRY(copy_tree(entry.path(), target));
    } else if (entry.is_regular_file()) {
      fs::copy_file(entry.path(), target, fs::copy_options::overwrite_existing, error);
    }
    if (error)
      return failed(fmt::format("cannot copy to {}: {}", target.string(), error.message()));
  }
  if (error) return failed(fmt::format("cannot read {}: {}", from.string(), error.message()));
  return {};
}

}  // namespace

Result<std::string> make_keep_directory(const std::string& parent) {
  std::string path = parent + "/faultbox-keep-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr)
    return failed(fmt::format("cannot create a directory below {} for --keep", parent));
  return path;
}

Result<std::string> keep_files(const Isolation& isolation, const std::string& directory,
                               const std::string& name) {
  const std::string kept = directory + "/" + name;
  for (const Isolation::Written& view : isolation.written()) {
    std::string label = view.path.substr(1);
    std::replace(label.begin(), label.end(), '/', '-');  // tmp, var-tmp
    FB_TRY(copy_tree(fmt::format("/proc/self/fd/{}", view.upper),
                     isolation.host_path(kept + "/" + label)));
  }
  for (const std::string& service : isolation.shared_service_directories())
    FB_TRY(copy_tree(service, kept + "/" + fs::path(service).filename().string()));
  return kept;
}

}  // namespace fb::cli
