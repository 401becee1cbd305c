#include "tests/process/program_table.h"

namespace fb {
namespace {

constexpr const char* kAll = "C Go Python Rust";

using Scripts = std::vector<std::string>;

// `n` scripts, '%' replaced by the number of each (from 1).
Scripts each(int n, const std::string& text) {
  Scripts scripts;
  for (int i = 1; i <= n; ++i) {
    std::string script = text;
    for (size_t at; (at = script.find('%')) != std::string::npos;)
      script.replace(at, 1, std::to_string(i));
    scripts.push_back(std::move(script));
  }
  return scripts;
}

Scripts with(Scripts scripts, std::initializer_list<std::string> more) {
  scripts.insert(scripts.end(), more);
  return scripts;
}

std::string repeat(int n, const std::string& text) {
  std::string all;
  for (int i = 0; i < n; ++i) all += (i == 0 ? "" : "; ") + text;
  return all;
}

const std::string kIncrement = "read x a; write x a+1";
const std::string kLockedIncrement = "lock l; " + kIncrement + "; unlock l";

// The last one scans from the right for the first zero.
Scripts last_zero(int n) {
  Scripts scripts;
  for (int i = 1; i <= n; ++i)
    scripts.push_back("read x" + std::to_string(i - 1) + " a; write x" + std::to_string(i) +
                      " a+1");
  std::string scan = "read x" + std::to_string(n) + " a";
  for (int i = n - 1; i >= 0; --i)
    scan += "; if a==0 stop; read x" + std::to_string(i) + " a";
  scripts.push_back(scan);
  return scripts;
}

Scripts sdpor_blowup(int n) {
  Scripts scripts;
  for (int i = 0; i < n; ++i) scripts.push_back("write x" + std::to_string(i) + " 1");
  std::string count = "write c 1", master = "read c a";
  for (int i = 2; i < n; ++i) count += "; write c " + std::to_string(i);
  for (int i = 0; i < n; ++i)
    master += "; if a==" + std::to_string(i) + " write x" + std::to_string(i) + " 2";
  return with(std::move(scripts), {count, master});
}

std::string eat(const std::string& first, const std::string& second) {
  return "lock " + first + "; lock " + second + "; unlock " + second + "; unlock " + first;
}

Scripts philosophers(int n, bool in_order) {
  Scripts scripts;
  for (int i = 0; i < n; ++i) {
    std::string left = "f" + std::to_string(i), right = "f" + std::to_string((i + 1) % n);
    if (in_order && i == n - 1) std::swap(left, right);
    scripts.push_back(eat(left, right));
  }
  return scripts;
}

Scripts reorder(int k) {
  return with(each(k - 1, "write x 1; write y -1"), {"read x a; read y b"});
}

Scripts two_stage(int k) {
  return with(each(k - 1, "lock l; write x 1; unlock l; lock m; read x a; write y a+1; unlock m"),
              {"lock l; read x a; unlock l; if a==0 stop; lock m; read y b; unlock m"});
}

std::vector<RealProgram> make_programs() {
  return {
      // --- files
      {"Writers2", "x=0", each(2, "write x %"), 2, "", 0, 0, {}, kAll},
      {"Writers3", "x=0", each(3, "write x %"), 6},
      {"Writers4", "x=0", each(4, "write x %"), 24},
      {"LastWriter", "x=0", each(3, "write x %"), 6, "x=[23]", 2, 0, 0, "C Go"},
      {"WritersAndReader", "x=0", with(each(2, "write x %"), {"read x a"}), 6},
      {"PrivateFiles", "x1=0 x2=0 x3=0", each(3, repeat(3, "write x% 1")), 1, "", 0, 0, {}, kAll},
      {"Readers2", "x=0", with(each(2, "read x a"), {"write x 1"}), 4, "", 0, 0, {}, kAll},
      {"Readers3", "x=0", with(each(3, "read x a"), {"write x 1"}), 8},
      {"Appends3", "log=", each(3, "append log %"), 6, "log=[123]{3} ", 0, 0, {}, kAll},
      {"AppendsToTwo", "log= lag=", each(2, "append log %; append lag %"), 4},
      {"AppendsToThree", "log= lag= leg=", each(2, "append log %; append lag %; append leg %"), 8},
      {"AppendsToTwoOfThree", "log= lag=", each(3, "append log %; append lag %"), 36, "", 0, 0, {},
       "C", true},
      {"TruncateAndAppends", "log=1", with(each(2, "append log %"), {"truncate log 0"}), 6},
      {"LostUpdate2", "x=0", each(2, kIncrement), 4, "x=2", 2, 0, 1, kAll},
      {"LostUpdate3", "x=0", each(3, kIncrement), 36, "x=3", 30, 0, 1, "C", true},
      {"NonRepeatableRead", "x=0", {"write x 1; write x 2", "read x a; read x b"}, 6,
       "a=0 b=[02]|a=1 b=[12]|a=2", 1, 0, 2, "C Go Rust"},
      {"Poller2", "x=0", {repeat(2, "write x 1"), repeat(2, "read x a")}, 6},
      {"Poller3", "x=0", {repeat(3, "write x 1"), repeat(3, "read x a")}, 20},
      {"Reorder2", "x=0 y=0", reorder(2), 4, "a=0 b=0|a=1 b=-1", 2, 0, 1, "C Python"},
      {"Reorder3", "x=0 y=0", reorder(3), 36, "a=0 b=0|a=1 b=-1", 16, 0, 1, "C", true},
      {"ParLength3", "x=0 y1=0 y2=0", each(2, repeat(3, "write y% 1") + "; " + kIncrement), 4},
      {"ParLength10", "x=0 y1=0 y2=0", each(2, repeat(10, "write y% 1") + "; " + kIncrement), 4},
      {"LastZero3", "x0=0 x1=0 x2=0 x3=0", last_zero(3), 12},
      {"LastZero5", "x0=0 x1=0 x2=0 x3=0 x4=0 x5=0", last_zero(5), 64, "", 0, 0, {}, "C", true},
      {"SdporBlowup3", "x0=0 x1=0 x2=0 c=0", sdpor_blowup(3), 6},
      {"SdporBlowup4", "x0=0 x1=0 x2=0 x3=0 c=0", sdpor_blowup(4), 8},
      {"Popl14", "x=0 y=0 z=0",
       {"write x 1", "write y 1", "read y a; if a==0 write z 1",
        "read z a; if a==0 stop; read y b; if b==0 write x 2"},
       5},
      {"TokenRing", "x=0 y=0 z=0",
       {"read z a; write x a+1", "read x a; write y a", "read y a; write z a",
        "read x a; read y b; read z c"},
       48, "", 0, 0, {}, "C", true},
      // --- names
      {"Creators2", "once?", each(2, "create once a"), 2, "a=1.*a=0|a=0.*a=1", 0, 0, {}, kAll},
      {"Creators3", "once?", each(3, "create once a"), 3},
      {"Creators4", "once?", each(4, "create once a"), 4},
      {"Linkers3", "x=0 once?", each(3, "link x once a"), 3},
      {"Directories2", "once?", each(2, "mkdir once a"), 2},
      {"CheckThenCreate", "once?", each(2, "stat once a; if a==0 make once"), 4, "a=1", 2, 0, 1,
       kAll},
      {"PublishByRename", "x=1 y=2", with(each(2, "read x a"), {"rename y x a"}), 4, "", 0, 0, {},
       kAll},
      {"RenameChain2", "v0= v1? v2?", {"rename v0 v1 a", "rename v1 v2 a"}, 2},
      {"UnlinkOnce", "x=0", each(3, "unlink x a"), 3, "", 0, 0, {}, "C Go"},
      // --- locks
      {"LockedIncrements2", "x=0 l=", each(2, kLockedIncrement), 2, "x=2", 0, 0, {}, kAll},
      {"LockedIncrements3", "x=0 l=", each(3, kLockedIncrement), 6, "x=3"},
      {"RecordLocks", "x=0 l=", each(2, "plock l; " + kIncrement + "; punlock l"), 2, "x=2", 0, 0,
       {}, "C Go Python"},
      {"Philosophers2", "f0= f1=", philosophers(2, false), 3, "", 1, 1, 1, kAll},
      {"Philosophers3", "f0= f1= f2=", philosophers(3, false), 7, "", 1, 1, 1},
      {"PhilosophersInOrder3", "f0= f1= f2=", philosophers(3, true), 6},
      {"LockOrder", "x=0 l= m=",
       {"lock l; lock m; " + kIncrement + "; unlock m; unlock l",
        "lock m; lock l; " + kIncrement + "; unlock l; unlock m"},
       3, "", 1, 1, 1, "C Go"},
      {"WrongLock", "x=0 l= m=",
       with(each(2, kLockedIncrement), {"lock m; read x a; read x b; unlock m"}), 12,
       R"(a=(\d) b=\1)", 6, 0, 1},
      {"Lazy", "x=0 l=",
       {"lock l; read x a; write x a+1; unlock l", "lock l; read x a; write x a+2; unlock l",
        "lock l; read x c; unlock l"},
       6, "c=[012]", 2, 0, 0},
      {"TwoStage2", "x=0 y=0 l= m=", two_stage(2), 3, R"(a=0 / \||b=2 / \|)", 1, 0, 1},
      {"TwoStage3", "x=0 y=0 l= m=", two_stage(3), 40, R"(a=0 / \||b=2 / \|)", 10, 0, 1, "C", true},
      // --- pipes
      {"PipeOneToOne", "p|", {repeat(3, "put p 12"), repeat(3, "take p 2 a")}, 1, "a=12", 0, 0, {},
       kAll},
      {"PipeTwoToOne", "p|", with(each(2, repeat(2, "put p %")), {repeat(4, "take p 1 a")}), 6},
      {"PipeTwoToOneOfThree", "p|", with(each(2, repeat(3, "put p %")), {repeat(6, "take p 1 a")}),
       20},
      {"PipeThreeToOne", "p|", with(each(3, repeat(2, "put p %")), {repeat(6, "take p 1 a")}), 90,
       "", 0, 0, {}, "C", true},
      {"PipeOneToTwo", "p|", with(each(2, repeat(3, "take p 1 a")), {repeat(6, "put p 1")}), 20},
      {"PipeTwoToTwo", "p|",
       with(each(2, repeat(2, "put p %")), {repeat(2, "take p 1 a"), repeat(2, "take p 1 a")}), 36,
       "", 0, 0, {}, "C", true},
      // --- sockets
      {"Request", "log=",
       {"listen s 7200; accept s c; recv c 2 a; send c 34", "connect c 7200; send c 12; recv c 2 a"},
       1, "a=12.*a=34", 0, 0, {}, kAll},
      {"TwoClients", "log=",
       with(each(2, "connect c 7200; send c %"),
            {"listen s 7200; accept s c; recv c 1 a; accept s d; recv d 1 b"}),
       2, "a=1 b=2|a=2 b=1", 0, 0, {}, kAll},
      {"ThreeClients", "log=",
       with(each(3, "connect c 7200; send c %"),
            {"listen s 7200; accept s c; recv c 1 a; accept s d; recv d 1 b; accept s e; recv e 1 "
             "f"}),
       6},
      // --- processes
      {"Children", "x=0",
       {"fork { " + kIncrement + " }; fork { " + kIncrement + " }; join; join; read x a"}, 4,
       "a=2", 2, 0, 1, "C Python"},
      {"WaitForAny", "x=0", {"fork { exit 1 }; fork { exit 2 }; wait a; wait b"}, 3, "", 0, 0, {},
       "C Python"},
      {"PipeFromChildren", "x=0",
       {"pipe p; fork { put p 1; put p 1 }; fork { put p 2; put p 2 }; " +
        repeat(4, "take p 1 a") + "; join; join"},
       6},
  };
}

}  // namespace

std::span<const RealProgram> real_programs() {
  static const std::vector<RealProgram> programs = make_programs();
  return programs;
}

}  // namespace fb
