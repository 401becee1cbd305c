#include "starlark/spec/recorded_set.h"

#include "starlark/syntax/parser.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>

namespace fb::spec {
namespace {

using Names = std::vector<std::string>;

Names names_of(const SyscallSet& set) {
  Names names;
  for (SyscallId id : set.list()) names.emplace_back(row_of(id).name);
  return names;
}

Names family(std::string_view name) {
  SyscallSet set;
  for (SyscallId id : expand_family(name)) set.insert(id);
  return names_of(set);
}

Names sorted(Names names) {
  std::sort(names.begin(), names.end());
  return names;
}

Names both(Names a, const Names& b) {
  a.insert(a.end(), b.begin(), b.end());
  a = sorted(std::move(a));
  a.erase(std::unique(a.begin(), a.end()), a.end());
  return a;
}

// Two services, `db` (with an operation `persist`) and `web`; a file-level name of a service is
// that service unless the source binds it otherwise.
class RecordedSetTest : public testing::Test {
 protected:
  RecordedSetTest() {
    ServiceSpec db{.name = "db"};
    db.ops["persist"] = OperationSpec{.name = "persist", .syscalls = {"fsync", "ftruncate"}};
    topology_.services = {db, ServiceSpec{.name = "web"}};
  }

  void run(const std::string& source) { run_files({source}); }
  void run_files(const std::vector<std::string>& sources) {
    RecordedInput input;
    input.topology = &topology_;
    std::vector<std::unique_ptr<starlark::syntax::File>> files;
    for (const std::string& source : sources) {
      auto parsed = starlark::syntax::parse("spec.star", source, starlark::Dialect::spec());
      ASSERT_TRUE(std::holds_alternative<std::unique_ptr<starlark::syntax::File>>(parsed))
          << std::get<starlark::Diagnostic>(parsed).message;
      files.push_back(std::move(std::get<0>(parsed)));
      input.files.push_back(
          {files.back().get(), [this](std::string_view name) { return topology_.find(name); }});
    }
    const auto sets = recorded_sets(input);
    db_ = names_of(sets[0]);
    web_ = names_of(sets[1]);
  }

