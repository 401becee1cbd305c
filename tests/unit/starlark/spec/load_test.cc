// Loading: the form of errors, load(), which tests there are, what only a running test may do.
#include "tests/unit/starlark/spec/spec_fixture.h"

namespace fb::spec {
namespace {

class LoadTest : public SpecTest {};

std::vector<std::string> names_of(const Spec& spec) {
  std::vector<std::string> names;
  for (const TestInfo& test : spec.tests()) names.push_back(test.name);
  return names;
}
using Names = std::vector<std::string>;

TEST_F(LoadTest, AnErrorNamesPositionBuiltinAndSuggestion) {
  const std::string report = load_error("x = deny('EOI')\n");
  EXPECT_EQ(report, "spec.star:1:9: deny(): unknown errno \"EOI\" (did you mean \"EIO\"?)");
}

TEST_F(LoadTest, AnErrorListsItsCallers) {
  EXPECT_EQ(load_error("def make():\n    return deny('EIO', trigger = 'nth=0')\nx = make()\n")
                .find("spec.star:2:16: deny(): "),
            0u);
  EXPECT_NE(load_error("def make():\n    return deny('EIO', trigger = 'nth=0')\nx = make()\n")
                .find("\n  spec.star:3:9 in "),
            std::string::npos);
}

TEST_F(LoadTest, UnknownNamesAreRefusedInFunctionsThatNeverRun) {
  const std::string report = load_error("def f():\n    retrun_value\n");
  EXPECT_EQ(report.find("spec.star:2:5: undefined: retrun_value"), 0u) << report;
}

TEST_F(LoadTest, AMissingFileIsALoadFailure) {
  SpecCache cache;
  Spec::Loaded loaded =
      Spec::load({.path = "none.star", .files = files_, .clients = catalog_, .cache = cache});
  ASSERT_TRUE(loaded.failure.has_value());
  EXPECT_EQ(loaded.failure->code, "SPEC_LOAD_FAILED");
  EXPECT_EQ(loaded.report, "cannot open 'none.star': no such file or directory");
}

TEST_F(LoadTest, ASyntaxErrorHasItsOwnCodeAndAPosition) {
  const Spec::Loaded loaded = load("x = (1\n");
  ASSERT_TRUE(loaded.failure.has_value());
  EXPECT_EQ(loaded.failure->code, "SPEC_SYNTAX");
  EXPECT_FALSE(loaded.failure->position.empty());
}

TEST_F(LoadTest, TestsAreGlobalFunctionsSortedByName) {
  const Spec::Loaded loaded = load(
      "def test_b():\n    'Second.'\n    pass\ndef test_a(): pass\ndef helper(): pass\n"
      "test_number = 3\n");
  ASSERT_NE(loaded.spec, nullptr) << loaded.report;
  EXPECT_EQ(names_of(*loaded.spec), (Names{"test_a", "test_b"}));
  EXPECT_EQ(loaded.spec->tests()[1].doc, "Second.");
  EXPECT_EQ(loaded.spec->tests()[1].line, 1u);
  EXPECT_EQ(loaded.spec->tests()[1].file, "spec.star");
}

TEST_F(LoadTest, ATestTakesNoArguments) {
  EXPECT_EQ(load_error("def test_a(b = 1, *c): pass\ndef test_x(a): pass\n"),
            "spec.star:2:12: a test takes no arguments, test_x has the parameter a");
}

TEST_F(LoadTest, ScenariosAreTestsUnderTheirName) {
  const Spec::Loaded loaded =
      load("def order(): pass\nscenario(order)\ndef test_pay(): pass\nscenario(test_pay)\n");
  ASSERT_NE(loaded.spec, nullptr) << loaded.report;
  EXPECT_EQ(names_of(*loaded.spec), (Names{"test_order", "test_pay"}));
  EXPECT_TRUE(loaded.spec->tests()[0].scenario);
  EXPECT_TRUE(loaded.spec->tests()[1].scenario);
}

TEST_F(LoadTest, AScenarioThatHidesAnotherTestIsRefused) {
  EXPECT_NE(load_error("def order(): pass\nscenario(order)\ndef test_order(): pass\n")
                .find("scenario(): test_order is already a test, and another function"),
            std::string::npos);
}

TEST_F(LoadTest, AScenarioNeedsANamedFunction) {
  EXPECT_EQ(
      load_error("scenario(lambda: 1)\n").find("spec.star:1:9: scenario(): needs a named function"),
      0u);
}

TEST_F(LoadTest, LoadedFilesAreFoundBesideTheLoaderThenBesideTheRoot) {
  files_.texts["lib/a.star"] = "load('b.star', 'b')\nload('top.star', 'top')\na = b + top\n";
  files_.texts["lib/b.star"] = "b = 'b'\n";
  files_.texts["top.star"] = "top = 'top'\n";
  const Spec::Loaded loaded = load("load('lib/a.star', 'a')\nprint(a)\n");
  ASSERT_NE(loaded.spec, nullptr) << loaded.report;
  EXPECT_EQ(printed_, Names{"btop"});
}

TEST_F(LoadTest, OneFileRunsOnceHoweverItIsSpelled) {
  files_.texts["lib/a.star"] = "print('once')\na = 1\n";
  files_.texts["lib/b.star"] = "load('../lib/a.star', 'a')\nb = a\n";
  const Spec::Loaded loaded = load("load('lib/b.star', 'b')\nload('./lib/a.star', 'a')\n");
  ASSERT_NE(loaded.spec, nullptr) << loaded.report;
  EXPECT_EQ(printed_, Names{"once"});
}

TEST_F(LoadTest, ALoadCycleIsShown) {
  files_.texts["a.star"] = "load('b.star', 'b')\na = 1\n";
  files_.texts["b.star"] = "load('a.star', 'a')\nb = 1\n";
  const std::string report = load_error("load('a.star', 'a')\n");
  EXPECT_NE(report.find("load cycle: a.star -> b.star -> a.star"), std::string::npos) << report;
}

TEST_F(LoadTest, TestsOfALoadedFileAreNotOurs) {
  files_.texts["lib.star"] = "def test_x(): pass\n";
  const Spec::Loaded loaded = load("load('lib.star', 'test_x')\ndef test_a(): pass\n");
  ASSERT_NE(loaded.spec, nullptr) << loaded.report;
  EXPECT_EQ(names_of(*loaded.spec), Names{"test_a"});
}

TEST_F(LoadTest, ServicesOfALoadedFileAreOurs) {
  files_.texts["lib.star"] = kServices;
  const Spec::Loaded loaded = load(
      "load('lib.star', d = 'db')\ndef test_a():\n    fault_start(d, connect = deny('EIO'))\n");
  ASSERT_NE(loaded.spec, nullptr) << loaded.report;
  EXPECT_EQ(loaded.spec->topology().names(), (Names{"db", "api"}));
  EXPECT_TRUE(loaded.spec->topology().services[0].recorded.contains(*find_syscall("connect")));
  EXPECT_TRUE(loaded.spec->topology().services[1].recorded.empty());
}

TEST_F(LoadTest, ASpecMayBindAPredeclaredNameItself) {
  const Spec::Loaded loaded = load("hold = 3\nstdout = hold + 1\nprint(stdout)\n");
  ASSERT_NE(loaded.spec, nullptr) << loaded.report;
  EXPECT_EQ(printed_, Names{"4"});
}

TEST_F(LoadTest, WordsThatNeedATestAreErrorsWhileLoading) {
  const char* calls[] = {"fault(db, write = deny('EIO'), run = f)",
                         "fault_stop(db)",
                         "trace_stop(db)",
                         "events()",
                         "release('x')",
                         "held()",
                         "parallel(f)",
                         "assert_true(True)",
                         "db.main.send('x')",
                         "wait_held('x')",
                         "assert_never(type = 'syscall')"};
  for (const char* call : calls) {
    const std::string report =
        load_error(std::string(kServices) + "def f(): pass\nx = " + call + "\n");
    EXPECT_NE(report.find("(): needs a running test"), std::string::npos) << call << ": " << report;
  }
}

TEST_F(LoadTest, WordsOfLoadingAreErrorsInATest) {
  EXPECT_NE(reason_in_test("service('x', './x')").find("service(): belongs at module level"),
            std::string::npos);
  EXPECT_NE(reason_in_test("scenario(test_a)").find("scenario(): belongs at module level"),
            std::string::npos);
}

TEST_F(LoadTest, WordsToComeSayThatTheyAreNotThereYet) {
  EXPECT_EQ(load_error("x = choose([1, 2])\n"),
            "spec.star:1:11: choose(): choose is not available yet in this version");
  EXPECT_NE(reason_in_test("maybe(1)").find("maybe(): maybe is not available yet in this version"),
            std::string::npos);
}

TEST_F(LoadTest, OptionsAreTheDefaultsOfTheSpec) {
  const Spec::Loaded loaded =
      load("options(timeout = '5s', redact = ['geheim'], network = 'host')\n");
  ASSERT_NE(loaded.spec, nullptr) << loaded.report;
  EXPECT_EQ(loaded.spec->defaults().timeout, Duration(std::chrono::seconds(5)));
  EXPECT_EQ(loaded.spec->defaults().redact, Names{"geheim"});
  EXPECT_TRUE(loaded.spec->defaults().host_network);
}

TEST_F(LoadTest, OptionsAreChecked) {
  EXPECT_NE(load_error("options(network = 'hots')\n")
                .find("options(): unknown network \"hots\" (did you mean \"host\"?)"),
            std::string::npos);
  EXPECT_NE(load_error("options(timout = '5s')\n")
                .find("options(): unexpected keyword argument \"timout\" (did you mean "
                      "\"timeout\"?)"),
            std::string::npos);
}

TEST_F(LoadTest, EveryEvaluationStartsAfresh) {
  const std::string source =
      "seen = {'n': 0}\ndef test_a():\n    seen['n'] += 1\n    print(seen['n'])\n";
  run(source);
  run(source);
  EXPECT_EQ(printed_, (Names{"1", "1"}));
}

TEST_F(LoadTest, FilesAreReadOncePerProcess) {
  files_.texts["lib.star"] = "a = 1\n";
  const std::string source = "load('lib.star', 'a')\ndef test_a(): pass\n";
  run(source);
  const int reads = files_.reads;
  run(source);
  EXPECT_EQ(files_.reads, reads);
}

}  // namespace
}  // namespace fb::spec
