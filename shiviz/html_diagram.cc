#include "shiviz/html_diagram.h"

#include "core/base/text.h"
#include "shiviz/shiviz_writer.h"
#include "shiviz/xml_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <vector>

namespace fb {
namespace {

// Pixels.
constexpr int kLane = 90, kRow = 20, kTop = 40, kLeft = 50, kCharacter = 8;
constexpr size_t kLongestText = 160;

std::string_view kind_of(const Event& event) {
  switch (event.type) {
    case EventType::kSyscall: {
      const std::string_view decision = event.field("decision");
      return decision.starts_with("allow") || decision == "trace" ? "call" : "fault";
    }
    case EventType::kProxy:
      return "fault";
    case EventType::kStepSend:
    case EventType::kStepRecv:
      return "step";
    case EventType::kServiceStarted:
    case EventType::kServiceReady:
    case EventType::kServiceStopped:
    case EventType::kServicePaused:
    case EventType::kServiceResumed:
      return "life";
    case EventType::kViolation:
      return "violation";
    case EventType::kFaultApplied:
    case EventType::kFaultRemoved:
    case EventType::kTraceApplied:
    case EventType::kTraceRemoved:
    case EventType::kPartitionApplied:
    case EventType::kPartitionRemoved:
    case EventType::kProxyFaultApplied:
    case EventType::kProxyFaultRemoved:
    case EventType::kStdout:
    case EventType::kStderr:
    case EventType::kTail:
    case EventType::kPoll:
    case EventType::kTopic:
    case EventType::kWal:
    case EventType::kTestRestarted:
      break;
  }
  return "other";
}

class Diagram {
 public:
  Diagram(const TestResult& test, std::span<const Event> events, std::string_view prefix)
      : events_(events), prefix_(prefix) {
    // Lanes in the order of the services, the driver last; only those that have events.
    std::vector<std::string> names = test.service_names;
    names.emplace_back("test");
    for (const std::string& name : names) add_lane(name);
    for (size_t row = 0; row < events.size(); ++row) rows_.emplace(events[row].seq, row);
  }

  std::string draw(std::string_view label) const {
    size_t longest = 0;
    for (const Event& event : events_) longest = std::max(longest, line_of(event).size());
    const int width = text_x() + static_cast<int>(longest) * kCharacter + 20;
    const int height = y_of(events_.size()) + 10;
    std::string out = fmt::format(
        "<svg role=\"img\" aria-label=\"{}\" width=\"{}\" height=\"{}\" "
        "viewBox=\"0 0 {} {}\" xmlns=\"http://www.w3.org/2000/svg\">\n",
        xml_attribute(label), width, height, width, height);
    for (const auto& [name, lane] : lanes_) {
      out += fmt::format(
          "<line class=\"lane\" x1=\"{0}\" y1=\"30\" x2=\"{0}\" y2=\"{1}\"/>"
          "<text class=\"name\" x=\"{0}\" y=\"20\" text-anchor=\"middle\">{2}</text>\n",
          x_of(lane), height, xml_text(shortened(name, 11)));
    }
    out += bands();
    for (const Event& event : events_) out += arrows(event);
    for (const Event& event : events_) out += mark(event);
    return out + "</svg>\n";
  }

 private:
  void add_lane(const std::string& name) {
    const bool used = std::any_of(events_.begin(), events_.end(),
                                  [&](const Event& event) { return event.service == name; });
    const bool known = std::any_of(lanes_.begin(), lanes_.end(),
                                   [&](const auto& lane) { return lane.first == name; });
    if (used && !known) lanes_.emplace_back(name, lanes_.size());
  }

  static std::string shortened(const std::string& text, size_t most) {
    const std::string clean = sanitise_utf8(text);
    if (clean.size() <= most) return clean;
    size_t end = 0;
    while (end < clean.size()) {
      const size_t length = std::max<size_t>(utf8_length(std::string_view(clean).substr(end)), 1);
      if (end + length > most) break;
      end += length;
    }
    return clean.substr(0, end) + "…";
  }

