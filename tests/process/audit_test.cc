// No pair of calls that the dependence relation holds for independent may care about its order.
#include "tests/process/pair_audit.h"

#include <gtest/gtest.h>
#include <iostream>
#include <map>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace fb {

void showValue(const CallPair& pair, std::ostream& out) {
  out << pair.first << " | " << pair.second;
}

namespace {

using rc::gen::element;

std::string pick(std::initializer_list<const char*> words) {
  return *rc::gen::elementOf(std::vector<std::string>(words.begin(), words.end()));
}
std::string number(int low, int high) {
  return std::to_string(*rc::gen::inRange(low, high + 1));
}
std::string name() {
  return pick(
      {"f", "g", "e", "d", "b", "s", "h", "n", "n", "m", "b/x", "d/n", "b/n", "n/n", "l", "l/x"});
}
std::string file_fd() {
  return pick({"F", "A", "of", "og"});
}

std::string file_call() {
  switch (*rc::gen::inRange(0, 9)) {
    case 0:
      return "pread " + file_fd() + " " + number(0, 12) + " " + number(0, 6);
    case 1:
      return "pwrite " + pick({"F", "of"}) + " " + number(0, 12) + " " + number(0, 6);
    case 2:
      return "read " + file_fd() + " " + number(0, 12);
    case 3:
      return "write " + file_fd() + " " + number(0, 6);
    case 4:
      return "lseek " + file_fd() + " " + number(0, 5) + " " + pick({"s", "c", "e"});
    case 5:
      return "ftruncate " + file_fd() + " " + number(0, 14);
    case 6:
      return "truncate " + name() + " " + number(0, 14);
    case 7:
      return "fstat " + file_fd();
    default:
      return "fchmod " + file_fd() + " " + number(0, 1);
  }
}

std::string name_call() {
  switch (*rc::gen::inRange(0, 13)) {
    case 0:
      return pick({"stat ", "lstat ", "access "}) + name();
    case 1:
      return "open " + name() + " " + pick({"r", "w", "wt", "wc", "wcx", "wct", "wca"});
    case 2:
      return "unlink " + name();
    case 3:
      return "rename " + name() + " " + name();
    case 4:
      return "link " + name() + " " + name();
    case 5:
      return "symlink " + pick({"f", "n", "d"}) + " " + name();
    case 6:
      return "mkdir " + name();
    case 7:
      return "rmdir " + name();
    case 8:
      return "chmod " + name() + " " + number(0, 1);
    case 9:
      return "readlink " + name();
    case 10:
      return "list " + pick({"D", "od"});
    case 11:
      return "exchange " + name() + " " + name();
    default:
      return "open " + pick({"n", "n", "m"}) + " wcx";
  }
}

std::string lock_call() {
  const std::string range = " " + number(0, 4) + " " + number(1, 4);
  const std::string how = pick({"e", "e", "s", "u", "en", "sn"});
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      return "flock " + pick({"of", "of", "F", "og"}) + " " + how;
    case 1:
      return "setlk " + pick({"of", "F", "og"}) + " " + how + range;
    default:
      return "ofdlk " + pick({"of", "F", "og"}) + " " + how + range;
  }
}

