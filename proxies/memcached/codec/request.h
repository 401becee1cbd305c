// Requests of a memcached client, as far as a proxy must understand them: text and meta commands by
// their line, binary ones by their header and key.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fb {

struct MemcachedRequest {
  // How the server answers.
  enum class Reply : uint8_t {
    kLine,     // one line, or VA with its data
    kValues,   // VALUE … and data, up to END
    kStats,    // STAT lines, up to END
    kBarrier,  // MN, and nothing else
    kNone,     // noreply
    kMaybe,    // quiet: an answer only if there is something to tell
    kStream,   // lines without end
    kBinary,   // one packet, or several of a stat
  };
  std::string command;  // "get", "mg"; binary ones by the name of the text command
  std::string key;      // the first one
  Reply reply = Reply::kLine;
  uint64_t data = 0;  // bytes that follow the line or key, the line end of a data block included

  // Text and meta: the words of the line. Binary: what a reply must repeat.
  std::vector<std::string> words;
  uint8_t opcode = 0;
  uint32_t opaque = 0;
  bool opcode_known = false;  // it is a binary one
};

// A command line, without its line end.
MemcachedRequest read_memcached_line(std::string_view line);

inline constexpr size_t kMemcachedHeader = 24;
// Bytes of the binary request up to and including its key; the header must be there.
size_t memcached_binary_head(std::string_view header);
MemcachedRequest read_memcached_binary(std::string_view head);

// A binary reply to the request.
std::string memcached_binary_reply(const MemcachedRequest& request, uint16_t status,
                                   std::string_view extras, std::string_view value);

}  // namespace fb
