#include "proxies/http/codec/response.h"

#include <cstdio>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <string_view>
#include <vector>

namespace fb {
namespace {

using State = HttpResponseParser::State;

// Everything a caller can see of a parser after the stream has ended.
struct Outcome {
  State state;
  HttpResponse response;
  std::string error;
  bool head_complete;
  bool operator==(const Outcome&) const = default;
};

Outcome outcome_of(const std::vector<std::string_view>& pieces, bool answers_head = false) {
  HttpResponseParser parser(answers_head);
  for (const std::string_view piece : pieces) parser.feed(piece);
  parser.finish();
  return {parser.state(), parser.response(), parser.error(), parser.head_complete()};
}

Outcome whole(std::string_view bytes) {
  return outcome_of({bytes});
}

Outcome byte_by_byte(std::string_view bytes) {
  std::vector<std::string_view> pieces;
  for (size_t i = 0; i < bytes.size(); ++i) pieces.push_back(bytes.substr(i, 1));
  return outcome_of(pieces);
}

std::string error_of(std::string_view bytes) {
  const Outcome outcome = whole(bytes);
  return outcome.state == State::kError ? outcome.error : "(no error)";
}

const std::vector<std::string>& samples() {
  static const std::vector<std::string> kSamples = {
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhelloHTTP/1.1 500 No\r\n\r\n",
      "HTTP/1.0 200 OK\r\nServer: x\r\n\r\nuntil the end\r\n",
      "HTTP/1.1 200\nA: b\n\nbare line feeds",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
      "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok",
      "HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n",
      "HTTP/1.1 304 Not Modified\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n6;name=\"v\"\r\n world\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nContent-Length: 3\r\n\r\n2\nab\n0\n\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
      "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
      "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX : a\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX: a",
      "HTTP/1.1 2000 OK\r\n\r\n",
      "HTTP/2 200\r\n\r\n",
      "HT",
      "",
      "-ERR wrong number of arguments for 'get' command\r\n",
      "012345678901234567890123456789012345678\r\n",
      "0123456789012345678901234567890123456789\r\n",
      "\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
  };
  return kSamples;
}

TEST(HttpResponseTest, ReadsASizedBody) {
  const Outcome outcome = whole(samples()[0]);
  EXPECT_EQ(outcome.state, State::kDone);
  EXPECT_EQ(outcome.response.status, 200);
  EXPECT_EQ(outcome.response.body, "hello");
  const std::vector<std::pair<std::string, std::string>> headers = {{"content-length", "5"},
                                                                    {"x-a", "1"}};
  EXPECT_EQ(outcome.response.headers, headers);
}

TEST(HttpResponseTest, IsDoneWithoutWaitingForTheEndOfTheStream) {
  HttpResponseParser parser;
  EXPECT_EQ(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"), State::kNeedMore);
  EXPECT_TRUE(parser.head_complete());
  EXPECT_EQ(parser.feed("k"), State::kDone);
}

TEST(HttpResponseTest, IgnoresWhatFollowsTheResponse) {
  EXPECT_EQ(whole(samples()[1]).response.status, 200);
  EXPECT_EQ(whole(samples()[1]).response.body, "hello");
}

TEST(HttpResponseTest, ReadsUntilCloseWithoutALength) {
  EXPECT_EQ(whole(samples()[2]).response.body, "until the end\r\n");
}

TEST(HttpResponseTest, AcceptsBareLineFeedsAndAMissingReason) {
  EXPECT_EQ(whole(samples()[3]).state, State::kDone);
  EXPECT_EQ(whole(samples()[3]).response.body, "bare line feeds");
}

TEST(HttpResponseTest, SkipsInterimResponses) {
  const Outcome outcome = whole(samples()[4]);
  EXPECT_EQ(outcome.response.status, 201);
  EXPECT_EQ(outcome.response.body, "ok");
  EXPECT_EQ(outcome.response.header("link"), nullptr);
}

TEST(HttpResponseTest, SwitchingProtocolsIsFinal) {
  HttpResponseParser parser;
  EXPECT_EQ(parser.feed("HTTP/1.1 101 Switching Protocols\r\n\r\n"), State::kDone);
  EXPECT_EQ(parser.response().status, 101);
}

TEST(HttpResponseTest, NoContentAndNotModifiedHaveNoBody) {
  for (const std::string_view status : {"204", "304"}) {
    HttpResponseParser parser;
    EXPECT_EQ(parser.feed("HTTP/1.1 " + std::string(status) + " x\r\nContent-Length: 7\r\n\r\n"),
              State::kDone);
    EXPECT_EQ(parser.response().body, "");
  }
}

TEST(HttpResponseTest, AnAnswerToHeadHasNoBody) {
  HttpResponseParser parser(/*answers_head=*/true);
  EXPECT_EQ(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"), State::kDone);
}

TEST(HttpResponseTest, JoinsChunksAndDropsTrailers) {
  const Outcome outcome = whole(samples()[7]);
  EXPECT_EQ(outcome.state, State::kDone);
  EXPECT_EQ(outcome.response.body, "hello world");
  EXPECT_EQ(outcome.response.body_bytes, 11u);
  EXPECT_EQ(outcome.response.header("x-sum"), nullptr);
}

TEST(HttpResponseTest, ChunkedWinsOverALength) {
  EXPECT_EQ(whole(samples()[8]).response.body, "ab");
}

TEST(HttpResponseTest, JoinsRepeatedHeaders) {
  const Outcome outcome = whole("HTTP/1.1 200 OK\r\nVia: a\r\nvia:b\r\nX:\r\n\r\n");
  ASSERT_NE(outcome.response.header("via"), nullptr);
  EXPECT_EQ(*outcome.response.header("via"), "a, b");
  EXPECT_EQ(*outcome.response.header("x"), "");
}

TEST(HttpResponseTest, KeepsTheBeginningOfALongBodyAndCountsTheRest) {
  const std::string body(kBodyBytesKept + 1000, 'x');
  for (const std::string& head :
       {"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n",
        std::string("HTTP/1.1 200 OK\r\n\r\n")}) {
    const Outcome outcome = whole(head + body);
    EXPECT_EQ(outcome.state, State::kDone);
    EXPECT_EQ(outcome.response.body.size(), kBodyBytesKept);
    EXPECT_EQ(outcome.response.body_bytes, body.size());
  }
}

TEST(HttpResponseTest, TellsAnotherProtocolFromHttp) {
  EXPECT_EQ(error_of("SSH-2.0-OpenSSH_9.2\r\n"),
            "the answer is not HTTP/1: it begins with \"SSH-2.0-OpenSSH_9.2\"");
  EXPECT_EQ(error_of("PONG"), "the answer is not HTTP/1: it begins with \"PONG\"");
}

TEST(HttpResponseTest, TellsAnotherProtocolWithoutWaitingForALineBreak) {
  HttpResponseParser parser;
  EXPECT_EQ(parser.feed(std::string(40, '\0')), State::kError);
}

TEST(HttpResponseTest, SaysWhereTheStreamWasCut) {
  EXPECT_EQ(error_of(""), "the connection was closed before an answer");
  EXPECT_EQ(error_of("HTTP/1"), "the connection was closed within the response head");
  EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nA: b\r\n"),
            "the connection was closed within the response head");
  EXPECT_EQ(error_of("HTTP/1.1 100 Continue\r\n\r\n"),
            "the connection was closed within the response head");
  EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1234"),
            "the connection was closed after 4 of 9 body bytes");
  EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"),
            "the connection was closed within a chunked body, after 3 bytes of it");
  EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"),
            "the connection was closed within a chunked body, after 0 bytes of it");
}

