// What a long log costs: memory per event, and the seconds of its JSON document, beside the same
// document made of one tree per event: event_log_bench [EVENTS].
#include "core/run/test_result.h"
#include "core/sched/scheduler.h"
#include "interpose/sys/epoll_loop.h"
#include "shiviz/json_values.h"
#include "shiviz/json_writer.h"

#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

namespace fb {
namespace {

class Nobody final : public OperationOwner {
 public:
  void decided(OperationId, const Decision&) override {}
  bool probe(OperationId, Operation&) override { return true; }
};

double resident_bytes() {
  std::ifstream in("/proc/self/statm");
  double all = 0, resident = 0;
  in >> all >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  double total = 0;
  for (const timeval& t : {usage.ru_utime, usage.ru_stime})
    total += static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  return total;
}

Topology three_services() {
  Topology topology;
  for (const char* name : {"front", "orders", "ledger"}) {
    ServiceSpec service;
    service.name = name;
    topology.services.push_back(service);
  }
  return topology;
}

// Like those of a database under test: writes to a few files, syncs, bytes to and from peers.
Operation operation(uint64_t i) {
  static const std::array calls{*find_syscall("write"), *find_syscall("pwrite64"),
                                *find_syscall("fsync"), *find_syscall("recvfrom")};
  Operation o;
  o.service = ServiceId{static_cast<uint16_t>(i % 3)};
  o.actor = ActorId::service(o.service, 0, 0);
  o.call = calls[i % calls.size()];
  o.pid = 12345 + static_cast<int>(i % 3);
  o.tid = o.pid;
  o.fd = static_cast<int>(5 + i % 20);
  o.path = i % 4 == 3 ? fmt::format("socket:[{}]", 40000 + i % 64)
                      : fmt::format("/tmp/faultbox-ledger/data/{:02}.wal", i % 20);
  o.size = i % 4096;
  return o;
}

int main_of(uint64_t events) {
  const Topology topology = three_services();
  auto loop = EpollLoop::create().value();
  Clock clock(*loop, Clock::Mode::kReal, 0);
  RuleSets rules(topology, [](std::string_view, std::string_view, uint64_t) { return 0.0; });
  EventLog log(topology.names());
  Scheduler scheduler(topology, log, clock, rules);
  Nobody nobody;
  const double empty = resident_bytes();
  double begin = processor_seconds();
  for (uint64_t i = 0; i < events; ++i) {
    // Everybody knows of everybody, as after a few messages: clocks are full.
    if (i < 3)
      for (uint16_t s = 0; s < 3; ++s)
        log.merge_into(ServiceId{s}, log.clock_of(ServiceId{static_cast<uint16_t>(i)}));
    scheduler.submit(operation(i), nobody, true);
  }
  const double appended = processor_seconds() - begin;
  const double each = (resident_bytes() - empty) / static_cast<double>(events);
  fmt::print("{} events: {:.0f} bytes each, {:.2f} us each to decide and append\n", events, each,
             appended * 1e6 / static_cast<double>(events));

  SuiteResult suite;
  suite.tests.emplace_back();
  TestResult& test = suite.tests.back();
  test.name = "test_long";
  test.started_unix_ns = 1'700'000'000'000'000'000;
  test.service_names = topology.names();
  test.events.assign(log.events().begin(), log.events().end());

  std::FILE* out = std::tmpfile();
  if (out == nullptr) return 1;
  begin = processor_seconds();
  uint64_t bytes = 0;
  JsonWriter().write_to(suite, {}, [&](std::string_view piece) {
    bytes += std::fwrite(piece.data(), 1, piece.size(), out);
  });
  std::fclose(out);
  const double streamed = processor_seconds() - begin;

  // A tenth is enough to know the slower way.
  begin = processor_seconds();
  uint64_t tree_bytes = 0;
  for (uint64_t i = 0; i < events / 10; ++i) {
    std::string text;
    append_json(text, json_of(test.events[i], test), 3);
    tree_bytes += text.size();
  }
  const double by_tree = (processor_seconds() - begin) * 10;
  fmt::print("JSON: {:.1f} MB in {:.2f} s; by trees {:.2f} s (x{:.1f})\n",
             static_cast<double>(bytes) / 1e6, streamed, by_tree, by_tree / streamed);
  return tree_bytes > 0 ? 0 : 1;
}

}  // namespace
}  // namespace fb

int main(int argc, char** argv) {
  return fb::main_of(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000);
}