  static std::string line_of(const Event& event) {
    return shortened(escape_newlines(fmt::format("#{} {}", event.seq, shiviz_text(event))),
                     kLongestText);
  }

  std::optional<size_t> lane_of(std::string_view service) const {
    for (const auto& [name, lane] : lanes_)
      if (name == service) return lane;
    return std::nullopt;
  }
  static int x_of(size_t lane) { return kLeft + static_cast<int>(lane) * kLane; }
  static int y_of(size_t row) { return kTop + static_cast<int>(row) * kRow + kRow / 2; }
  int text_x() const { return x_of(lanes_.size()) - kLane / 2 + 10; }

  // From each fault_applied to the fault_removed of that service that closes it, or to the end.
  std::string bands() const {
    std::string out;
    std::map<std::string, std::vector<size_t>> open;
    const auto band = [&](const std::string& service, size_t from, size_t to) {
      const auto lane = lane_of(service);
      if (!lane) return;
      out += fmt::format("<rect class=\"band\" x=\"{}\" y=\"{}\" width=\"24\" height=\"{}\"/>\n",
                         x_of(*lane) - 12, y_of(from) - kRow / 2, y_of(to) - y_of(from) + kRow);
    };
    for (size_t row = 0; row < events_.size(); ++row) {
      const Event& event = events_[row];
      const bool opens =
          event.type == EventType::kFaultApplied || event.type == EventType::kProxyFaultApplied;
      const bool closes =
          event.type == EventType::kFaultRemoved || event.type == EventType::kProxyFaultRemoved;
      if (opens) open[event.service].push_back(row);
      if (!closes || open[event.service].empty()) continue;
      band(event.service, open[event.service].back(), row);
      open[event.service].pop_back();
    }
    for (const auto& [service, rows] : open)
      for (size_t row : rows) band(service, row, events_.size() - 1);
    return out;
  }

  std::string arrows(const Event& event) const {
    std::string out;
    const auto lane = lane_of(event.service);
    if (!lane) return out;
    for (const uint64_t cause : event.causes) {
      const auto row = rows_.find(cause);
      if (row == rows_.end()) continue;
      const auto from = lane_of(events_[row->second].service);
      if (!from) continue;
      out += fmt::format(
          "<line class=\"arrow\" marker-end=\"url(#arrow)\" x1=\"{}\" y1=\"{}\" x2=\"{}\" "
          "y2=\"{}\"/>\n",
          x_of(*from), y_of(row->second), x_of(*lane), y_of(rows_.at(event.seq)));
    }
    return out;
  }

  std::string mark(const Event& event) const {
    const int y = y_of(rows_.at(event.seq));
    const auto lane = lane_of(event.service);
    std::string fields;
    for (const auto& [name, value] : event.fields) fields += fmt::format("\n{}: {}", name, value);
    return fmt::format(
        "<g class=\"event {}\" id=\"{}\" data-service=\"{}\" data-type=\"{}\" "
        "data-decision=\"{}\"><title>{}</title>{}<text x=\"{}\" y=\"{}\">{}</text></g>\n",
        kind_of(event), html_event_id(prefix_, event.seq), xml_attribute(event.service),
        event_type_name(event.type), xml_attribute(event.field("decision")),
        xml_text(event.event_type() + fields),
        lane ? fmt::format("<circle class=\"dot\" cx=\"{}\" cy=\"{}\" r=\"5\"/>", x_of(*lane), y)
             : "",
        text_x(), y + 4, xml_text(line_of(event)));
  }

  std::span<const Event> events_;
  std::string prefix_;
  std::vector<std::pair<std::string, size_t>> lanes_;
  std::map<uint64_t, size_t> rows_;  // by seq
};

}  // namespace

std::string html_event_id(std::string_view prefix, uint64_t seq) {
  return fmt::format("{}e{}", prefix, seq);
}

std::string html_diagram(const TestResult& test, std::span<const Event> events,
                         std::string_view prefix, std::string_view label) {
  return Diagram(test, events, prefix).draw(label);
}

}  // namespace fb