std::string stream_call() {
  switch (*rc::gen::inRange(0, 12)) {
    case 0:
      return "read " + pick({"Pr", "Qr", "Nr"}) + " " + number(1, 6);
    case 1:
      return "write " + pick({"Pw", "Qw", "Nw"}) + " " + number(1, 6);
    case 2:
      return "send " + pick({"S0", "S1", "T", "T"}) + " " + number(1, 5);
    case 3:
      return "recv " + pick({"S0", "S1", "T", "T"}) + " " + number(1, 5) + pick({"", " n"});
    case 4:
      return "shutdown " + pick({"S0", "S1", "T", "T"}) + " " + pick({"w", "r"});
    case 5:
      return "close " + pick({"Pw", "Qw", "S0", "S1", "T", "R", "L"});
    case 6:
      return "poll " + pick({"Pr", "Qr", "Nr", "S0", "S1", "T", "E", "Z", "L"}) + " 0";
    case 7:
      return "peek " + pick({"S0", "S1", "T"}) + " " + number(1, 5);
    case 8:
      return pick({"send S0 1", "recv S1 2 n", "read Qr 2", "write Qw 2"});
    case 9:
      return "add " + pick({"E", "Z"}) + " " + number(1, 3);
    case 10:
      return "take " + pick({"E", "Z"});
    default:
      return pick({"connect", "connect", "accept", "setfl S1 1", "getfl S1", "setfl Pr 1"});
  }
}

CallPair any_pair() {
  // Mostly of one kind: others have little to do with each other.
  const auto kind = [](int which) {
    return which == 0   ? file_call()
           : which == 1 ? name_call()
           : which == 2 ? lock_call()
                        : stream_call();
  };
  const int first = *rc::gen::inRange(0, 4);
  const int second = *rc::gen::weightedElement<int>({{9, first}, {1, *rc::gen::inRange(0, 4)}});
  return {kind(first), kind(second)};
}

struct Counts {
  uint64_t pairs = 0, comparable = 0, commuting = 0, dependent_though_commuting = 0;
  std::map<std::string, int> dependent;
};

// What random pairs have found.
TEST(Audit, PairsOnceHeldForIndependent) {
  for (const PairVerdict& verdict : audit({{"unlink n/n", "open n wc"},
                                           {"lseek F 0 s", "write F 1"},
                                           {"ofdlk F e 3 2", "ofdlk F u 1 3"},
                                           {"peek T 4", "send T 2"},
                                           {"flock of sn", "flock of en"},
                                           {"add E 3", "take E"},
                                           {"poll Z 0", "add Z 2"},
                                           {"peek S1 3", "recv S1 5 n"},
                                           {"poll Pr 0", "read Pr 5"},
                                           {"shutdown S0 r", "recv S0 2 n"},
                                           {"shutdown S1 w", "send S1 5"},
                                           {"chmod l/x 0", "exchange f b"}})) {
    EXPECT_EQ(verdict.wrong, "") << verdict.pair.first << " | " << verdict.pair.second;
    EXPECT_TRUE(verdict.comparable && !verdict.commutes);
  }
}

TEST(Audit, IndependentCallsCommute) {
  Counts counts;
  std::string wrong;
  const bool ok = rc::check("pairs held for independent give the same in both orders", [&] {
    const auto pairs = *rc::gen::container<std::vector<CallPair>>(
        FB_AUDITED_PAIRS,
        rc::gen::resize(rc::kNominalSize, rc::gen::exec([] { return any_pair(); })));
    for (const PairVerdict& verdict : audit(pairs)) {
      if (!verdict.wrong.empty())
        wrong += verdict.pair.first + " | " + verdict.pair.second + ": " + verdict.wrong + "\n";
      ++counts.pairs;
      counts.comparable += verdict.comparable;
      counts.commuting += verdict.commutes;
      if (verdict.commutes && !verdict.held_independent) {
        ++counts.dependent_though_commuting;
        const auto word = [](const std::string& call) { return call.substr(0, call.find(' ')); };
        ++counts.dependent[word(verdict.pair.first) + " | " + word(verdict.pair.second)];
      }
    }
  });
  EXPECT_TRUE(ok);
  EXPECT_EQ(wrong, "");
  std::cout << counts.pairs << " pairs, " << counts.comparable << " in both orders, "
            << counts.commuting << " commute, of these " << counts.dependent_though_commuting
            << " held for dependent\n";
  for (const auto& [calls, times] : counts.dependent)
    if (times > 2) std::cout << "  " << times << " x " << calls << '\n';
}

}  // namespace
}  // namespace fb
