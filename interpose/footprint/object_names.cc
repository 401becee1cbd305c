#include "interpose/footprint/object_names.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb {

std::string ProcessName::text() const {
  return fmt::format("{}:{}", service.value, process);
}

const std::string& ObjectNames::file(const FileId& id, std::string_view path) {
  if (auto found = files_.find(id); found != files_.end()) return found->second.name;
  const uint32_t count = ++paths_used_.try_emplace(std::string(path), 0).first->second;
  std::string name = count == 1 ? std::string(path) : fmt::format("{}#{}", path, count);
  return files_.emplace(id, File{std::move(name), std::string(path)}).first->second.name;
}

void ObjectNames::renew(FileId (*file_at)(const std::string& path)) {
  paths_used_.clear();
  for (auto it = files_.begin(); it != files_.end();) {
    File& file = it->second;
    if (file_at(file.path) != it->first) {
      it = files_.erase(it);
      continue;
    }
    file.name = file.path;
    paths_used_[file.path] = 1;
    ++it;
  }
}

void ObjectNames::made_pipe(ProcessName creator, uint64_t read_end, uint64_t write_end) {
  const std::string name = fmt::format("pipe {}#{}", creator.text(), ++pipes_made_[creator]);
  pipes_.insert_or_assign(read_end, Pipe{name, 0});
  if (write_end != read_end) pipes_.insert_or_assign(write_end, Pipe{name, 1});
}

const std::string& ObjectNames::pipe(uint64_t inode, ProcessName user) {
  auto [found, fresh] = pipes_.try_emplace(inode);
  if (fresh) found->second.name = fmt::format("pipe {}?{}", user.text(), ++pipes_made_[user]);
  return found->second.name;
}

int ObjectNames::pair_side(uint64_t inode) const {
  auto found = pipes_.find(inode);
  return found == pipes_.end() ? 0 : found->second.side;
}

std::string ObjectNames::open_file(ProcessName process, int tgid, int fd, const FileId& id,
                                   const std::string& file_name) {
  std::vector<OpenFile>& known = open_files_[id];
  // Entries of closed descriptors fail the comparison for good; forget the oldest of many.
  constexpr size_t kMaxKnown = 64;
  if (known.size() > kMaxKnown) known.erase(known.begin());
  for (const OpenFile& open : known)
    if (same_open_file_(open.tgid, open.fd, tgid, fd)) return open.name;
  std::erase_if(known, [&](const OpenFile& open) { return open.tgid == tgid && open.fd == fd; });
  known.push_back(
      {tgid, fd,
       fmt::format("{} open {}#{}", file_name, process.text(), ++openings_[{process, id}])});
  return known.back().name;
}

}  // namespace fb
