#include "explorer/graph.h"

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/graphviz.hpp>
#include <fmt/format.h>
#include <sstream>

namespace fb {

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

}  // namespace

size_t SearchGraph::node_of(Hash128 state) {
  const auto [known, is_new] = numbers_.try_emplace(state, looks_.size());
  if (is_new) looks_.push_back(Look::kInner);
  return known->second;
}

void SearchGraph::add(const ExecutionRecord& record) {
  if (looks_.size() + record.steps.size() > nodes_max_) {
    cut_ = true;
    return;
  }
  TraceHasher trace;
  size_t at = node_of(trace.beginning());
  for (const ExecutedStep& step : record.steps) {
    trace.add(step);
    const size_t next = node_of(trace.beginning());
    const Candidate& chosen = step.chosen();
    edges_.try_emplace(
        {at, next},
        fmt::format(
            "{} {}{}{}{}", actor_name(chosen.actor, record.services), chosen.operation,
            chosen.key.empty() ? "" : " ", chosen.key,
            step.choice.outcome == 0 ? "" : fmt::format(" (outcome {})", step.choice.outcome)));
    at = next;
  }
  looks_[at] = record.end == EndState::kRedundant ? Look::kRedundant
               : record.failed                    ? Look::kFailed
                                                  : Look::kPassed;
}

std::string SearchGraph::dot() const {
  using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS,
                                      boost::no_property, std::string>;
  Graph graph(looks_.size());
  for (const auto& [ends, label] : edges_) boost::add_edge(ends.first, ends.second, label, graph);
  const auto write_node = [this](std::ostream& out, size_t node) {
    switch (looks_[node]) {
      case Look::kInner:
        out << "[shape=point]";
        break;
      case Look::kPassed:
        out << "[label=\"pass\", shape=box, color=darkgreen]";
        break;
      case Look::kFailed:
        out << "[label=\"FAIL\", shape=box, style=filled, fillcolor=tomato]";
        break;
      case Look::kRedundant:
        out << "[label=\"redundant\", shape=box, style=dashed]";
        break;
    }
  };
  const auto write_edge = [&graph](std::ostream& out, const auto& edge) {
    out << "[label=\"" << escaped(graph[edge]) << "\"]";
  };
  const auto write_graph = [this](std::ostream& out) {
    out << "rankdir=TB;\nnode [fontname=\"sans-serif\"];\nedge [fontname=\"monospace\", "
           "fontsize=9];\n";
    if (cut_)
      out << "label=\"the search is larger: only its first " << looks_.size()
          << " states are shown\";\n";
  };
  std::ostringstream out;
  boost::write_graphviz(out, graph, write_node, write_edge, write_graph);
  return out.str();
}

}  // namespace fb
