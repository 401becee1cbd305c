// Without rules every protocol's session passes each byte on, however the streams come.
#include "tests/support/transparency.h"

#include "proxies/postgres/codec/message.h"

#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace fb {
namespace {

struct Sample {
  std::string protocol, client, server;
};

constexpr std::string_view kHttpClient =
    "GET /a HTTP/1.1\r\nHost: x\r\nX-Odd:   CASE \r\n\r\n"
    "POST /b?q=1 HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
    "POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    "4;ext=1\r\nWiki\r\n0\r\nTrailer: t\r\n\r\n"
    "HEAD /d HTTP/1.1\r\n\r\n"
    "\r\nPUT /e HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok";
constexpr std::string_view kHttpServer =
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
    "HTTP/1.1 204 No Content\r\n\r\n"
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n0\r\n\r\n"
    "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\nuntil the end";
constexpr std::string_view kUpgradeClient =
    "GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x85mask!frame";
constexpr std::string_view kUpgradeServer =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x05hello";

constexpr std::string_view kRedisClient =
    "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$5\r\n1\r\n23\r\n"
    "*2\r\n$3\r\nGET\r\n$1\r\na\r\n"
    "PING\r\n\r\nset \"a b\" c\r\n"
    "*0\r\n"
    "*2\r\n$9\r\nSUBSCRIBE\r\n$2\r\nch\r\n"
    "*1\r\n$5\r\nMULTI\r\n*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n*1\r\n$4\r\nEXEC\r\n"
    "*8\r\n$10\r\nXREADGROUP\r\n$5\r\nGROUP\r\n$1\r\ng\r\n$1\r\nc\r\n$7\r\nSTREAMS\r\n$1\r\ns\r\n"
    "$1\r\nt\r\n$1\r\n>\r\n";
constexpr std::string_view kRedisServer =
    "+OK\r\n$5\r\n1\r\n23\r\n+PONG\r\n-ERR x\r\n"
    "*3\r\n$9\r\nsubscribe\r\n$2\r\nch\r\n:1\r\n"
    "*3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$2\r\nhi\r\n"
    "+OK\r\n+QUEUED\r\n*1\r\n:1\r\n"
    ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n"
    "|1\r\n+ttl\r\n:3600\r\n%1\r\n$1\r\nk\r\n~2\r\n:1\r\n,1.5\r\n"
    "*-1\r\n$-1\r\n_\r\n#t\r\n=7\r\ntxt:abc\r\n(123\r\n*2\r\n*0\r\n*1\r\n*1\r\n:7\r\n";

constexpr std::string_view kTcpClient = "line one\nline two\nrest";
constexpr std::string_view kTcpServer = "answer\n\0\x01\x02 more";

std::string text(std::string_view value) {
  return std::string(value) + '\0';
}

std::string postgres_client() {
  const std::string startup = postgres_int32(196608) + text("user") + text("me") + '\0';
  return postgres_int32(8) + postgres_int32(80877103) +
         postgres_int32(static_cast<int64_t>(startup.size()) + 4) + startup +
         postgres_message('p', text("secret")) + postgres_message('Q', text("select 1")) +
         postgres_message('P', text("") + text("select $1") + postgres_int16(0)) +
         postgres_message('B', text("") + text("") + postgres_int16(0) + postgres_int16(1) +
                                   postgres_int32(1) + "7" + postgres_int16(0)) +
         postgres_message('D', text("P")) + postgres_message('E', text("") + postgres_int32(0)) +
         postgres_message('S', "") + postgres_message('P', text("s") + text("selec")) +
         postgres_message('H', "") + postgres_message('S', "") +
         postgres_message('Q', text("copy t from stdin")) + postgres_message('d', "1\n") +
         postgres_message('c', "") + postgres_message('X', "");
}

std::string postgres_server() {
  return "N" + postgres_message('R', postgres_int32(3)) + postgres_message('R', postgres_int32(0)) +
         postgres_message('S', text("TimeZone") + text("UTC")) +
         postgres_message('K', postgres_int32(1) + postgres_int32(2)) + postgres_message('Z', "I") +
         postgres_message('T', postgres_int16(0)) + postgres_message('D', postgres_int16(0)) +
         postgres_message('C', text("SELECT 1")) + postgres_message('Z', "I") +
         postgres_message('1', "") + postgres_message('2', "") +
         postgres_message('T', postgres_int16(0)) + postgres_message('N', text("")) +
         postgres_message('D', postgres_int16(0)) + postgres_message('C', text("SELECT 1")) +
         postgres_message('Z', "I") + postgres_message('E', text("SERROR") + '\0') +
         postgres_message('Z', "I") + postgres_message('G', "") +
         postgres_message('C', text("COPY 1")) + postgres_message('Z', "I") +
         postgres_message('A', postgres_int32(1) + text("ch") + text("hi"));
}

constexpr std::string_view kMemcachedClient =
    "set a 0 0 5\r\n1\r\n23\r\nset b 0 0 1 noreply\r\nx\r\nget a b\r\nincr n 1\r\n"
    "stats\r\nmg a v q\r\nmn\r\nms c 2 T0\r\nhi\r\nmg c v k O1\r\nbogus\r\ndelete a\r\n";
constexpr std::string_view kMemcachedServer =
    "STORED\r\nVALUE a 0 5\r\nEND\r\n\r\nVALUE b 0 1\r\nx\r\nEND\r\nNOT_FOUND\r\n"
    "STAT pid 1\r\nSTAT x y\r\nEND\r\nVA 5\r\n1\r\n23\r\nMN\r\nHD\r\nVA 2 kc O1\r\nhi\r\nERROR\r\n"
    "DELETED\r\n";

// A binary packet: opcode, key, value, opaque; requests have eight bytes of extras.
std::string binary_packet(char magic, char opcode, std::string_view key, std::string_view value) {
  std::string out = {magic, opcode};
  out += postgres_int16(static_cast<int>(key.size()));
  out += std::string(4, '\0');
  out += postgres_int32(static_cast<int64_t>(key.size() + value.size()));
  out += std::string(12, '\7');
  out += key;
  out += value;
  return out;
}

std::vector<Sample> samples() {
  return {
      {"memcached", std::string(kMemcachedClient), std::string(kMemcachedServer)},
      {"memcached",
       binary_packet('\x80', 0x00, "key", "") + binary_packet('\x80', 0x09, "k", "") +
           binary_packet('\x80', 0x10, "", "") + binary_packet('\x80', 0x0a, "", ""),
       binary_packet('\x81', 0x00, "", "value") + binary_packet('\x81', 0x10, "pid", "1") +
           binary_packet('\x81', 0x10, "", "") + binary_packet('\x81', 0x0a, "", "")},
      {"http", std::string(kHttpClient), std::string(kHttpServer)},
      {"http", std::string(kUpgradeClient), std::string(kUpgradeServer)},
      {"postgres", postgres_client(), postgres_server()},
      {"redis", std::string(kRedisClient), std::string(kRedisServer)},
      {"tcp", std::string(kTcpClient), std::string(kTcpServer)},
  };
}

TEST(TransparencyTest, EveryCut) {
  for (const Sample& sample : samples())
    expect_transparent_at_every_cut(sample.protocol, sample.client, sample.server);
}

RC_GTEST_PROP(TransparencyTest, AnyPiecesInAnyOrder, ()) {
  const Sample sample = *rc::gen::elementOf(samples());
  check_transparent(sample.protocol, sample.client, sample.server);
}

RC_GTEST_PROP(TransparencyTest, BytesOfNoProtocolPassToo, ()) {
  const auto protocols = protocol_proxies();
  const std::string_view protocol =
      protocols[*rc::gen::inRange<size_t>(0, protocols.size())].protocol;
  const auto client = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  const auto server = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  check_transparent(protocol, client, server);
}

// A stream of the protocol with a few bytes changed.
RC_GTEST_PROP(TransparencyTest, DamagedStreamsPassToo, ()) {
  const Sample sample = *rc::gen::elementOf(samples());
  std::string client = sample.client, server = sample.server;
  for (std::string* stream : {&client, &server}) {
    const int changes = *rc::gen::inRange(0, 4);
    for (int i = 0; i < changes; ++i)
      (*stream)[*rc::gen::inRange<size_t>(0, stream->size())] = *rc::gen::arbitrary<char>();
  }
  check_transparent(sample.protocol, client, server);
}

}  // namespace
}  // namespace fb
