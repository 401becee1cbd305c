// The examples of the specification load and run as they stand.
#include "tests/unit/starlark/spec/spec_fixture.h"

namespace fb::spec {
namespace {

class ExamplesTest : public SpecTest {};

TEST_F(ExamplesTest, NamedOperation) {
  int writes = 0;
  catalog_.answer = [&](const StepCall&) {
    if (writes++ == 1) submit("db", "fsync", "/srv/x.wal");
    submit("db", "write", "/srv/x.wal");
    return StepResponse{.ok = true, .body = "OK"};
  };
  const TestResult result =
      run("db = service(\"db\", \"./db\", interface(\"main\", \"tcp\", 7000),\n"
          "             ops = {\"commit\": op([\"write\", \"fsync\"], path = \"*.wal\")})\n"
          "def two_puts():\n    db.main.send(\"a\")\n    db.main.send(\"b\")\n"
          "def test_a():\n"
          "    fault(db, commit = deny(\"EIO\", trigger = \"after=1\"), run = two_puts)\n"
          "    assert_eventually(where = lambda e: e.service == \"db\" and e.op == \"commit\")\n");
  EXPECT_EQ(result.result, Verdict::kPass) << result.reason;
  EXPECT_EQ(decisions(), (std::vector<std::string>{"allow", "deny 5", "deny 5"}));
}

TEST_F(ExamplesTest, FewDenials) {
  catalog_.answer = [&](const StepCall&) {
    submit("db", "write", "/srv/x");
    return StepResponse{.ok = true, .body = "OK"};
  };
  const TestResult result =
      run("db = service(\"db\", \"./db\", interface(\"main\", \"tcp\", 7000))\n"
          "seen = {\"n\": 0}\n"
          "def few_denials(e):\n"
          "    seen[\"n\"] += 1\n"
          "    if seen[\"n\"] > 3: fail(\"retry storm: \" + e.path)\n"
          "monitor(few_denials, service = \"db\", decision = \"deny*\")\n"
          "def puts():\n    [db.main.send(\"a\") for i in range(5)]\n"
          "def test_a():\n    fault(db, write = deny(\"EIO\"), run = puts)\n");
  EXPECT_EQ(result.reason, "monitor violation: fail: retry storm: /srv/x");
}

TEST_F(ExamplesTest, AProtocolFaultIsAppliedAndRemoved) {
  catalog_.answer = [&](const StepCall&) { return StepResponse{.ok = true, .status = 503}; };
  const TestResult result =
      run("shop = service(\"shop\", \"./shop\", interface(\"main\", \"http\", 80))\n"
          "cache = service(\"cache\", \"./cache\", interface(\"main\", \"redis\", 6379))\n"
          "def test_a():\n"
          "    fault(cache.main, error(command = \"SET\", message = \"READONLY\", trigger = "
          "\"first=2\"), source = shop,\n"
          "          run = lambda: assert_eq(shop.post(\"/cart\", \"a\").status, 503))\n");
  EXPECT_EQ(result.reason, "");
  ASSERT_EQ(result.protocol_faults.size(), 1u);
  EXPECT_EQ(result.protocol_faults[0].source, "shop");
  EXPECT_EQ(result.protocol_faults[0].match,
            (std::vector<std::pair<std::string, std::string>>{{"command", "SET"}}));
}

TEST_F(ExamplesTest, TracedOrder) {
  net_.scripts.push_back({});  // the health check connects
  catalog_.answer = [&](const StepCall&) {
    submit("a", "write", "/tmp/x");
    submit("a", "fsync", "/tmp/x");
    submit("a", "sendto");
    return StepResponse{.ok = true, .body = "OK"};
  };
  const TestResult result =
      run("a = service(\"a\", \"./bin\", interface(\"main\", \"tcp\", 17620),\n"
          "    args = [\"17620\", \"A\"], healthcheck = tcp(\"localhost:17620\"),\n)\n"
          "def ack(svc, wal):\n    def scenario():\n"
          "        svc.main.send(data=\"go\")\n"
          "        assert_before(first={\"service\": svc.name, \"syscall\": \"fsync\"}, "
          "then={\"service\": svc.name, \"syscall\": \"sendto\"})\n"
          "    trace(svc, syscalls=[\"write\", \"fsync\", \"sendto\"], run=scenario)\n"
          "def test_a():\n    ack(a, \"wal\")\n");
  EXPECT_EQ(result.result, Verdict::kPass) << result.reason;
}

}  // namespace
}  // namespace fb::spec
