// Clocks of services whose order is free tell who knew of whom, exactly (spec §17.3): programs
// whose communication is known run for real, and every clock is compared with what the
// communication implies. No arrow without a communication, no communication without its arrow.
#include "tests/support/run_command.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>
#include <sstream>
#include <unistd.h>

namespace fb {
namespace {

constexpr int kServices = 3;
const std::string kNames[kServices] = {"a", "b", "c"};

struct Place {
  int service = 0, op = 0;
  auto operator<=>(const Place&) const = default;
};

// What every service does, and who hears whom by it.
struct Talk {
  std::vector<std::string> scripts[kServices];
  std::vector<std::pair<Place, Place>> heard;  // what the second receives, the first has sent
  std::map<long, Place> writer;                // of a version of a file
  long versions = 0;

  Place say(int service, std::string word) {
    scripts[service].push_back(std::move(word));
    return {service, static_cast<int>(scripts[service].size()) - 1};
  }
  void write(int service, const std::string& word) {
    ++versions;
    writer[versions] = say(service, fmt::format("{}:{}", word, versions));
  }
};

struct Stream {
  std::vector<std::pair<Place, int>> sent;  // not yet received, with the bytes left
  bool ended = false;
};

Talk some_talk() {
  Talk talk;
  std::map<std::string, Stream> streams;
  const int steps = *rc::gen::inRange(8, 24);
  int made = 0;
  for (int i = 0; i < steps; ++i) {
    const int from = *rc::gen::inRange(0, kServices);
    const int to = (from + *rc::gen::inRange(1, kServices)) % kServices;
    const std::string& peer = kNames[to];
    const std::string& own = kNames[from];
    const int what = *rc::gen::inRange(0, 12);
    if (what < 6) {
      const char kind = "tuf"[what % 3];
      Stream& stream = streams[fmt::format("{}{}{}", kind, from, to)];
      if (!stream.ended) {
        const int bytes = *rc::gen::inRange(1, 3000);
        stream.sent.push_back(
            {talk.say(from, fmt::format("s:{}:{}:{}", kind, peer, bytes)), bytes});
      }
      if (stream.sent.empty() || what < 2) continue;
      int total = 0;
      for (const auto& [place, left] : stream.sent) total += left;
      int bytes = *rc::gen::inRange(1, total + 1);
      const Place receiver = talk.say(to, fmt::format("r:{}:{}:{}", kind, own, bytes));
      while (bytes > 0) {
        auto& [place, left] = stream.sent.front();
        talk.heard.push_back({place, receiver});
        const int part = std::min(bytes, left);
        bytes -= part;
        left -= part;
        if (left == 0) stream.sent.erase(stream.sent.begin());
      }
    } else if (what == 6) {
      const int bytes = *rc::gen::inRange(1, 500);
      const Place sender = talk.say(from, fmt::format("s:d:{}:{}", peer, bytes));
      talk.heard.push_back({sender, talk.say(to, fmt::format("r:d:{}:{}", own, bytes))});
    } else if (what == 7) {
      talk.write(from, fmt::format("w:f{}", *rc::gen::inRange(0, 2)));
    } else if (what == 8) {
      talk.say(to, fmt::format("g:f{}", *rc::gen::inRange(0, 2)));
    } else if (what == 9) {
      talk.write(from, fmt::format("l:g{}", *rc::gen::inRange(0, 2)));
    } else if (what == 10) {
      const std::string name = fmt::format("made{}", made++);
      const Place maker = talk.say(from, "n:" + name);
      talk.heard.push_back({maker, talk.say(to, "a:" + name)});
      if (*rc::gen::inRange(0, 2) == 0) continue;
      const Place mover = talk.say(to, fmt::format("m:{}:{}x", name, name));
      talk.heard.push_back({mover, talk.say(from, "a:" + name + "x")});
    } else if (*rc::gen::inRange(0, 2) == 0) {
      talk.say(from, "k");
    } else {
      Stream& stream = streams[fmt::format("t{}{}", from, to)];
      if (stream.ended || !stream.sent.empty()) continue;
      stream.ended = true;
      const Place closer = talk.say(from, "c:" + peer);
      talk.heard.push_back({closer, talk.say(to, "e:" + own)});
    }
  }
  return talk;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

class Directory {
 public:
  Directory() : path_(std::filesystem::temp_directory_path() / fmt::format("talk-{}", getpid())) {
    std::filesystem::create_directories(path_);
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  std::string file(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

nlohmann::json run_talk(const Talk& talk, const Directory& directory) {
  std::ofstream spec(directory.file("talk.star"));
  for (int i = 0; i < kServices; ++i)
    spec << fmt::format(
        "{0} = service(\"{0}\", \"{1}/talk\", args = [\"/tmp/words\", \"{0}\", \"a,b,c\", "
        "\"{2}\"], "
        "may_exit = True)\n",
        kNames[i], FB_GUEST_DIR, joined(talk.scripts[i]));
  spec << "def test_talk():\n";
  for (int i = 0; i < kServices; ++i)
    spec << fmt::format(
        "    assert_eventually(service = \"{0}\", syscall = \"access\", path = \"/mark/{0}/{1}*\", "
        "within = \"30s\")\n",
        kNames[i], talk.scripts[i].size());
  spec.close();
  const CommandResult run =
      run_command("/", fmt::format("{0} test {1} --format json --shiviz {2}", FB_BINARY,
                                   directory.file("talk.star"), directory.file("talk.shiviz")));
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  if (run.exit_code != 0) return {};
  return nlohmann::json::parse(run.out);
}

struct Mark {
  std::map<std::string, uint64_t> clock;
  long saw = -1;
};

// By service and word.
std::map<Place, Mark> marks_of(const nlohmann::json& events) {
  std::map<Place, Mark> marks;
  for (const auto& event : events) {
    if (event["type"] != "syscall") continue;
    std::istringstream path(event["fields"].value("path", ""));
    std::string empty, mark, name, word, saw;
    std::getline(path, empty, '/');
    std::getline(path, mark, '/');
    std::getline(path, name, '/');
    std::getline(path, word, '/');
    if (mark != "mark") continue;
    Mark& found = marks[{name[0] - 'a', std::stoi(word)}];
    found.clock = event["vector_clock"].get<std::map<std::string, uint64_t>>();
    if (std::getline(path, saw, '/')) found.saw = std::stol(saw);
  }
  return marks;
}

// For each word of each service: up to which word of the others it knew when it began (-1: none).
using Known = std::map<Place, std::array<int, kServices>>;
Known what_is_known(const Talk& talk) {
  Known known;
  for (int s = 0; s < kServices; ++s)
    for (int k = 0; k <= static_cast<int>(talk.scripts[s].size()); ++k) known[{s, k}].fill(-1);
  for (bool changed = true; changed;) {
    changed = false;
    const auto raise = [&](Place place, int service, int to) {
      int& now = known[place][static_cast<size_t>(service)];
      if (service == place.service || now >= to) return;
      now = to;
      changed = true;
    };
    for (auto& [place, knows] : known) {
      if (place.op == 0) continue;
      const std::array<int, kServices> before = known[{place.service, place.op - 1}];
      for (int r = 0; r < kServices; ++r) raise(place, r, before[static_cast<size_t>(r)]);
    }
    for (const auto& [from, to] : talk.heard) {
      const Place after{to.service, to.op + 1};
      // What is read and written in one word (under a lock) is passed on.
      const std::array<int, kServices> told =
          talk.scripts[from.service][static_cast<size_t>(from.op)].starts_with("l:")
              ? known[{from.service, from.op + 1}]
              : known[from];
      for (int r = 0; r < kServices; ++r) raise(after, r, told[static_cast<size_t>(r)]);
      raise(after, from.service, from.op);
    }
  }
  return known;
}

void check(const Talk& told, const nlohmann::json& document) {
  const nlohmann::json& events = document["tests"][0]["events"];
  ASSERT_EQ(document["causality"], "full");
  Talk talk = told;
  std::map<Place, Mark> marks = marks_of(events);
  for (const auto& [place, mark] : marks)
    if (mark.saw > 0) {
      const Place from = talk.writer.at(mark.saw);
      const Place to{place.service, place.op - 1};
      if (from.service != to.service) talk.heard.push_back({from, to});
    }
  for (const auto& [place, known] : what_is_known(talk)) {
    ASSERT_TRUE(marks.contains(place));
    for (int other = 0; other < kServices; ++other) {
      if (other == place.service) continue;
      const int word = known[static_cast<size_t>(other)];
      const auto clock = marks[place].clock;
      const auto found = clock.find(kNames[other]);
      const uint64_t is = found == clock.end() ? 0 : found->second;
      const uint64_t first = marks[{other, 0}].clock[kNames[other]];
      const uint64_t wanted = word < 0 ? 0 : marks[{other, word}].clock[kNames[other]];
      EXPECT_TRUE(word < 0 ? is < first : is == wanted)
          << fmt::format("before word {} {} knows {} up to {}, not {}\na: {}\nb: {}\nc: {}",
                         place.op, kNames[place.service], kNames[other], is, wanted,
                         joined(talk.scripts[0]), joined(talk.scripts[1]), joined(talk.scripts[2]));
    }
  }
  // A host's own component grows by one with each event of the host, and by nothing else.
  std::map<std::string, uint64_t> own;
  for (const auto& event : events) {
    if (!event.contains("service")) continue;
    const std::string host = event["service"];
    ASSERT_EQ(event["vector_clock"][host].get<uint64_t>(), ++own[host]);
  }
}

// Each is a run of real processes, so they are few; FB_TALKS asks for more.
TEST(CausalityTest, ClocksTellWhatWasHeardAndNothingElse) {
  const char* wanted = std::getenv("FB_TALKS");
  const int talks = wanted != nullptr ? std::atoi(wanted) : 12;
  const Directory directory;
  for (int seed = 1; seed <= talks && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const Talk talk = rc::gen::exec(some_talk)(rc::Random(static_cast<uint64_t>(seed)), 50).value();
    const nlohmann::json document = run_talk(talk, directory);
    if (!document.is_null()) check(talk, document);
  }
}

// Own component of an event's host.
uint64_t own(const nlohmann::json& event) {
  return event["vector_clock"][event["service"].get<std::string>()];
}
uint64_t knows(const nlohmann::json& event, const std::string& host) {
  return event["vector_clock"].value(host, uint64_t{0});
}

// Spec §17.3: step_send → the receive of its bytes in the target; the target's send → step_recv.
TEST(CausalityTest, StepsAreMatchedWithTheBytesTheySendAndReceive) {
  const Directory directory;
  const CommandResult run =
      run_command(FB_GUEST_DIR, fmt::format("{} test {}/tests/specs/causality_steps.star --test "
                                            "steps --format json --shiviz {}",
                                            FB_BINARY, FB_SOURCE_DIR, directory.file("x.shiviz")));
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  const nlohmann::json document = nlohmann::json::parse(run.out);
  const nlohmann::json& events = document["tests"][0]["events"];
  for (const std::string target : {"c", "go", "py"}) {
    nlohmann::json sent, received, reads, writes;
    for (const auto& event : events) {
      const std::string service = event.value("service", "");
      if (event["type"] == "step_send" && event["fields"]["target"] == target) sent = event;
      if (event["type"] == "step_recv" && event["fields"]["target"] == target) received = event;
      if (service != target) continue;
      EXPECT_EQ(knows(event, "bystander"), 0u) << event;
      if (sent.is_null()) {
        EXPECT_EQ(knows(event, "test"), 0u) << event;
      } else if (received.is_null() && event["type"] == "syscall" &&
                 event["fields"].value("path", "").starts_with("socket:")) {
        const std::string family = event["fields"].value("family", "");
        if (family == "read" || family == "recvfrom") {
          if (knows(event, "test") == own(sent) && reads.is_null()) reads = event;
        } else {
          writes = event;
        }
      }
    }
    ASSERT_FALSE(reads.is_null()) << target << ": no receive knows of the step";
    EXPECT_EQ(reads["causes"], nlohmann::json::array({sent["seq"]}));
    ASSERT_FALSE(writes.is_null()) << target;
    EXPECT_EQ(knows(received, target), own(writes));
  }
}

TEST(CausalityTest, CallsThatWaitForOthersAreInterruptedBySignals) {
  const Directory directory;
  const CommandResult run = run_command(
      FB_GUEST_DIR,
      fmt::format("{} test {}/tests/specs/causality_steps.star --test signals --shiviz {}",
                  FB_BINARY, FB_SOURCE_DIR, directory.file("x.shiviz")));
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
}

}  // namespace
}  // namespace fb