TEST(HttpResponseTest, RefusesMalformedHeads) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  EXPECT_EQ(error_of("HTTP/1.1 20 OK\r\n"), "malformed status line \"HTTP/1.1 20 OK\"");
  EXPECT_EQ(error_of("HTTP/1.1 099 OK\r\n"), "malformed status line \"HTTP/1.1 099 OK\"");
  EXPECT_EQ(error_of("HTTP/1.1 200OK\r\n"), "malformed status line \"HTTP/1.1 200OK\"");
  EXPECT_EQ(error_of(ok + "X: a\r\n b\r\n\r\n"), "a folded header line is not supported: \" b\"");
  EXPECT_EQ(error_of(ok + "no colon\r\n\r\n"), "malformed header line \"no colon\"");
  EXPECT_EQ(error_of(ok + "X : a\r\n\r\n"), "malformed header line \"X : a\"");
  EXPECT_EQ(error_of(ok + ": a\r\n\r\n"), "malformed header line \": a\"");
  EXPECT_EQ(error_of(ok + "X: a\rb\r\n\r\n"),
            "a header value has a control character: \"X: a\\rb\"");
}

TEST(HttpResponseTest, RefusesFramingItCannotTrust) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  for (const std::string_view length :
       {"", "-1", "+5", "5 5", "0x5", "5,", "5, 6", "9999999999999999999"}) {
    EXPECT_TRUE(error_of(ok + "Content-Length: " + std::string(length) + "\r\n\r\n")
                    .starts_with("malformed Content-Length"))
        << length;
  }
  EXPECT_EQ(error_of(ok + "Transfer-Encoding: gzip, chunked\r\n\r\n"),
            "Transfer-Encoding \"gzip, chunked\" is not supported");
  const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
  for (const std::string_view size : {"", "-1", "g", "5 5", "0x5", "1234567890123456"}) {
    EXPECT_TRUE(error_of(chunked + std::string(size) + "\r\n").starts_with("malformed chunk size"))
        << size;
  }
  for (const std::string_view end : {"d", "\r\r\n", "\rd"}) {
    EXPECT_EQ(error_of(chunked + "3\r\nabc" + std::string(end)),
              "a chunk is longer than its size says");
  }
}

