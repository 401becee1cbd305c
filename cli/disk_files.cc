#include "cli/disk_files.h"

#include "core/base/text.h"
#include "core/model/errno_table.h"

#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sstream>

namespace fb::cli {
namespace {

namespace fs = std::filesystem;

Error file_error(std::string_view doing, const std::string& path, int error_number) {
  return Error{error_number == ENOENT ? Code::kNotFound : Code::kFailed,
               fmt::format("cannot {} {}: {}", doing, quote(path), errno_text(error_number))};
}

fs::path directory_of(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  std::error_code code;
  if (fs::is_directory(path, code)) return file_error("read", path, EISDIR);
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return file_error("read", path, errno != 0 ? errno : EIO);
  std::ostringstream text;
  text << stream.rdbuf();
  if (stream.bad()) return file_error("read", path, errno != 0 ? errno : EIO);
  return std::move(text).str();
}

Result<std::string> DiskFiles::read(const std::string& path) {
  return read_file(path);
}

Result<std::string> DiskFiles::canonical(const std::string& path) {
  std::error_code code;
  const fs::path canonical = fs::canonical(path, code);
  if (code) return file_error("find", path, code.value());
  return canonical.string();
}

std::string DiskFiles::current_directory() {
  std::error_code code;
  return fs::current_path(code).string();
}

Status create_parents(const std::string& path) {
  std::error_code code;
  const fs::path directory = directory_of(path);
  fs::create_directories(directory, code);
  if (code) return file_error("create", directory.string(), code.value());
  return {};
}

Status check_writable_target(const std::string& path) {
  std::error_code code;
  const fs::path directory = directory_of(path);
  if (!fs::is_directory(directory, code))
    return failed(fmt::format("cannot write {}: the directory {} does not exist", quote(path),
                              quote(directory.string())));
  if (fs::is_directory(path, code)) return file_error("write", path, EISDIR);
  return {};
}

Status write_file(const std::string& path, std::string_view text) {
  return write_file(path, [&](const TextSink& sink) { sink(text); });
}

Status write_file(const std::string& path, const std::function<void(const TextSink&)>& produce) {
  const std::string beside = path + ".faultbox-new";
  errno = 0;
  std::ofstream stream(beside, std::ios::binary | std::ios::trunc);
  produce([&](std::string_view piece) {
    stream.write(piece.data(), static_cast<std::streamsize>(piece.size()));
  });
  stream.close();
  if (!stream) {
    const int error_number = errno != 0 ? errno : EIO;
    std::error_code ignored;
    fs::remove(beside, ignored);
    return file_error("write", path, error_number);
  }
  std::error_code code;
  fs::rename(beside, path, code);
  if (code) return file_error("write", path, code.value());
  return {};
}

}  // namespace fb::cli