  Topology topology_;
  Names db_, web_;
};

TEST_F(RecordedSetTest, ASpecThatNamesNothingRecordsNothing) {
  run("def test_a():\n    assert_eq(1, 1)\n");
  EXPECT_EQ(db_, Names{});
  EXPECT_EQ(web_, Names{});
}

TEST_F(RecordedSetTest, KeysOfFaultAreExpanded) {
  run("def test_a():\n    fault(db, write = deny('EIO'), openat = deny('EIO'), run = f)\n"
      "def f(): pass\n");
  EXPECT_EQ(db_, both(family("write"), {"openat"}));
  EXPECT_EQ(web_, Names{});
}

TEST_F(RecordedSetTest, RunAndSourceAreNoKeys) {
  run("def test_a():\n    fault(db, run = f, source = web)\ndef f(): pass\n");
  EXPECT_EQ(db_, Names{});
}

TEST_F(RecordedSetTest, FaultStartCountsWhereverItStands) {
  run("def unused():\n    def inner():\n        return [lambda: fault_start(web, connect=X)]\n"
      "    return inner\n");
  EXPECT_EQ(web_, Names{"connect"});
}

TEST_F(RecordedSetTest, AnOperationStandsForItsCalls) {
  run("def test_a():\n    fault_start(db, persist = deny('EIO'))\n");
  EXPECT_EQ(db_, both(family("fsync"), {"ftruncate"}));
}

TEST_F(RecordedSetTest, AnArgumentThatIsNoKnownServiceCountsForAll) {
  run("def helper(svc):\n    fault_start(svc, rename = deny('EIO'))\n");
  EXPECT_EQ(db_, family("rename"));
  EXPECT_EQ(web_, family("rename"));
}

TEST_F(RecordedSetTest, AParameterHidesTheServiceOfThatName) {
  run("def helper(db):\n    fault_start(db, connect = deny('EIO'))\n");
  EXPECT_EQ(web_, Names{"connect"});
}

TEST_F(RecordedSetTest, ALoopVariableHidesTheServiceOfThatName) {
  run("x = [fault_start(db, connect = A) for db in all]\n");
  EXPECT_EQ(web_, Names{"connect"});
}

TEST_F(RecordedSetTest, RulesOfAnInterfaceNameNoCalls) {
  run("def test_a():\n    fault(db.main, drop(write = 1), run = f)\ndef f(): pass\n");
  EXPECT_EQ(db_, Names{});
}

TEST_F(RecordedSetTest, LiteralsOfTraceCount) {
  run("def test_a():\n    trace(db, syscalls = ['fsync', 'persist'], run = f)\n"
      "    trace_start(web, ['connect'])\ndef f(): pass\n");
  EXPECT_EQ(db_, both(family("fsync"), {"ftruncate"}));
  EXPECT_EQ(web_, Names{"connect"});
}

TEST_F(RecordedSetTest, FiltersCountForTheirService) {
  run("def test_a():\n    assert_never(service = 'db', syscall = 'connect')\n"
      "    events(syscall = 'unlink')\n");
  EXPECT_EQ(db_, both({"connect"}, family("unlink")));
  EXPECT_EQ(web_, family("unlink"));
}

TEST_F(RecordedSetTest, AFilterMayNameTheServiceByItsAttribute) {
  run("def test_a():\n    assert_eventually(service = db.name, syscall = 'connect')\n");
  EXPECT_EQ(db_, Names{"connect"});
  EXPECT_EQ(web_, Names{});
}

TEST_F(RecordedSetTest, APatternOfServicesCountsForThoseItMatches) {
  run("monitor(f, service = 'w*', syscall = 'connect')\ndef f(e): pass\n");
  EXPECT_EQ(db_, Names{});
  EXPECT_EQ(web_, Names{"connect"});
}

TEST_F(RecordedSetTest, APatternOfCallsCountsForThoseItMatches) {
  run("monitor(f, service = 'db', syscall = 'rename*')\ndef f(e): pass\n");
  EXPECT_EQ(db_, family("rename"));
  run("monitor(f, service = 'db', syscall = '*')\ndef f(e): pass\n");
  EXPECT_EQ(db_, Names{});
}

TEST_F(RecordedSetTest, DictsOfAssertBeforeCount) {
  run("def test_a():\n"
      "    assert_before(first = {'service': 'db', 'syscall': 'fsync'},\n"
      "                  then = {'syscall': 'connect', 'service': web.name})\n");
  EXPECT_EQ(db_, family("fsync"));
  EXPECT_EQ(web_, Names{"connect"});
}

TEST_F(RecordedSetTest, PredicatesCountForTheServicesTheyCompare) {
  run("def test_a():\n"
      "    assert_eventually(where = lambda e: e.service == 'db' and e.syscall == 'connect')\n");
  EXPECT_EQ(db_, Names{"connect"});
  EXPECT_EQ(web_, Names{});
}

TEST_F(RecordedSetTest, PredicatesWithoutAServiceCountForAll) {
  run("def p(e):\n    return e['syscall'] in ('connect', 'accept') or 'unlink' != "
      "e.get('syscall')\n");
  EXPECT_EQ(db_, both(both({"connect"}, family("accept")), family("unlink")));
  EXPECT_EQ(web_, db_);
}

TEST_F(RecordedSetTest, ComparisonsOfOneFunctionDoNotSpeakForAnother) {
  run("def p(e): return e.service == 'db'\ndef q(e): return e.syscall == 'connect'\n");
  EXPECT_EQ(web_, Names{"connect"});
}

TEST_F(RecordedSetTest, AListWithAnUnknownServiceCountsForAll) {
  run("def p(e): return e.service in ['db', other()] and e.syscall == 'connect'\n");
  EXPECT_EQ(web_, Names{"connect"});
}

TEST_F(RecordedSetTest, PartitionsRecordConnectOfBothSides) {
  run("def test_a():\n    partition(db, web, run = f)\ndef f(): pass\n");
  EXPECT_EQ(db_, Names{"connect"});
  EXPECT_EQ(web_, Names{"connect"});
}

TEST_F(RecordedSetTest, AWordUnderAnotherNameStillCounts) {
  run("inject = fault_start\ndef test_a():\n    inject(db, connect = deny('EIO'))\n");
  EXPECT_EQ(db_, Names{"connect"});
  EXPECT_EQ(web_, Names{});
}

TEST_F(RecordedSetTest, AWordUnderAnotherNameCountsInOtherFilesToo) {
  run_files({"words = {'f': fault_start}\n",
             "def test_a():\n    words['f'](web, connect = deny('EIO'))\n"});
  EXPECT_EQ(web_, Names{"connect"});
}

TEST_F(RecordedSetTest, ANameTheSpecBindsItselfIsNotTheWord) {
  run("def fault_start(svc, connect): pass\ndef test_a():\n    fault_start(db, connect = 1)\n");
  EXPECT_EQ(db_, Names{});
}

TEST_F(RecordedSetTest, TextInStringsAndCommentsDoesNotCount) {
  run("# fault(db, connect = deny('EIO'))\nx = 'fault(db, connect = deny(1))'\n");
  EXPECT_EQ(db_, Names{});
}

TEST_F(RecordedSetTest, UnknownKeysAddNothing) {
  run("def test_a():\n    fault_start(db, wriet = deny('EIO'))\n");
  EXPECT_EQ(db_, Names{});
}

}  // namespace
}  // namespace fb::spec
