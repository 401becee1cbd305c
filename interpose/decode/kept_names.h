// What the descriptors of one service's threads point to, kept from call to call, for services
// whose filter shows every call that can give a number another file: close, close_range, dup2,
// dup3, exec. (All other calls take free numbers only, and a number is free after one of these.) A
// name is the one the kernel would give now, or it is not kept:
//
//  * while such a call is under way, from its notification to the next one of the same thread, the
//    numbers it names are asked for every time; nobody tells when the call is made;
//  * numbers are forgotten for the whole service, whoever shares a table with whom;
//  * names of files are dropped when anything on their path is moved, by whoever (move_watch.h);
//  * a service that mounts, opens a ring or execs from a thread that is not its process's first
//    keeps none any more.
#pragma once
#include "core/model/syscall_table.h"
#include "interpose/decode/move_watch.h"
#include "interpose/decode/target.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fb {

class KeptNames {
 public:
  explicit KeptNames(MoveWatch& moves) : moves_(moves) {}

  // The calls that the filter must show besides.
  static const SyscallSet& calls_to_see();
  // Whether so many calls on descriptors are to be expected of the recorded ones that seeing those
  // pays.
  static bool pay_for(const SyscallSet& recorded);

  struct Caller {
    int tid = 0;
    bool is_first_thread = false;  // of its process; only asked of exec
  };
  // Every notification of the service, before it is answered.
  void arrived(Caller caller, SyscallId call, const std::array<uint64_t, 6>& arguments);

  // Null: ask the kernel.
  const std::string* find(const Target& target, int fd) const;
  // What the kernel said; kept if it is asked for often.
  void learn(const Target& target, int fd, const std::string& name);

 private:
  struct Numbers {
    uint64_t first = 0, last = 0;
    bool contains(int fd) const {
      return static_cast<uint64_t>(fd) >= first && static_cast<uint64_t>(fd) <= last;
    }
  };
  struct Name {
    uint64_t target = 0;  // Target::serial()
    uint32_t times = 0;
    bool kept = false;
    uint64_t moves = 0;  // MoveWatch::moves() when it was right; of files only
    bool is_file = false;
    std::string text;
  };

  void forget(Numbers numbers);
  void stop();
  void drop_dead_callers();

  MoveWatch& moves_;
  bool stopped_ = false;
  std::map<int, std::vector<Name>> names_;  // by descriptor
  std::map<int, Numbers> under_way_;        // by tid
  size_t look_for_dead_at_ = 64;
};

}  // namespace fb
