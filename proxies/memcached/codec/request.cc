#include "proxies/memcached/codec/request.h"

#include "core/base/check.h"
#include "proxies/steps/text.h"

#include <algorithm>
#include <charconv>

namespace fb {
namespace {

using Reply = MemcachedRequest::Reply;

constexpr std::string_view kStorage[] = {"add", "append", "cas", "prepend", "replace", "set"};

struct OpcodeRow {
  uint8_t opcode;
  std::string_view command;
  bool quiet = false;
};
constexpr OpcodeRow kOpcodes[] = {
    {0x00, "get"},
    {0x01, "set"},
    {0x02, "add"},
    {0x03, "replace"},
    {0x04, "delete"},
    {0x05, "incr"},
    {0x06, "decr"},
    {0x07, "quit"},
    {0x08, "flush_all"},
    {0x09, "get", true},
    {0x0a, "noop"},
    {0x0b, "version"},
    {0x0c, "get"},
    {0x0d, "get", true},
    {0x0e, "append"},
    {0x0f, "prepend"},
    {0x10, "stats"},
    {0x11, "set", true},
    {0x12, "add", true},
    {0x13, "replace", true},
    {0x14, "delete", true},
    {0x15, "incr", true},
    {0x16, "decr", true},
    {0x17, "quit", true},
    {0x18, "flush_all", true},
    {0x19, "append", true},
    {0x1a, "prepend", true},
    {0x1b, "verbosity"},
    {0x1c, "touch"},
    {0x1d, "gat"},
    {0x1e, "gat", true},
    {0x20, "sasl_list"},
    {0x21, "sasl_auth"},
    {0x22, "sasl_step"},
    {0x23, "gat"},
    {0x24, "gat", true},
};

template <class List>
bool contains(const List& list, std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  while (true) {
    const size_t begin = line.find_first_not_of(' ');
    if (begin == std::string_view::npos) return words;
    line = line.substr(begin);
    const size_t end = std::min(line.find(' '), line.size());
    words.emplace_back(line.substr(0, end));
    line = line.substr(end);
  }
}

uint64_t number(std::string_view text) {
  uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool has_flag(const std::vector<std::string>& words, size_t from, char flag) {
  for (size_t i = from; i < words.size(); ++i)
    if (words[i][0] == flag) return true;
  return false;
}

uint32_t big_endian(std::string_view bytes, size_t at, size_t count) {
  uint32_t value = 0;
  for (size_t i = at; i < at + count; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

void append_big_endian(std::string& out, uint64_t value, int count) {
  for (int i = count - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

void read_meta(MemcachedRequest& request) {
  const auto& words = request.words;
  if (request.command == "mn") {
    request.reply = Reply::kBarrier;
    return;
  }
  if (words.size() > 1) request.key = words[1];
  const bool stores = request.command == "ms";
  if (stores && words.size() > 2) request.data = number(words[2]) + 2;
  if (request.command != "me" && has_flag(words, stores ? 3 : 2, 'q'))
    request.reply = Reply::kMaybe;
}

}  // namespace

MemcachedRequest read_memcached_line(std::string_view line) {
  MemcachedRequest request;
  request.words = words_of(line);
  if (request.words.empty()) return request;  // the server answers ERROR
  const auto& words = request.words;
  request.command = words[0];
  const std::string_view command = request.command;
  if (command.size() == 2 && command[0] == 'm') {
    read_meta(request);
    return request;
  }
  if (contains(kStorage, command)) {
    if (words.size() > 1) request.key = words[1];
    if (words.size() > 4) request.data = number(words[4]) + 2;
  } else if (command == "get" || command == "gets") {
    if (words.size() > 1) request.key = words[1];
    request.reply = Reply::kValues;
  } else if (command == "gat" || command == "gats") {
    if (words.size() > 2) request.key = words[2];
    request.reply = Reply::kValues;
  } else if (command == "stats") {
    request.reply = Reply::kStats;
  } else if (command == "watch") {
    request.reply = Reply::kStream;
  } else if (command == "lru_crawler" && words.size() > 1 &&
             (words[1] == "metadump" || words[1] == "mgdump")) {
    request.reply = Reply::kStats;
  } else if (command == "quit") {
    request.reply = Reply::kNone;
  } else if (command == "incr" || command == "decr" || command == "delete" || command == "touch") {
    if (words.size() > 1) request.key = words[1];
  }
  if (words.back() == "noreply" && request.reply == Reply::kLine) request.reply = Reply::kNone;
  return request;
}

size_t memcached_binary_head(std::string_view header) {
  FB_CHECK(header.size() >= kMemcachedHeader);
  const size_t body = big_endian(header, 8, 4);
  const size_t extras = static_cast<unsigned char>(header[4]);
  return kMemcachedHeader + std::min(body, extras + big_endian(header, 2, 2));
}

MemcachedRequest read_memcached_binary(std::string_view head) {
  MemcachedRequest request;
  request.opcode_known = true;
  request.opcode = static_cast<uint8_t>(head[1]);
  request.opaque = big_endian(head, 12, 4);
  request.reply = Reply::kBinary;
  for (const OpcodeRow& row : kOpcodes) {
    if (row.opcode != request.opcode) continue;
    request.command = row.command;
    if (row.quiet) request.reply = Reply::kMaybe;
  }
  const size_t extras = static_cast<unsigned char>(head[4]);
  if (head.size() > kMemcachedHeader + extras) request.key = head.substr(kMemcachedHeader + extras);
  request.data = kMemcachedHeader + uint64_t{big_endian(head, 8, 4)} - head.size();
  return request;
}

std::string memcached_binary_reply(const MemcachedRequest& request, uint16_t status,
                                   std::string_view extras, std::string_view value) {
  std::string out = "\x81";
  out += static_cast<char>(request.opcode);
  append_big_endian(out, 0, 2);  // key length
  append_big_endian(out, extras.size(), 1);
  append_big_endian(out, 0, 1);  // data type
  append_big_endian(out, status, 2);
  append_big_endian(out, extras.size() + value.size(), 4);
  append_big_endian(out, request.opaque, 4);
  append_big_endian(out, 0, 8);  // cas
  out += extras;
  out += value;
  return out;
}

}  // namespace fb
