#include "proxies/tcp/steps/steps.h"

#include "tests/unit/proxies/catalog_fixture.h"

namespace fb::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class TcpStepsTest : public CatalogTest {
 protected:
  StepResponse send(const std::string& data_json, std::optional<Duration> timeout = {}) {
    StepCall call = step("tcp", "send", {{"data", data_json}});
    call.timeout = timeout;
    return catalog.call(net, call);
  }
  Status probe() { return catalog.probe(net, "tcp", Address::loopback4(8080), seconds(2)); }
};

TEST_F(TcpStepsTest, SendsALineAndReturnsOneTrimmed) {
  answer("  PONG \r\nmore");
  const StepResponse response = send("\"PING\"");
  EXPECT_TRUE(response.ok);
  EXPECT_EQ(response.body, "PONG");
  EXPECT_EQ(response.error, "");
  ASSERT_EQ(net.log.size(), 1u);
  EXPECT_EQ(net.log[0].written, "PING\n");
  EXPECT_EQ(net.log[0].to, Address::loopback4(8080));
  EXPECT_EQ(net.log[0].actor, ActorId::branch(ActorId::test(), 1));
  EXPECT_TRUE(net.log[0].closed);
}

TEST_F(TcpStepsTest, AddsNoSecondLineBreak) {
  answer("OK\n");
  EXPECT_EQ(send("\"a\\nb\\n\"").body, "OK");
  EXPECT_EQ(net.log[0].written, "a\nb\n");
}

TEST_F(TcpStepsTest, DeclaresAStringResult) {
  const auto methods = catalog.methods("tcp");
  ASSERT_EQ(methods.size(), 1u);
  EXPECT_TRUE(methods[0].returns_string);
  EXPECT_EQ(methods[0].limit, seconds(15));
}

TEST_F(TcpStepsTest, APeerThatClosesHasAnswered) {
  answer("half");
  EXPECT_EQ(send("\"x\"").body, "half");
  net.scripts.push_back({});
  const StepResponse empty = send("\"x\"");
  EXPECT_TRUE(empty.ok);
  EXPECT_EQ(empty.body, "");
}

TEST_F(TcpStepsTest, SaysWhatFailed) {
  EXPECT_EQ(send("\"x\"").error, "tcp send failed: dial 127.0.0.1:8080: connection refused");
  net.scripts.push_back({.reads = {"ha"}, .end = PeerScript::End::kReset});
  EXPECT_EQ(send("\"x\"").error, "tcp send failed: read: connection reset by peer");
  net.scripts.push_back({.write_fails = failed("write: broken pipe")});
  const StepResponse response = send("\"x\"");
  EXPECT_EQ(response.error, "tcp send failed: write: broken pipe");
  EXPECT_FALSE(response.ok);
}

TEST_F(TcpStepsTest, ConnectsWithinFiveSecondsAndReadsWithinTen) {
  net.scripts.push_back({.end = PeerScript::End::kSilence, .connect_takes = seconds(4)});
  EXPECT_EQ(send("\"x\"").error, "tcp send failed: no line came back within 10s");
  EXPECT_EQ(net.log[0].connect_limit, seconds(5));
  EXPECT_EQ(net.now, Instant{} + seconds(14));
}

TEST_F(TcpStepsTest, DribbledBytesDoNotStretchTheLimit) {
  net.scripts.push_back({.reads = {"x"}, .read_takes = seconds(3), .again = true});
  EXPECT_EQ(send("\"x\"").error, "tcp send failed: no line came back within 10s");
  EXPECT_EQ(net.now, Instant{} + seconds(10));
}

TEST_F(TcpStepsTest, BytesThatAreAlwaysThereDoNotStretchTheLimit) {
  net.scripts.push_back(
      {.reads = {"x", "x", "x", "x", "x\n"}, .read_takes = seconds(4), .overruns = true});
  EXPECT_EQ(send("\"x\"").error, "tcp send failed: no line came back within 10s");
  EXPECT_EQ(net.log[0].read_limits.size(), 3u);
}

TEST_F(TcpStepsTest, ATimeoutCoversConnectingAndReading) {
  net.scripts.push_back({.end = PeerScript::End::kSilence, .connect_takes = seconds(2)});
  EXPECT_EQ(send("\"x\"", seconds(3)).error, "tcp send failed: no line came back within 3s");
  EXPECT_EQ(net.now, Instant{} + seconds(3));
}

TEST_F(TcpStepsTest, BoundsTheLine) {
  answer(std::string(kLineBytesMax, 'x') + "\n");
  EXPECT_EQ(send("\"x\"").body.size(), kLineBytesMax);
  for (const std::string_view end : {"x\n", "x", "xxxx"}) {
    answer(std::string(kLineBytesMax, 'x') + std::string(end));
    EXPECT_EQ(send("\"x\"").error,
              "tcp send failed: the line that came back is longer than 65536 bytes");
  }
}

TEST_F(TcpStepsTest, CutsNeverMatter) {
  for (const std::string bytes : {"one line\r\nand more\n", "no line break", "\n", "\r\n\r\nx"}) {
    answer(bytes);
    const std::string expected = send("\"x\"").body;
    for (auto& reads : cuts_of(bytes)) {
      net.scripts.push_back({.reads = reads});
      EXPECT_EQ(send("\"x\"").body, expected) << bytes;
    }
  }
}

TEST_F(TcpStepsTest, ProbeTakesSilenceForReady) {
  net.scripts.push_back({.end = PeerScript::End::kSilence});
  EXPECT_TRUE(probe().ok());
  EXPECT_EQ(net.now, Instant{} + milliseconds(250));
  EXPECT_TRUE(net.log[0].closed);
}

TEST_F(TcpStepsTest, ProbeIsReadyAtOnceWhenTheServiceSpeaksOrEnds) {
  answer("220 ready\r\n");
  EXPECT_TRUE(probe().ok());
  net.scripts.push_back({});
  EXPECT_TRUE(probe().ok());
  EXPECT_EQ(net.now, Instant{});
}

TEST_F(TcpStepsTest, ProbeSaysWhatWasMissing) {
  EXPECT_EQ(probe().error().message, "dial 127.0.0.1:8080: connection refused");
  net.scripts.push_back({.end = PeerScript::End::kReset});
  EXPECT_EQ(probe().error().message, "read: connection reset by peer");
}

}  // namespace
}  // namespace fb::test
