// What `faultbox check` finds without running a test.
#include "tests/unit/starlark/spec/spec_fixture.h"

#include <fmt/format.h>

namespace fb::spec {
namespace {

class CheckTest : public SpecTest {
 protected:
  // "POSITION LEVEL CODE: MESSAGE" of every finding but the recorded sets.
  std::vector<std::string> findings(const std::string& source) {
    SpecCache fresh;
    files_.texts["spec.star"] = source;
    Spec::Loaded loaded =
        Spec::load({.path = "spec.star", .files = files_, .clients = catalog_, .cache = fresh});
    EXPECT_NE(loaded.spec, nullptr) << loaded.report;
    std::vector<std::string> out;
    for (const Diagnostic& found : loaded.spec->check(find_binary_)) {
      if (found.code == "RECORDED_SET") continue;
      out.push_back(fmt::format("{} {} {}: {}", found.position, level_name(found.level), found.code,
                                found.message));
    }
    return out;
  }
  // The errors in the body of a test; its assertion keeps the suite's own findings away.
  std::vector<std::string> errors_in_body(const std::string& body) {
    return findings(std::string(kServices) + "def helper(x, run): pass\n" +
                    "def test_control():\n    assert_true(db.send('x'))\n" + "def test_a():\n    " +
                    body + "\n    assert_true(True)\n");
  }
  using Texts = std::vector<std::string>;

  Spec::FindBinary find_binary_;
};

TEST_F(CheckTest, ASoundSpecHasNoFinding) {
  EXPECT_EQ(
      errors_in_body("fault_start(db, write = deny('EIO', path = '*.wal'), persist = hold())"),
      Texts{});
}

TEST_F(CheckTest, LiteralMistakesAreFoundWhereTheyStand) {
  EXPECT_EQ(errors_in_body("f = lambda: deny('EOI')"),
            Texts{"spec.star:8:21 error SPEC_INVALID: deny(): unknown errno \"EOI\" (did you mean "
                  "\"EIO\"?)"});
  EXPECT_EQ(errors_in_body("fault_start(db, wriet = deny('EIO'))")[0].find(
                "spec.star:8:16 error SPEC_INVALID: fault_start(): unknown syscall \"wriet\""),
            0u);
  EXPECT_EQ(
      errors_in_body("fault_start(db, write = 'EIO')"),
      Texts{"spec.star:8:16 error SPEC_INVALID: fault_start(): for write: got string, want an "
            "action such as deny(\"EIO\")"});
  EXPECT_EQ(errors_in_body("fault(db, write = deny('EIO'))"),
            Texts{"spec.star:8:10 error SPEC_INVALID: fault(): missing argument for run"});
  EXPECT_EQ(errors_in_body("fault_start(db, exit_group = deny('EIO'))"),
            Texts{"spec.star:8:16 error FAULT_NOT_FILTERABLE: fault_start(): FAULT_NOT_FILTERABLE: "
                  "exit_group cannot be faulted"});
  EXPECT_EQ(errors_in_body("release('x', 1, 'EIO', 5)"),
            Texts{"spec.star:8:12 error SPEC_INVALID: release(): got 4 arguments, want at most 3"});
  EXPECT_EQ(errors_in_body("events(service = 'dbb')"),
            Texts{"spec.star:8:11 error SPEC_INVALID: events(): unknown service \"dbb\" (did you "
                  "mean \"db\"?)"});
}

TEST_F(CheckTest, WhatIsNotKnownIsLeftOut) {
  EXPECT_EQ(errors_in_body("f = lambda p, t: deny('EIO', path = p, trigger = t)"), Texts{});
  EXPECT_EQ(errors_in_body("f = lambda svc: fault_start(svc, persist = deny('EIO'))"), Texts{});
  EXPECT_EQ(errors_in_body("f = lambda kw: fault_start(db, **kw)"), Texts{});
  EXPECT_EQ(errors_in_body("f = lambda p: deny('EIO', path = p, trigger = 'nth=0')").size(), 1u);
}

TEST_F(CheckTest, StepsAndAttributesAreChecked) {
  EXPECT_EQ(errors_in_body("x = db.mian").size(), 1u);
  EXPECT_EQ(errors_in_body("x = db.main.get('/')").size(), 1u);
  EXPECT_EQ(errors_in_body("api.get(pth = '/')"),
            Texts{"spec.star:8:12 error SPEC_INVALID: get(): unexpected keyword argument \"pth\" "
                  "(did you mean \"path\"?)"});
}

TEST_F(CheckTest, LiteralScalarsOfEveryWordAreChecked) {
  EXPECT_EQ(errors_in_body("wait_held('x', timeout = '5')").size(), 1u);
  EXPECT_EQ(errors_in_body("db.send('x', timeout = 'soon')").size(), 1u);
  EXPECT_EQ(errors_in_body("assert_eventually(service = 'db', within = '2x')").size(), 1u);
  EXPECT_EQ(errors_in_body("kill(db, 'SIGKIL')").size(), 1u);
  EXPECT_EQ(errors_in_body("release('x', error = 'EOI')").size(), 1u);
  EXPECT_EQ(errors_in_body("partition_start(db, api, mode = 'dorp')").size(), 1u);
  EXPECT_EQ(errors_in_body("wait_held('x', n = 'two')"),
            Texts{"spec.star:8:14 error SPEC_INVALID: wait_held(): for parameter n: got string, "
                  "want int"});
  EXPECT_EQ(errors_in_body("wait_held('x', 2, '5s'); kill(db); partition_start(db, api, "
                           "direction = 'a->b', mode = 'drop')"),
            Texts{});
}

TEST_F(CheckTest, ALocalNameHidesTheService) {
  EXPECT_EQ(errors_in_body("f = lambda db: db.mian"), Texts{});
}

TEST_F(CheckTest, TestsWithoutAssertionsAreNamed) {
  EXPECT_EQ(findings("def test_a(): pass\n"),
            Texts{"spec.star:1:1 warning TEST_NO_ASSERTIONS: test_a asserts nothing"});
  EXPECT_EQ(findings("def check(): assert_true(True)\ndef test_a(): check()\n"), Texts{});
  EXPECT_EQ(findings("monitor(print, type = 'syscall')\ndef test_a(): pass\n"), Texts{});
}

TEST_F(CheckTest, ASuiteNeedsAPositiveControl) {
  const std::string test_a =
      "def test_a():\n    fault_start(db, write = deny('EIO'))\n    assert_true(db.send('x'))\n";
  EXPECT_EQ(findings(kServices + test_a), Texts{" warning NO_POSITIVE_CONTROL: no test sends a "
                                                "step without any fault, trace or partition"});
  EXPECT_EQ(findings(kServices + test_a + "def test_b(): assert_true(db.send('x'))\n"), Texts{});
}

TEST_F(CheckTest, ASpecWithoutTestsSaysSo) {
  EXPECT_EQ(findings("def tset_a(): pass\n"),
            Texts{"spec.star error NO_TESTS_DISCOVERED: the spec has no test"});
}

TEST_F(CheckTest, MissingBinariesAreWarnings) {
  find_binary_ = [](const ServiceSpec& service) -> Result<std::string> {
    if (service.name == "db") return failed("there is no ./db");
    return service.binary;
  };
  EXPECT_EQ(errors_in_body("pass"),
            Texts{"spec.star:1:13 warning LAUNCH_FAILED: there is no ./db"});
}

}  // namespace
}  // namespace fb::spec
