// The strongest single property of a proxy (design: byte-exact transparency): whatever the pieces
// in which the two streams of a connection come, and however they interleave, each side gets
// exactly the bytes of the other.
#pragma once
#include "tests/support/session_bench.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <string>
#include <string_view>

namespace fb {

// Both streams cut at one position each, at every position.
inline void expect_transparent_at_every_cut(std::string_view protocol, std::string_view client,
                                            std::string_view server) {
  for (size_t at = 0; at <= client.size(); ++at) {
    SessionBench bench(protocol);
    bench.client(client.substr(0, at));
    bench.client(client.substr(at));
    const size_t server_at = server.empty() ? 0 : at % server.size();
    bench.server(server.substr(0, server_at));
    bench.server(server.substr(server_at));
    bench.client_end();
    bench.server_end();
    ASSERT_EQ(bench.up, client) << "cut at " << at;
    ASSERT_EQ(bench.down, server) << "cut at " << server_at;
    ASSERT_TRUE(bench.server_finished && bench.client_finished);
    ASSERT_TRUE(bench.lost.empty()) << bench.lost.front();
  }
}

// In random pieces, in a random order.
inline void check_transparent(std::string_view protocol, std::string_view client,
                              std::string_view server) {
  SessionBench bench(protocol);
  std::string_view up = client, down = server;
  while (!up.empty() || !down.empty()) {
    const bool from_client = down.empty() || (!up.empty() && *rc::gen::arbitrary<bool>());
    std::string_view& rest = from_client ? up : down;
    const size_t piece = *rc::gen::inRange<size_t>(1, std::min<size_t>(rest.size(), 40) + 1);
    if (from_client) {
      bench.client(rest.substr(0, piece));
    } else {
      bench.server(rest.substr(0, piece));
    }
    rest.remove_prefix(piece);
  }
  bench.client_end();
  bench.server_end();
  RC_ASSERT(bench.up == client);
  RC_ASSERT(bench.down == server);
}

}  // namespace fb
