#include "shiviz/html_writer.h"

#include "core/trace/event_selection.h"
#include "shiviz/html_diagram.h"
#include "shiviz/html_page.h"
#include "shiviz/human_exploration.h"
#include "shiviz/xml_text.h"

#include <fmt/format.h>
#include <set>
#include <span>

namespace fb {
namespace {

constexpr size_t kEventsOfATest = 5000;

std::string fact(std::string_view name, std::string_view value) {
  if (value.empty()) return {};
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", xml_text(name), xml_text(value));
}

std::string preformatted(std::string_view text) {
  return fmt::format("<pre>{}</pre>\n", xml_text(text));
}

std::string head(const SuiteResult& suite) {
  return fmt::format(
             "<!DOCTYPE html>\n<html lang=\"en\" class=\"no-script\">\n<head>\n<meta "
             "charset=\"utf-8\"/>\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
             "'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\"/>\n"
             "<link rel=\"icon\" href=\"data:,\"/>\n"
             "<title>faultbox: {}</title>\n<style>{}</style>\n</head>\n<body>\n",
             xml_text(suite.star_file), html_style()) +
         // The arrow head that all diagrams point with.
         "<svg width=\"0\" height=\"0\" style=\"position:absolute\" "
         "aria-hidden=\"true\"><defs><marker "
         "id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"12\" refY=\"4\" markerWidth=\"7\" "
         "markerHeight=\"7\" orient=\"auto\"><path d=\"M0,0 L8,4 L0,8 z\" fill=\"gray\"/></marker>"
         "</defs></svg>\n";
}

class Page {
 public:
  Page(const SuiteResult& suite, const WriteOptions& options) : suite_(suite), options_(options) {}

  std::string write() {
    out_ = head(suite_);
    summary();
    for (size_t i = 0; i < suite_.tests.size(); ++i)
      if (is_shown(suite_.tests[i], options_)) test(suite_.tests[i], i);
    out_ += fmt::format("</main>\n<script>{}</script>\n</body>\n</html>\n", html_script());
    return std::move(out_);
  }

 private:
  void summary() {
    out_ += fmt::format("<header>\n<h1>{}</h1>\n", xml_text(suite_.star_file));
    out_ += fmt::format(
        "<p><span class=\"verdict pass\">{} passed</span>, <span class=\"verdict{}\">{} "
        "failed</span>",
        suite_.count(Verdict::kPass), suite_.count(Verdict::kFail) > 0 ? " fail" : "",
        suite_.count(Verdict::kFail));
    if (const uint64_t cancelled = suite_.count(Verdict::kCancelled); cancelled > 0)
      out_ += fmt::format(", <span class=\"verdict cancelled\">{} cancelled</span>", cancelled);
    out_ += "</p>\n<dl class=\"facts\">\n";
    out_ += fact("seed", std::to_string(suite_.seed));
    out_ += fact("isolation", suite_.isolation_why.empty()
                                  ? suite_.isolation_mode
                                  : suite_.isolation_mode + " (" + suite_.isolation_why + ")");
    out_ += fact("causality", suite_.causality);
    out_ += fact("duration", fmt::format("{} ms", suite_.duration_ms));
    out_ += fact("jobs", std::to_string(suite_.jobs));
    out_ += fact("faultbox", suite_.tool_version);
    out_ += "</dl>\n</header>\n<main>\n";
    out_ += diagnostics(suite_.diagnostics, "");
  }

  std::string diagnostics(const std::vector<Diagnostic>& list, std::string_view prefix) const {
    if (list.empty()) return {};
    std::string out = "<ul class=\"diagnostics\">\n";
    for (const Diagnostic& d : list) {
      out += fmt::format("<li><span class=\"{0}\">{0} <strong>{1}</strong></span> {2}",
                         level_name(d.level), xml_text(d.code), xml_text(d.message));
      for (const uint64_t seq : d.events)
        out += fmt::format(" <a href=\"#{}\">#{}</a>", html_event_id(prefix, seq), seq);
      if (!d.suggestion.empty())
        out += fmt::format("<div class=\"hint\">hint: {}</div>", xml_text(d.suggestion));
      out += "</li>\n";
    }
    return out + "</ul>\n";
  }

  void test(const TestResult& test, size_t index) {
    const std::string prefix = fmt::format("t{}", index);
    const std::string_view verdict = verdict_name(test.result);
    std::string facts = exploration_header(test);
    if (facts.empty()) facts = fmt::format("{} ms, seed={}", test.duration_ms, test.seed);
    if (test.run) facts += fmt::format(", run {}", *test.run);
    out_ += fmt::format(
        "<details class=\"test\" id=\"{}\"{}>\n<summary><h2><span class=\"verdict {}\">{}</span> "
        "{}</h2> <span class=\"time\">({})</span></summary>\n",
        prefix, test.result == Verdict::kPass ? "" : " open=\"\"", verdict, verdict,
        xml_text(test.name), xml_text(facts));
    failure(test);
    out_ += diagnostics(test.diagnostics, prefix);
    if (test.exploration) exploration(test, prefix);
    rules(test);
    services(test);
    timeline(test, test.events, prefix, "Time line");
    if (test.exploration && !test.exploration->passing_events.empty())
      timeline(test, test.exploration->passing_events, prefix + "p",
               "The nearest passing execution");
    out_ += "</details>\n";
  }

