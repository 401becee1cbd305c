#include "proxies/redis/codec/commands.h"

#include "proxies/steps/text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace fb {
namespace {

// Position of the first key; 0: none. Everything that is not listed has it at 1.
struct KeyRow {
  std::string_view name;
  uint8_t position;
};
constexpr KeyRow kKeys[] = {
    {"ACL", 0},        {"ASKING", 0},       {"AUTH", 0},       {"BGREWRITEAOF", 0},
    {"BGSAVE", 0},     {"BITOP", 2},        {"BLMPOP", 3},     {"BZMPOP", 3},
    {"CLIENT", 0},     {"CLUSTER", 0},      {"COMMAND", 0},    {"CONFIG", 0},
    {"DBSIZE", 0},     {"DEBUG", 0},        {"DISCARD", 0},    {"ECHO", 0},
    {"EVAL", 3},       {"EVALSHA", 3},      {"EVALSHA_RO", 3}, {"EVAL_RO", 3},
    {"EXEC", 0},       {"FAILOVER", 0},     {"FCALL", 3},      {"FCALL_RO", 3},
    {"FLUSHALL", 0},   {"FLUSHDB", 0},      {"FUNCTION", 0},   {"HELLO", 0},
    {"INFO", 0},       {"KEYS", 0},         {"LASTSAVE", 0},   {"LATENCY", 0},
    {"LMPOP", 2},      {"LOLWUT", 0},       {"MEMORY", 2},     {"MIGRATE", 3},
    {"MODULE", 0},     {"MONITOR", 0},      {"MULTI", 0},      {"OBJECT", 2},
    {"PING", 0},       {"PSUBSCRIBE", 0},   {"PSYNC", 0},      {"PUBLISH", 0},
    {"PUBSUB", 0},     {"PUNSUBSCRIBE", 0}, {"QUIT", 0},       {"RANDOMKEY", 0},
    {"READONLY", 0},   {"READWRITE", 0},    {"REPLCONF", 0},   {"REPLICAOF", 0},
    {"RESET", 0},      {"ROLE", 0},         {"SAVE", 0},       {"SCAN", 0},
    {"SCRIPT", 0},     {"SELECT", 0},       {"SHUTDOWN", 0},   {"SINTERCARD", 2},
    {"SLAVEOF", 0},    {"SLOWLOG", 0},      {"SPUBLISH", 0},   {"SSUBSCRIBE", 0},
    {"SUBSCRIBE", 0},  {"SUNSUBSCRIBE", 0}, {"SWAPDB", 0},     {"SYNC", 0},
    {"TIME", 0},       {"UNSUBSCRIBE", 0},  {"UNWATCH", 0},    {"WAIT", 0},
    {"XGROUP", 2},     {"XINFO", 2},        {"ZDIFF", 2},      {"ZINTER", 2},
    {"ZINTERCARD", 2}, {"ZMPOP", 2},        {"ZUNION", 2},
};

// Their keys come after the word STREAMS.
constexpr std::string_view kStreams[] = {"XREAD", "XREADGROUP"};
constexpr size_t kStreamsArguments = 16;

constexpr std::string_view kHandshake[] = {"AUTH", "CLIENT", "COMMAND", "HELLO", "RESET"};
constexpr std::string_view kSubscription[] = {"PSUBSCRIBE", "PUNSUBSCRIBE", "SSUBSCRIBE",
                                              "SUBSCRIBE",  "SUNSUBSCRIBE", "UNSUBSCRIBE"};

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

size_t position_of(std::string_view name) {
  const auto found = std::lower_bound(
      std::begin(kKeys), std::end(kKeys), name,
      [](const KeyRow& row, std::string_view wanted) { return row.name < wanted; });
  return found != std::end(kKeys) && found->name == name ? found->position : 1;
}

}  // namespace

size_t redis_arguments_needed(std::string_view name) {
  // Of these it is the words after the name that matter to the connection.
  if (name == "CLIENT" || name == "HELLO") return 3;
  return contains(kStreams, name) ? kStreamsArguments : position_of(name) + 1;
}

std::optional<size_t> redis_first_key(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return std::nullopt;
  const std::string name = upper_ascii(arguments[0]);
  size_t position = position_of(name);
  if (contains(kStreams, name)) {
    const auto streams =
        std::find_if(arguments.begin() + 1, arguments.end(),
                     [](const std::string& word) { return upper_ascii(word) == "STREAMS"; });
    if (streams == arguments.end()) return std::nullopt;
    position = static_cast<size_t>(streams - arguments.begin()) + 1;
  }
  // A script or function without keys.
  if (position == 3 && (name.starts_with("EVAL") || name.starts_with("FCALL")) &&
      arguments.size() > 2 && arguments[2] == "0")
    return std::nullopt;
  if (position == 0 || position >= arguments.size()) return std::nullopt;
  return position;
}

bool is_redis_handshake(std::string_view name) {
  return contains(kHandshake, name);
}

bool is_redis_subscription(std::string_view name) {
  return contains(kSubscription, name);
}

}  // namespace fb
