// The sessions of all proxies on any two streams. The first byte picks the protocol, the second the
// rules; then pieces follow: one byte says from which side and how long. Without rules each side
// must have got exactly what the other sent; with rules nothing may break.
#include "core/base/check.h"
#include "tests/support/session_bench.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using fb::ProtocolAction;

// One rule of every action that the low bits ask for; all match anything, each second time.
void add_rules(fb::SessionBench& bench, uint8_t wish) {
  const bool every = (wish & 0x80) != 0;
  for (unsigned i = 0; i < 5; ++i) {
    if ((wish >> i & 1) == 0) continue;
    fb::ProtocolRule rule;
    rule.action = static_cast<ProtocolAction>(i);
    if (rule.action == ProtocolAction::kRespond) rule.body = "[]";
    if (rule.action == ProtocolAction::kDelay) rule.delay = std::chrono::seconds(1);
    if (!every) rule.trigger = {fb::Trigger::Kind::kEvery, 2};
    bench.add_rule(rule);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const auto protocols = fb::protocol_proxies();
  fb::SessionBench bench(protocols[data[0] % protocols.size()].protocol);
  add_rules(bench, data[1]);
  const bool rules = (data[1] & 0x1f) != 0;
  std::string client, server;
  std::string_view rest(reinterpret_cast<const char*>(data + 2), size - 2);
  while (!rest.empty()) {
    const auto head = static_cast<uint8_t>(rest[0]);
    const std::string_view piece = rest.substr(1, head >> 1);
    rest.remove_prefix(piece.size() + 1);
    if ((head & 1) == 0) {
      client += piece;
      bench.client(piece);
    } else {
      server += piece;
      bench.server(piece);
    }
    if (rules && head == 0xff) bench.let_time_pass();
  }
  bench.client_end();
  bench.server_end();
  bench.let_time_pass();
  if (rules) return 0;
  FB_CHECK(bench.up == client);
  FB_CHECK(bench.down == server);
  FB_CHECK(bench.server_finished && bench.client_finished);
  return 0;
}