TEST(HttpResponseTest, BoundsWhatThePeerChooses) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  EXPECT_EQ(error_of(ok + "X: " + std::string(kHeadBytesMax, 'x')),
            "the response head is longer than 65536 bytes");
  std::string many = ok;
  for (size_t i = 0; i <= kHeaderLinesMax; ++i) many += "a:b\r\n";
  EXPECT_EQ(error_of(many), "the response head has more than 1000 header lines");
  std::string interim;
  while (interim.size() <= kHeadBytesMax) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(error_of(interim), "the response head is longer than 65536 bytes");
  EXPECT_EQ(error_of(ok + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(5000, 'x')),
            "a chunk size line is longer than 4096 bytes");
}

TEST(HttpResponseTest, EveryCutGivesTheSame) {
  for (const std::string& bytes : samples()) {
    const Outcome expected = whole(bytes);
    ASSERT_NE(expected.state, State::kNeedMore) << bytes;
    ASSERT_EQ(byte_by_byte(bytes), expected) << bytes;
    for (size_t i = 0; i <= bytes.size(); ++i) {
      for (size_t j = i; j <= bytes.size(); ++j) {
        const std::string_view view = bytes;
        ASSERT_EQ(outcome_of({view.substr(0, i), view.substr(i, j - i), view.substr(j)}), expected)
            << bytes << " cut at " << i << " and " << j;
      }
    }
  }
}

TEST(HttpResponseTest, EveryPrefixIsRefusedOrWaitsForMore) {
  for (const std::string& bytes : samples()) {
    if (whole(bytes).state != State::kDone) continue;
    for (size_t i = 0; i < bytes.size(); ++i) {
      HttpResponseParser parser;
      ASSERT_NE(parser.feed(std::string_view(bytes).substr(0, i)), State::kError)
          << bytes << " cut at " << i;
    }
  }
}

// Samples with bytes changed, removed and doubled: close to HTTP, and mostly wrong.
rc::Gen<std::string> damaged_response() {
  return rc::gen::exec([] {
    std::string bytes = *rc::gen::elementOf(samples());
    const int damages = *rc::gen::inRange(0, 4);
    for (int i = 0; i < damages && !bytes.empty(); ++i) {
      const size_t at = *rc::gen::inRange<size_t>(0, bytes.size());
      switch (*rc::gen::inRange(0, 3)) {
        case 0:
          bytes[at] = *rc::gen::elementOf(std::string("\r\n :,;0519afHX\0\x80", 15));
          break;
        case 1:
          bytes.erase(at, 1);
          break;
        default:
          bytes.insert(at, bytes.substr(at, *rc::gen::inRange<size_t>(1, 20)));
      }
    }
    return bytes;
  });
}

RC_GTEST_PROP(HttpResponseProperty, CutsNeverMatter, ()) {
  const std::string bytes = *damaged_response();
  std::vector<std::string_view> pieces;
  for (std::string_view rest = bytes; !rest.empty();) {
    const size_t size = *rc::gen::inRange<size_t>(1, rest.size() + 1);
    pieces.push_back(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  RC_ASSERT(outcome_of(pieces) == whole(bytes));
  RC_ASSERT(byte_by_byte(bytes) == whole(bytes));
}

RC_GTEST_PROP(HttpResponseProperty, ReadsBackAnyChunking, (const std::string& body)) {
  std::string bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::string_view rest = body; !rest.empty();) {
    const size_t size = *rc::gen::inRange<size_t>(1, rest.size() + 1);
    char digits[20];
    std::snprintf(digits, sizeof digits, "%zX", size);
    bytes += std::string(digits) + "\r\n" + std::string(rest.substr(0, size)) + "\r\n";
    rest.remove_prefix(size);
  }
  bytes += "0\r\n\r\n";
  const Outcome outcome = whole(bytes);
  RC_ASSERT(outcome.state == State::kDone);
  RC_ASSERT(outcome.response.body == body);
}

}  // namespace
}  // namespace fb
