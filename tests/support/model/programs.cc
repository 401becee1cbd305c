#include "tests/support/model/programs.h"

#include <algorithm>
#include <memory>
#include <numeric>

namespace fb::model {

namespace {

Step write_result_plus(int cell, int64_t add) {
  return [=](Local& l) { return Op{Call::kWrite, cell, l.result + add, 0}; };
}

Program repeat(std::string name, int n, int cells, const std::function<Body(int)>& body) {
  Program program;
  program.name = std::move(name);
  program.cells = cells;
  for (int i = 0; i < n; ++i) program.bodies.push_back(body(i));
  return program;
}

}  // namespace

Body sequence(std::vector<Step> steps) {
  auto shared = std::make_shared<const std::vector<Step>>(std::move(steps));
  return [shared](Local& l) {
    while (l.pc < static_cast<int>(shared->size())) {
      const Step& step = (*shared)[static_cast<size_t>(l.pc++)];
      if (std::optional<Op> next = step(l)) return *next;
    }
    return Op{};
  };
}

Step op(Call call, int object, int64_t a, int64_t b) {
  return [=](Local&) { return Op{call, object, a, b}; };
}

Step compute(std::function<void(Local&)> work) {
  return [work = std::move(work)](Local& l) -> std::optional<Op> {
    work(l);
    return std::nullopt;
  };
}

Program independent(int processes, int operations) {
  return repeat("independent", processes, processes, [&](int i) {
    return sequence(std::vector<Step>(static_cast<size_t>(operations), write(i, 1)));
  });
}

Program writers(int n) {
  return repeat("writers", n, 1, [](int i) { return sequence({write(0, i + 1)}); });
}

Program writers_and_reader(int n) {
  Program program = writers(n);
  program.bodies.push_back(sequence({read(0)}));
  return program;
}

Program readers(int n) {
  return repeat("readers", n + 1, 1,
                [](int i) { return sequence({i == 0 ? write(0, 1) : read(0)}); });
}

Program appends(int n, int files) {
  return repeat("appends", n, files, [&](int i) {
    std::vector<Step> steps;
    for (int file = 0; file < files; ++file) steps.push_back(op(Call::kAppend, file, i + 1, 10));
    return sequence(std::move(steps));
  });
}

Program lost_update(int n) {
  Program program = repeat("lost update", n, 1, [](int) {
    return sequence({read(0), write_result_plus(0, 1)});
  });
  program.bad = [n](const State& state) { return state.cells[0] != n; };
  return program;
}

Program locked_increments(int n) {
  Program program = repeat("locked increments", n, 1, [](int) {
    return sequence({lock(0), read(0), write_result_plus(0, 1), unlock(0)});
  });
  program.locks = 1;
  program.bad = [n](const State& state) { return state.cells[0] != n; };
  return program;
}

Program creators(int n) {
  return repeat("creators", n, 1, [](int i) { return sequence({op(Call::kCreate, 0, i + 1)}); });
}

Program compare_and_swap_chain(int n) {
  return repeat("compare-and-swap chain", n, 1,
                [](int i) { return sequence({op(Call::kCas, 0, i, i + 1)}); });
}

Program writer_and_swaps(int n) {
  return repeat("writer and swaps", n + 1, 1,
                [](int i) { return sequence({i == 0 ? write(0, 1) : op(Call::kCas, 0, 1, 2)}); });
}

Program writer_and_increments(int n) {
  return repeat("writer and increments", n + 1, 1,
                [](int i) { return sequence({i == 0 ? write(0, 7) : op(Call::kFetchAdd, 0, 1)}); });
}

Program last_zero(int n) {
  return repeat("last zero", n + 1, n + 1, [n](int i) -> Body {
    if (i > 0) return sequence({read(i - 1), write_result_plus(i, 1)});
    return [n](Local& l) {
      // Scans from the right until it sees a zero.
      if (l.pc > 0 && l.result == 0) return Op{};
      if (l.pc > n) return Op{};
      return Op{Call::kRead, n - l.pc++};
    };
  });
}

Program indexer(int n) {
  constexpr int kSlots = 128, kInserts = 4;
  return repeat("indexer", n, kSlots, [](int tid) -> Body {
    return [tid](Local& l) {
      // r[0]: inserts begun, r[1]: slot being tried.
      const bool free_for_next = l.pc == 0 || l.result == 1;
      l.pc = 1;
      if (free_for_next) {
        if (l.r[0] == kInserts) return Op{};
        const int64_t word = ++l.r[0] * 11 + tid;
        l.r[1] = word * 7 % kSlots;
      } else {
        l.r[1] = (l.r[1] + 1) % kSlots;
      }
      return Op{Call::kCreate, static_cast<int>(l.r[1]), l.r[0] * 11 + tid};
    };
  });
}

Program filesystem(int n) {
  constexpr int kInodes = 32, kBlocks = 26;
  // Cells: inodes, then busy flags. Locks alike.
  Program program = repeat("file system", n, kInodes + kBlocks, [](int tid) {
    const int inode = tid % kInodes;
    const auto block = [](const Local& l) { return static_cast<int>(l.r[0]); };
    return sequence({
        lock(inode),  // 0
        read(inode),  // 1
        compute([inode](Local& l) {
          l.r[0] = inode * 2 % kBlocks;
          if (l.result != 0) l.pc = 11;
        }),  // 2
        [=](Local& l) {
          return Op{Call::kLock, kInodes + block(l)};
        },  // 3
        [=](Local& l) {
          return Op{Call::kRead, kInodes + block(l)};
        },  // 4
        compute([](Local& l) {
          if (l.result != 0) l.pc = 8;
        }),  // 5
        [=](Local& l) {
          return Op{Call::kWrite, kInodes + block(l), 1, 0};
        },  // 6
        [=](Local& l) {
          l.pc = 10;
          return Op{Call::kWrite, inode, l.r[0] + 1, 0};
        },  // 7
        [=](Local& l) {
          return Op{Call::kUnlock, kInodes + block(l)};
        },  // 8
        compute([](Local& l) {
          l.r[0] = (l.r[0] + 1) % kBlocks;
          l.pc = 3;
        }),  // 9
        [=](Local& l) {
          return Op{Call::kUnlock, kInodes + block(l)};
        },              // 10
        unlock(inode),  // 11
    });
  });
  program.locks = kInodes + kBlocks;
  return program;
}

Program par_length(int k) {
  return repeat("par_length", 2, 3, [k](int i) {
    std::vector<Step> steps(static_cast<size_t>(k), write(1 + i, 1));
    steps.push_back(read(0));
    steps.push_back(write(0, i + 1));
    return sequence(std::move(steps));
  });
}

Program sdpor_blowup(int n) {
  // Cells: x_0 … x_(n-1), then the counter.
  return repeat("sdpor_blowup", n + 2, n + 1, [n](int i) {
    if (i < n) return sequence({write(i, 1)});
    if (i > n)
      return sequence({read(n), [](Local& l) {
                         return Op{Call::kWrite, static_cast<int>(l.result), 2, 0};
                       }});
    std::vector<Step> steps;
    for (int value = 1; value < n; ++value) steps.push_back(write(n, value));
    return sequence(std::move(steps));
  });
}

Program popl14() {
  enum { kX, kY, kZ };
  Program program;
  program.name = "popl14";
  program.cells = 3;
  const auto stop_unless = [](int64_t value) {
    return compute([value](Local& l) {
      if (l.result != value) l.pc = 1000;
    });
  };
  program.bodies = {sequence({write(kX, 1)}), sequence({write(kY, 1)}),
                    sequence({read(kY), stop_unless(0), write(kZ, 1)}),
                    sequence({read(kZ), stop_unless(1), read(kY), stop_unless(0), write(kX, 2)})};
  return program;
}

Program philosophers(int n) {
  Program program = repeat("philosophers", n, 0, [n](int i) {
    return sequence({lock(i), lock((i + 1) % n), unlock((i + 1) % n), unlock(i)});
  });
  program.locks = n;
  return program;
}

Program ordered_philosophers(int n) {
  Program program = repeat("ordered philosophers", n, 0, [n](int i) {
    const int low = std::min(i, (i + 1) % n), high = std::max(i, (i + 1) % n);
    return sequence({lock(low), lock(high), unlock(high), unlock(low)});
  });
  program.locks = n;
  return program;
}

Program many_to_many_pipe(int senders, int sent, int receivers, int received) {
  Program program;
  program.name = "pipe";
  program.pipes = 1;
  for (int i = 0; i < senders; ++i) {
    std::vector<Step> steps;
    for (int k = 0; k < sent; ++k) steps.push_back(op(Call::kSend, 0, i * 100 + k));
    program.bodies.push_back(sequence(std::move(steps)));
  }
  for (int i = 0; i < receivers; ++i)
    program.bodies.push_back(
        sequence(std::vector<Step>(static_cast<size_t>(received), op(Call::kReceive))));
  return program;
}

Program one_to_one_pipe(int messages) {
  return many_to_many_pipe(1, messages, 1, messages);
}

Program many_to_one_pipe(int senders, int messages) {
  return many_to_many_pipe(senders, messages, 1, senders * messages);
}

Program one_to_many_pipe(int receivers, int messages) {
  return many_to_many_pipe(1, receivers * messages, receivers, messages);
}

Program poller(int writes, int polls) {
  return repeat("poller", 2, 1, [=](int i) {
    std::vector<Step> steps;
    if (i == 0)
      for (int k = 1; k <= writes; ++k) steps.push_back(write(0, k));
    else
      steps.assign(static_cast<size_t>(polls), read(0));
    return sequence(std::move(steps));
  });
}

Program reorder(int k) {
  return repeat("reorder", k, 2, [k](int i) {
    if (i < k - 1) return sequence({write(0, 1), write(1, -1)});
    return sequence(
        {read(0), compute([](Local& l) { l.r[0] = l.result; }), read(1), compute([](Local& l) {
           l.bug = !((l.r[0] == 0 && l.result == 0) || (l.r[0] == 1 && l.result == -1));
         })});
  });
}

Program reorder_spawned(int k) {
  Program program = reorder(k);
  std::vector<Step> steps;
  for (int i = 0; i < k; ++i) {
    steps.push_back(op(Call::kSpawn, i));
    program.unstarted.push_back(i);
  }
  program.bodies.push_back(sequence(std::move(steps)));
  return program;
}

Program two_stage(int k) {
  Program program = repeat("two stage", k, 2, [k](int i) {
    if (i < k - 1)
      return sequence(
          {lock(0), write(0, 1), unlock(0), lock(1), read(0), write_result_plus(1, 1), unlock(1)});
    return sequence({lock(0), read(0), compute([](Local& l) { l.r[0] = l.result; }), unlock(0),
                     compute([](Local& l) {
                       if (l.r[0] == 0) l.pc = 1000;
                     }),
                     lock(1), read(1), compute([](Local& l) { l.r[1] = l.result; }), unlock(1),
                     compute([](Local& l) { l.bug = l.r[1] != l.r[0] + 1; })});
  });
  program.locks = 2;
  return program;
}

Program deadlock01() {
  Program program = repeat("deadlock01", 2, 1, [](int i) {
    return sequence({lock(i), lock(1 - i), op(Call::kFetchAdd, 0, 1), unlock(1 - i), unlock(i)});
  });
  program.locks = 2;
  return program;
}

Program lazy01() {
  Program program = repeat("lazy01", 3, 1, [](int i) {
    if (i < 2) return sequence({lock(0), op(Call::kFetchAdd, 0, i + 1), unlock(0)});
    return sequence(
        {lock(0), read(0), compute([](Local& l) { l.bug = l.result >= 3; }), unlock(0)});
  });
  program.locks = 1;
  return program;
}

// Each passes its neighbour's token on; one looks whether all have the same.
Program token_ring() {
  return repeat("token ring", 4, 3, [](int i) {
    if (i < 3)
      return sequence({read((i + 2) % 3), [i](Local& l) {
                         return Op{Call::kWrite, i, i == 0 ? (l.result + 1) % 4 : l.result, 0};
                       }});
    return sequence({read(0), compute([](Local& l) { l.r[0] = l.result; }), read(1),
                     compute([](Local& l) { l.r[1] = l.result; }), read(2),
                     compute([](Local& l) { l.bug = l.r[0] != l.r[1] || l.r[1] != l.result; })});
  });
}

// Reads twice under a lock that the two others do not take.
Program wronglock() {
  Program program = repeat("wronglock", 3, 1, [](int i) {
    if (i == 0)
      return sequence({lock(0), read(0), compute([](Local& l) { l.r[0] = l.result; }), read(0),
                       compute([](Local& l) { l.bug = l.r[0] != l.result; }), unlock(0)});
    return sequence({lock(1), read(0), write_result_plus(0, 1), unlock(1)});
  });
  program.locks = 2;
  return program;
}

// A user and a stopper of a driver. Cells: stopping, pending I/O, stopped, event.
Program bluetooth() {
  Program program = repeat("bluetooth", 2, 4, [](int i) {
    const Step release = op(Call::kFetchAdd, 1, -1);
    const Step signal_if_last = [](Local& l) -> std::optional<Op> {
      if (l.result != 1) return std::nullopt;
      return Op{Call::kWrite, 3, 1, 0};
    };
    if (i == 0)
      return sequence({read(0), compute([](Local& l) {
                         if (l.result != 0) l.pc = 1000;
                       }),
                       op(Call::kFetchAdd, 1, 1), read(2),
                       compute([](Local& l) { l.bug = l.result != 0; }), release, signal_if_last});
    return sequence({write(0, 1), release, signal_if_last, op(Call::kAwait, 3), write(2, 1)});
  });
  program.initial_cells = {0, 1};
  return program;
}

Program check_then_create(int n) {
  Program program = repeat("check then create", n, 1, [](int i) {
    return sequence({op(Call::kStat, 0), compute([](Local& l) {
                       if (l.result != 0) l.pc = 1000;
                     }),
                     [i](Local& l) {
                       l.r[0] = 1;
                       return Op{Call::kWrite, 0, i + 1, 0};
                     }});
  });
  program.bad = [](const State& state) {
    return std::count_if(state.locals.begin(), state.locals.end(),
                         [](const Local& l) { return l.r[0] == 1; }) > 1;
  };
  return program;
}

Program swap_and_write(int n) {
  return repeat("swap and write", n, 1, [](int i) {
    return sequence({op(Call::kCas, 0, 0, i + 1), write(0, i + 1)});
  });
}

Program deep(int n) {
  return repeat("deep", 2, 1, [n](int i) {
    return sequence(
        std::vector<Step>(static_cast<size_t>(n / 2), op(Call::kFetchAdd, 0, i == 0 ? 1 : 1)));
  });
}

Program data_choices(int n, int values) {
  return repeat("data choices", n, 1, [values](int) {
    return sequence({[values](Local&) {
                       return Op{Call::kChoose, 0, 0, 0, static_cast<uint32_t>(values)};
                     },
                     write_result_plus(0, 0)});
  });
}

Program accesses(std::vector<std::string> words) {
  return repeat("accesses", static_cast<int>(words.size()), 26, [&](int i) {
    std::vector<Step> steps;
    int64_t value = i * 100;
    for (char letter : words[static_cast<size_t>(i)])
      steps.push_back(letter >= 'a' ? read(letter - 'a') : write(letter - 'A', ++value));
    return sequence(std::move(steps));
  });
}

Program fibonacci(int n) {
  Program program = repeat("fibonacci", 3, 2, [n](int i) {
    if (i == 2) return sequence({read(0), read(1)});
    std::vector<Step> steps;
    for (int k = 0; k < n; ++k) {
      steps.push_back(read(0));
      steps.push_back(compute([](Local& l) { l.r[0] = l.result; }));
      steps.push_back(read(1));
      steps.push_back([i](Local& l) { return Op{Call::kWrite, i, l.r[0] + l.result, 0, 1}; });
    }
    return sequence(std::move(steps));
  });
  program.initial_cells = {1, 1};
  return program;
}

Program faulty_writes(int n) {
  return repeat("faulty writes", n, n, [n](int i) {
    return sequence({[i](Local&) { return Op{Call::kWrite, i, 1, 0, 2}; }, read((i + 1) % n)});
  });
}

}  // namespace fb::model
