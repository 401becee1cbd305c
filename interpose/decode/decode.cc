#include "interpose/decode/decode.h"

#include "core/model/pattern.h"
#include "interpose/decode/path.h"
#include "interpose/decode/sockaddr.h"

#include <fcntl.h>
#include <sys/socket.h>

namespace fb {
namespace {

// Bounds the cache of peers; a service with more live connections asks the kernel again.
constexpr size_t kMaxPeers = 4096;

struct Decoding {
  const Target& target;
  const CallArguments& arguments;
  const SyscallRow& row;
  DecodeWish wish;
  DecodeMemory& memory;
  Operation& operation;

  void add_path(int dirfd, int8_t position, bool first) {
    const auto text = target.read_string(arguments.at(position));
    if (!text) return;
    const auto absolute = absolute_path(target, dirfd, *text);
    if (!absolute) return;
    std::string name = absolute->starts_with('/') ? normalise_path(*absolute) : *absolute;
    const bool resolve = wish.links && name.starts_with('/') && !is_system_path(name);
    std::string lexical = name;
    if (first)
      operation.path = std::move(name);
    else
      operation.more_paths.push_back(std::move(name));
    if (!resolve) return;
    auto real = resolve_path(target, *absolute);
    if (real && *real != lexical) operation.more_paths.push_back(std::move(*real));
  }

  bool name_descriptor() {
    if (wish.kept != nullptr) {
      if (const std::string* name = wish.kept->find(target, operation.fd)) {
        operation.path = *name;
        return true;
      }
    }
    auto link = memory.names.link(target, operation.fd);
    if (!link) return false;
    if (wish.kept != nullptr) wish.kept->learn(target, operation.fd, *link);
    link->resize(without_deleted(*link).size());
    operation.path = std::move(*link);
    return true;
  }

  void descriptor() {
    operation.fd = arguments.fd(row.fd);
    if (!name_descriptor()) return;
    operation.is_socket = operation.path.starts_with("socket:");
    if (operation.is_socket && wish.peer)
      operation.peer = memory.peers.peer(target, operation.fd, operation.path);
    if (operation.is_socket && (wish.transport || row.name == "connect"))
      operation.is_datagram = carries_datagrams(target, operation.fd);
  }
};

void decode_path(Decoding& d) {
  d.add_path(AT_FDCWD, d.row.path, true);
}

void decode_dir_path(Decoding& d) {
  d.add_path(d.arguments.fd(d.row.fd), d.row.path, true);
}

void decode_two_paths(Decoding& d) {
  d.add_path(AT_FDCWD, d.row.path, true);
  d.add_path(AT_FDCWD, d.row.path2, false);
}

void decode_two_dir_paths(Decoding& d) {
  // symlinkat-like rows name only one directory.
  d.add_path(d.row.fd >= 0 ? d.arguments.fd(d.row.fd) : AT_FDCWD, d.row.path, true);
  d.add_path(d.row.fd2 >= 0 ? d.arguments.fd(d.row.fd2) : AT_FDCWD, d.row.path2, false);
}

void decode_fd(Decoding& d) {
  d.descriptor();
  if (d.row.fd2 < 0) return;
  // sendfile, splice, copy_file_range: a rule may mean either file.
  if (const auto link = d.target.fd_link(d.arguments.fd(d.row.fd2)))
    d.operation.more_paths.push_back(std::string(without_deleted(*link)));
}

// The address of these is filled in afterwards; what stands there before means nothing.
bool fills_address(std::string_view name) {
  return name.starts_with("recv") || name.starts_with("accept") || name.starts_with("get");
}

void decode_fd_sockaddr(Decoding& d) {
  if (fills_address(d.row.name)) return d.descriptor();
  d.wish.peer = d.wish.peer && d.arguments.at(d.row.path) == 0;
  d.descriptor();
  if (d.row.name == "connect") d.memory.peers.forget(d.operation.path);
  const auto length = d.arguments.at(static_cast<int8_t>(d.row.path + 1));
  if (auto address = read_sockaddr(d.target, d.arguments.at(d.row.path), length))
    d.operation.peer = std::move(address);
}

void message_peer(Decoding& d, uint64_t header_address) {
  const auto header = d.target.read_value<msghdr>(header_address);
  if (!header || header->msg_name == nullptr) return;
  const auto name = reinterpret_cast<uint64_t>(header->msg_name);
  if (auto address = read_sockaddr(d.target, name, header->msg_namelen))
    d.operation.peer = std::move(address);
}

void decode_fd_msghdr(Decoding& d) {
  d.descriptor();
  if (!fills_address(d.row.name)) message_peer(d, d.arguments.at(d.row.path));
}

// The first message of the array stands for all.
void decode_fd_mmsghdr(Decoding& d) {
  decode_fd_msghdr(d);
}

using Decoder = void (*)(Decoding&);
constexpr Decoder kDecoders[] = {
    /* kNone */ nullptr,
    /* kPath */ decode_path,
    /* kDirPath */ decode_dir_path,
    /* kTwoPaths */ decode_two_paths,
    /* kTwoDirPaths */ decode_two_dir_paths,
    /* kFd */ decode_fd,
    /* kFdSockaddr */ decode_fd_sockaddr,
    /* kFdMsghdr */ decode_fd_msghdr,
    /* kFdMmsghdr */ decode_fd_mmsghdr,
};

}  // namespace

std::optional<Address> PeerCache::peer(const Target& target, int fd, const std::string& link) {
  if (auto found = known_.find(link); found != known_.end()) return found->second;
  auto peer = peer_of(target, fd);
  if (!peer) return std::nullopt;
  if (known_.size() >= kMaxPeers) known_.clear();
  known_.emplace(link, *peer);
  return peer;
}

bool reads_memory(SyscallId call) {
  const ArgumentShape shape = row_of(call).shape;
  return shape != ArgumentShape::kNone && shape != ArgumentShape::kFd;
}

void decode(const Target& target, const CallArguments& arguments, DecodeWish wish,
            DecodeMemory& memory, Operation& operation) {
  const SyscallRow& row = row_of(arguments.call);
  Decoding decoding{target, arguments, row, wish, memory, operation};
  if (const Decoder decoder = kDecoders[static_cast<size_t>(row.shape)]) decoder(decoding);
  if (row.size >= 0) operation.size = arguments.at(row.size);
}

}  // namespace fb
