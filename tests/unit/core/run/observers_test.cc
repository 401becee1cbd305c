#include "core/run/observers.h"

#include "core/runtime/sim/sim_loop.h"
#include "tests/support/fake_net.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

using Kind = ObserveSource::Kind;
using Fields = Decoder::Fields;
using std::chrono::seconds;

class NoLauncher final : public Launcher {
  Result<std::unique_ptr<Process>> launch(const LaunchSpec&, ProcessListener&) override {
    return failed("nothing is launched here");
  }
};

// Answers in the order given, each after a second.
class ScriptedClients final : public ClientCatalog {
 public:
  explicit ScriptedClients(Clock& clock) : clock_(clock) {}
  std::span<const StepMethod> methods(std::string_view) const override { return {}; }
  StepResponse call(Net&, const StepCall& call) override {
    calls.push_back(call);
    await_sleep(clock_, seconds(1));
    if (answers.empty()) return {.error = "dial: connection refused"};
    StepResponse answer = answers.front();
    answers.erase(answers.begin());
    return answer;
  }
  Status probe(Net&, std::string_view, const Address&, Duration) override { return {}; }
  Status check_rule(std::string_view, const ProtocolRule&) const override { return {}; }
  Status probe_http(Net&, std::string_view, Duration) override { return {}; }

  std::vector<StepResponse> answers;
  std::vector<StepCall> calls;

 private:
  Clock& clock_;
};

class ScriptedFiles final : public FileWatch {
 public:
  Result<std::unique_ptr<Following>> follow(const std::string& path, Listener listener) override {
    if (path == "/refused") return failed("cannot follow '/refused': it is no regular file");
    listeners[path] = std::move(listener);
    class Nothing final : public Following {
     public:
      Nothing(ScriptedFiles& files, std::string path) : files_(files), path_(std::move(path)) {}
      ~Nothing() override { files_.listeners.erase(path_); }
      void catch_up() override {
        files_.listeners.at(path_).appended(std::exchange(files_.unheard, ""));
      }

     private:
      ScriptedFiles& files_;
      std::string path_;
    };
    return std::unique_ptr<Following>(new Nothing(*this, path));
  }
  std::map<std::string, Listener> listeners;
  std::string unheard;
};

class ObserversTest : public ::testing::Test {
 protected:
  Observers& observe(std::vector<ObserveSource> sources) {
    spec_.name = "db";
    spec_.observe = std::move(sources);
    observers_ = std::make_unique<Observers>(
        ServiceId{0}, spec_, Observers::Surroundings{environment_, log_, clock_, loop_.fibers()});
    observers_->started();
    return *observers_;
  }
  void in_fiber(const std::function<void()>& body) {
    bool over = false;
    loop_.fibers().spawn("test", [&] {
      body();
      over = true;
    });
    loop_.run_until([&] { return over; });
  }
  std::vector<Fields> fields(EventType type) const {
    std::vector<Fields> found;
    for (const Event& event : log_.events())
      if (event.type == type && event.service == "db")
        found.emplace_back(event.fields.begin(), event.fields.end());
    return found;
  }

  SimLoop loop_;
  Clock clock_{loop_, Clock::Mode::kReal, 0};
  EventLog log_{{"db"}};
  NoLauncher launcher_;
  test::FakeNet net_;
  ScriptedClients clients_{clock_};
  ScriptedFiles files_;
  ExecutionEnvironment environment_{.launcher = launcher_,
                                    .net = net_,
                                    .probe_net = net_,
                                    .clients = clients_,
                                    .files = &files_,
                                    .inherited = {},
                                    .find_binary = {},
                                    .private_directory = {},
                                    .output = {}};
  ServiceSpec spec_;
  std::unique_ptr<Observers> observers_;
};

TEST_F(ObserversTest, EachLineIsAnEventOfItsStream) {
  Observers& observers =
      observe({{.kind = Kind::kStdout, .decoder = {DecoderSpec::Kind::kJson, ""}},
               {.kind = Kind::kStderr}});
  ASSERT_TRUE(observers.attach().ok());
  observers.printed(false, "{\"n\":1}\npla");
  observers.printed(true, "oops\n");
  observers.printed(false, "in\nopen");
  EXPECT_EQ(fields(EventType::kStdout),
            (std::vector<Fields>{{{"n", "1"}, {"data", "{\"n\":1}"}}, {{"raw", "plain"}}}));
  EXPECT_EQ(fields(EventType::kStderr), (std::vector<Fields>{{{"raw", "oops"}}}));
  observers.output_ended();
  EXPECT_EQ(fields(EventType::kStdout).back(), (Fields{{"raw", "open"}}));
}

TEST_F(ObserversTest, WhatNobodyObservesIsNoEvent) {
  Observers& observers = observe({{.kind = Kind::kStderr}});
  ASSERT_TRUE(observers.attach().ok());
  observers.printed(false, "line\n");
  EXPECT_EQ(log_.size(), 0u);
}

TEST_F(ObserversTest, WhatIsWrittenDuringTheLaunchComesAfterIt) {
  spec_.observe = {{.kind = Kind::kTail, .path = "/tmp/log"}};
  Observers observers(ServiceId{0}, spec_, {environment_, log_, clock_, loop_.fibers()});
  ASSERT_TRUE(observers.attach().ok());
  files_.listeners.at("/tmp/log").appended("early\n");
  EXPECT_EQ(log_.size(), 0u);
  observers.started();
  EXPECT_EQ(fields(EventType::kTail),
            (std::vector<Fields>{{{"path", "/tmp/log"}, {"raw", "early"}}}));
}