  void failure(const TestResult& test) {
    if (!test.reason.empty()) out_ += preformatted(test.reason);
    if (test.error_detail) {
      std::string where = test.error_detail->position;
      for (const std::string& caller : test.error_detail->backtrace) where += "\n  " + caller;
      for (const std::string& also : test.error_detail->also) where += "\nalso: " + also;
      if (!where.empty()) out_ += preformatted(where);
    }
    if (!test.replay_command.empty())
      out_ += fmt::format("<p>Replay: <code>{}</code>{}</p>\n", xml_text(test.replay_command),
                          test.exploration && !test.exploration->replayed.empty()
                              ? fmt::format(" (replayed {})", xml_text(test.exploration->replayed))
                              : "");
  }

  void exploration(const TestResult& test, const std::string& prefix) {
    const ExplorationReport& e = *test.exploration;
    const std::string found = counterexample_lines(e) + coverage_lines(e);
    if (!found.empty()) out_ += "<h3>Exploration</h3>\n" + preformatted(found);
    for (const RacingAccess& access : e.race) {
      if (access.seq != 0)
        out_ += fmt::format("<p>Racing: <a href=\"#{}\">#{}</a> {} {} {}</p>\n",
                            html_event_id(prefix, access.seq), access.seq, xml_text(access.actor),
                            xml_text(access.call), xml_text(access.object));
    }
    if (e.outcomes.empty()) return;
    out_ += "<div class=\"scroll\"><table><tr><th>outcome</th><th>executions</th></tr>\n";
    for (const auto& outcome : e.outcomes)
      out_ += fmt::format("<tr><td class=\"mono\">{}</td><td>{}</td></tr>\n", xml_text(outcome.key),
                          outcome.executions);
    out_ += "</table></div>\n";
  }

  void rules(const TestResult& test) {
    if (test.faults.empty() && test.protocol_faults.empty()) return;
    out_ +=
        "<h3>Rules</h3>\n<div class=\"scroll\"><table><tr><th>on</th><th>rule</th><th>matched</th>"
        "<th>fired</th></tr>\n";
    const auto row = [&](std::string_view on, std::string_view rule, uint64_t matched,
                         uint64_t fired) {
      out_ += fmt::format("<tr><td>{}</td><td class=\"mono\">{}</td><td>{}</td><td>{}</td></tr>\n",
                          xml_text(on), xml_text(rule), matched, fired);
    };
    for (const FaultReport& f : test.faults)
      row(f.service, fmt::format("{}={}", f.syscall, f.applied), f.matched, f.hits);
    for (const ProtocolFaultReport& f : test.protocol_faults) {
      std::string match;
      for (const auto& [key, value] : f.match)
        match += fmt::format("{}{}={}", match.empty() ? "" : ", ", key, value);
      row(f.service + "." + f.interface, fmt::format("{}({})", f.action, match), f.matched, f.hits);
    }
    out_ += "</table></div>\n";
  }

  void services(const TestResult& test) {
    if (test.services.empty()) return;
    out_ += "<h3>Services</h3>\n";
    for (const ServiceReport& service : test.services) {
      std::string end = "was stopped";
      if (service.exit_code) end = fmt::format("exited with {}", *service.exit_code);
      if (service.signal) end = fmt::format("was ended by signal {}", *service.signal);
      out_ += fmt::format("<p><strong>{}</strong> {}</p>\n", xml_text(service.name), end);
      if (!service.output_tail.empty()) out_ += preformatted(service.output_tail);
    }
  }

  static std::string options(const std::set<std::string>& values) {
    std::string out = "<option value=\"\">all</option>";
    for (const std::string& value : values)
      out += fmt::format("<option value=\"{}\">{}</option>", xml_attribute(value), xml_text(value));
    return out;
  }

  void timeline(const TestResult& test, std::span<const Event> all, const std::string& prefix,
                std::string_view title) {
    if (all.empty()) return;
    const std::vector<Event> events = select_events(all, kEventsOfATest);
    std::set<std::string> services, types;
    for (const Event& event : events) {
      if (!event.service.empty()) services.insert(event.service);
      types.insert(std::string(event_type_name(event.type)));
    }
    out_ += fmt::format("<h3>{}</h3>\n", title);
    if (events.size() < all.size())
      out_ += fmt::format(
          "<p>{} of {} events are left out: faults, steps and violations come first.</p>\n",
          all.size() - events.size(), all.size());
    out_ += fmt::format(
        "<form class=\"filters\" data-diagram=\"{0}d\"><label>service <select "
        "name=\"service\">{1}</select></label><label>type <select "
        "name=\"type\">{2}</select></label>"
        "<label>decision <input name=\"decision\" placeholder=\"deny\"/></label><output></output>"
        "</form>\n"
        "<div class=\"diagram\" id=\"{0}d\" tabindex=\"0\" role=\"region\" aria-label=\"{3} of "
        "{4}\">\n",
        prefix, options(services), options(types), title, xml_attribute(test.name));
    out_ += html_diagram(test, events, prefix, fmt::format("Space-time diagram of {}", test.name));
    out_ += "</div>\n";
  }

  const SuiteResult& suite_;
  const WriteOptions& options_;
  std::string out_;
};

}  // namespace

std::string HtmlWriter::write(const SuiteResult& suite, const WriteOptions& options) const {
  return Page(suite, options).write();
}

}  // namespace fb
