// service(observe=), its sources and decoders: what they declare, what they refuse, and how the
// events read.
#include "tests/unit/starlark/spec/spec_fixture.h"

namespace fb::spec {
namespace {

using std::chrono::milliseconds;

class ObserveWordsTest : public SpecTest {
 protected:
  std::vector<ObserveSource> observed(const std::string& sources, const std::string& more = "") {
    Spec::Loaded loaded =
        load("a = service('a', './a', observe = [" + sources + "]" + more + ")\n");
    EXPECT_NE(loaded.spec, nullptr) << loaded.report;
    return loaded.spec ? loaded.spec->topology().services[0].observe : std::vector<ObserveSource>{};
  }
  std::string message(const std::string& sources) {
    const std::string report = load_error("a = service('a', './a', observe = [" + sources + "])\n");
    return report.substr(0, report.find('\n'));
  }
  // Runs `body` on a service whose output is `output`.
  TestResult run_on(const std::string& output, const std::string& decoder,
                    const std::string& body) {
    before_body_ = [this, output] { launcher_.told->output(ServiceId{0}, false, output); };
    return run("a = service('a', './a', observe = [stdout(" + decoder +
               ")])\n"
               "def test_a():\n" +
               body);
  }
};

TEST_F(ObserveWordsTest, SourcesAreWhatTheyWereDeclaredToBe) {
  using Kind = ObserveSource::Kind;
  EXPECT_EQ(
      observed("stdout(), stderr(decoder = json_decoder()), "
               "tail('/var/log/x', logfmt_decoder()), tail(path = 'log'), "
               "poll('localhost:80/health', interval = '500ms'), "
               "poll(url = 'http://localhost:80/', decoder = regex_decoder('(?P<n>.)'))"),
      (std::vector<ObserveSource>{
          {.kind = Kind::kStdout},
          {.kind = Kind::kStderr, .decoder = {DecoderSpec::Kind::kJson, ""}},
          {.kind = Kind::kTail, .decoder = {DecoderSpec::Kind::kLogfmt, ""}, .path = "/var/log/x"},
          {.kind = Kind::kTail, .path = "/srv/log"},
          {.kind = Kind::kPoll, .url = "localhost:80/health", .interval = milliseconds(500)},
          {.kind = Kind::kPoll,
           .decoder = {DecoderSpec::Kind::kRegex, "(?P<n>.)"},
           .url = "http://localhost:80/"}}));
  EXPECT_EQ(observed("tail('log')", ", cwd = 'w'").at(0).path, "/srv/w/log");
}

TEST_F(ObserveWordsTest, ValuesPrintAsTheyAre) {
  load(
      "print(stdout(), stderr(), tail('/x'), poll('localhost:1'))\n"
      "print(json_decoder(), logfmt_decoder(), regex_decoder('(?P<n>.)'))\n"
      "print(type(stdout()), type(json_decoder()))\n");
  EXPECT_EQ(printed_,
            (std::vector<std::string>{
                "<observe stdout> <observe stderr> <observe tail> <observe poll>",
                "<decoder json> <decoder logfmt> <decoder regex>", "observe_source decoder"}));
}

TEST_F(ObserveWordsTest, WhatCannotBeIsAnErrorAtLoad) {
  EXPECT_EQ(message("1"),
            "spec.star:1:12: service(): for parameter observe: got int in the list, want "
            "observe_source");
  EXPECT_EQ(message("stdout(), stdout()"),
            "spec.star:1:12: service(): for parameter observe: <observe stdout> is given twice");
  EXPECT_EQ(message("tail()"), "spec.star:1:40: tail(): missing argument for path");
  EXPECT_EQ(message("tail('')"), "spec.star:1:40: tail(): for parameter path: the path is empty");
  EXPECT_EQ(message("poll('https://x/')"),
            "spec.star:1:40: poll(): cannot poll \"https://x/\": only http:// can be polled");
  EXPECT_EQ(message("poll('localhost:1', interval = '0')"),
            "spec.star:1:40: poll(): for parameter interval: the interval is 0");
  EXPECT_EQ(message("stdout(regex_decoder('('))"),
            "spec.star:1:56: regex_decoder(): bad pattern \"(\": missing ): (");
  EXPECT_EQ(message("stdout(regex_decoder())"),
            "spec.star:1:56: regex_decoder(): missing argument for pattern");
  EXPECT_EQ(message("stdout('json')"),
            "spec.star:1:42: stdout(): for parameter decoder: got string, want decoder or None");
}

TEST_F(ObserveWordsTest, SourcesOfLaterVersionsSayWhichOne) {
  for (const std::string word : {"topic", "wal_stream"}) {
    const std::string text = message(word + "()");
    EXPECT_NE(text.find(word + "(): comes with version 0.4 of faultbox"), std::string::npos)
        << text;
  }
}

TEST_F(ObserveWordsTest, DecodedFieldsAreThoseOfTheEvent) {
  const TestResult result =
      run_on(R"({"level":"warn","n":3,"type":"audit"})"
             "\nplain\n",
             "json_decoder()",
             "    lines = events(service = 'a', event_type = 'stdout')\n"
             "    assert_eq(len(lines), 2)\n"
             "    assert_eq(lines[0].level, 'warn')\n"
             "    assert_eq(lines[0].data['n'], 3)\n"
             "    assert_eq(lines[0]['n'], '3')\n"
             "    assert_eq(lines[1].raw, 'plain')\n"
             "    assert_eq(lines[1].data, {'raw': 'plain'})\n"
             "    assert_eventually(type = 'audit', level = 'warn')\n"
             "    assert_eventually(where = lambda e: e.type == 'stdout' and e.data['n'] == 3)\n");
  EXPECT_EQ(result.result, Verdict::kPass) << result.reason;
}

TEST_F(ObserveWordsTest, NeverIsNotVacuousWhereADecoderCouldYieldTheField) {
  const std::string never = "    assert_never(level = 'error')\n";
  EXPECT_EQ(run_on("", "json_decoder()", never).result, Verdict::kPass);
  EXPECT_EQ(run_on("", "regex_decoder('(?P<level>x)')", never).result, Verdict::kPass);
  EXPECT_NE(run_on("", "regex_decoder('(?P<other>x)')", never).result, Verdict::kPass);
  EXPECT_NE(run_on("", "", never).result, Verdict::kPass);
}

}  // namespace
}  // namespace fb::spec