TEST_F(ObserversTest, LongLinesAreMarked) {
  Observers& observers = observe({{.kind = Kind::kStdout}});
  ASSERT_TRUE(observers.attach().ok());
  observers.printed(false, std::string(LineSplitter::kLineMax + 2, 'x') + "\n");
  const Fields line = fields(EventType::kStdout).at(0);
  EXPECT_EQ(line.at(0).second.size(), LineSplitter::kLineMax);
  EXPECT_EQ(line.at(1), (std::pair<std::string, std::string>("truncated", "true")));
}

TEST_F(ObserversTest, FilesAreFollowedFromTheFirstLaunchOnAndOnlyOnce) {
  Observers& observers = observe(
      {{.kind = Kind::kTail, .decoder = {DecoderSpec::Kind::kLogfmt, ""}, .path = "/tmp/log"}});
  ASSERT_TRUE(observers.attach().ok());
  ASSERT_TRUE(observers.attach().ok());
  ASSERT_EQ(files_.listeners.size(), 1u);
  const FileWatch::Listener& file = files_.listeners.at("/tmp/log");
  file.appended("path=mine n=1\nbegun");
  file.restarted();
  files_.unheard = "n=2\n";
  observers.catch_up();
  EXPECT_EQ(fields(EventType::kTail),
            (std::vector<Fields>{
                {{"path", "/tmp/log"}, {"n", "1"}, {"data", R"({"path":"mine","n":"1"})"}},
                {{"path", "/tmp/log"}, {"raw", "begun"}},
                {{"path", "/tmp/log"}, {"n", "2"}, {"data", R"({"n":"2"})"}}}));
}

TEST_F(ObserversTest, ASourceThatCannotBeAttachedIsAnError) {
  EXPECT_EQ(observe({{.kind = Kind::kTail, .path = "/refused"}}).attach().error().message,
            "cannot follow '/refused': it is no regular file");
  EXPECT_FALSE(observe({{.kind = Kind::kPoll, .url = "https://x/"}}).attach().ok());
  EXPECT_FALSE(observe({{.decoder = {DecoderSpec::Kind::kRegex, "("}}}).attach().ok());
}

TEST_F(ObserversTest, APollAsksAtReadyAndThenAfterEachPause) {
  Observers& observers = observe({{.kind = Kind::kPoll,
                                   .decoder = {DecoderSpec::Kind::kJson, ""},
                                   .url = "localhost:80/health",
                                   .interval = seconds(5)}});
  ASSERT_TRUE(observers.attach().ok());
  clients_.answers = {{.ok = true, .status = 200, .body = R"({"status":"up","n":1})"},
                      {.ok = true, .status = 503, .body = "down"}};
  in_fiber([&] {
    EXPECT_TRUE(clients_.calls.empty());
    observers.ready();
    observers.ready();  // of a restarted service
    // Answers at 1 s and at 7 s; the question at 12 s is still open.
    await_sleep(clock_, std::chrono::milliseconds(12'500));
    EXPECT_TRUE(observers.busy());
    observers.stop();
    EXPECT_FALSE(observers.busy());
    await_sleep(clock_, seconds(60));
  });
  ASSERT_EQ(clients_.calls.size(), 3u);
  EXPECT_EQ(clients_.calls[0].arguments_json.at("path"), "\"/health\"");
  EXPECT_EQ(
      fields(EventType::kPoll),
      (std::vector<Fields>{
          {{"url", "localhost:80/health"},
           {"status", "200"},
           {"body", R"({"status":"up","n":1})"},
           {"n", "1"},
           {"data", R"({"status":"up","n":1})"}},
          {{"url", "localhost:80/health"}, {"status", "503"}, {"body", "down"}, {"raw", "down"}}}));
}

TEST_F(ObserversTest, AFailedPollTellsItsError) {
  Observers& observers = observe({{.kind = Kind::kPoll, .url = "localhost:80"}});
  ASSERT_TRUE(observers.attach().ok());
  in_fiber([&] {
    observers.ready();
    await_sleep(clock_, seconds(2));
    observers.stop();
  });
  EXPECT_EQ(
      fields(EventType::kPoll),
      (std::vector<Fields>{{{"url", "localhost:80"}, {"error", "dial: connection refused"}}}));
}

TEST_F(ObserversTest, AfterStopNothingIsHeard) {
  Observers& observers = observe({{.kind = Kind::kStdout},
                                  {.kind = Kind::kTail, .path = "/tmp/log"},
                                  {.kind = Kind::kPoll, .url = "localhost:80"}});
  ASSERT_TRUE(observers.attach().ok());
  observers.printed(false, "begun");
  in_fiber([&] {
    observers.ready();
    observers.stop();  // before the poll has even begun
  });
  observers.printed(false, "later\n");
  observers.output_ended();
  EXPECT_TRUE(files_.listeners.empty());
  ASSERT_EQ(log_.size(), 1u);
  EXPECT_EQ(log_.at(1).field("raw"), "begun");
  EXPECT_TRUE(clients_.calls.empty());
}

}  // namespace
}  // namespace fb
