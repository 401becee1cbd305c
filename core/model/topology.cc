#include "core/model/topology.h"

#include "core/base/suggest.h"
#include "core/base/text.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/depth_first_search.hpp>
#include <functional>
#include <queue>

namespace fb {

namespace {

// An edge goes from a service to what it depends on. setS: a dependency named twice is one.
using Graph = boost::adjacency_list<boost::setS, boost::vecS, boost::bidirectionalS>;
using Vertex = Graph::vertex_descriptor;
using Edge = Graph::edge_descriptor;

// Keeps the path from the root of the search, and the first cycle met.
class CycleFinder : public boost::default_dfs_visitor {
 public:
  CycleFinder(std::vector<Vertex>* path, std::vector<Vertex>* cycle) : path_(path), cycle_(cycle) {}

  void discover_vertex(Vertex v, const Graph&) { path_->push_back(v); }
  void finish_vertex(Vertex, const Graph&) { path_->pop_back(); }
  void back_edge(Edge edge, const Graph& graph) {
    if (!cycle_->empty()) return;
    const Vertex first = boost::target(edge, graph);
    cycle_->assign(std::ranges::find(*path_, first), path_->end());
    cycle_->push_back(first);
  }

 private:
  // The search copies its visitor: results live outside.
  std::vector<Vertex>* path_;
  std::vector<Vertex>* cycle_;
};

}  // namespace

std::optional<ServiceId> Topology::find(std::string_view name) const {
  for (size_t i = 0; i < services.size(); ++i) {
    if (services[i].name == name) return ServiceId{static_cast<uint16_t>(i)};
  }
  return std::nullopt;
}

bool Topology::any_proxied() const {
  return std::any_of(services.begin(), services.end(), [](const ServiceSpec& service) {
    return std::any_of(service.interfaces.begin(), service.interfaces.end(),
                       [](const InterfaceSpec& interface) { return interface.proxied; });
  });
}

std::vector<std::string> Topology::names() const {
  std::vector<std::string> out;
  out.reserve(services.size());
  for (const ServiceSpec& service : services) out.push_back(service.name);
  return out;
}

Result<std::vector<ServiceId>> Topology::start_order() const {
  Graph depends(services.size());
  for (size_t i = 0; i < services.size(); ++i) {
    for (const std::string& name : services[i].depends_on) {
      const std::optional<ServiceId> dependency = find(name);
      if (!dependency) {
        return invalid("service " + quote(services[i].name) + " depends on unknown service " +
                       quote(name) + did_you_mean(name, names()));
      }
      boost::add_edge(i, dependency->value, depends);
    }
  }

  std::vector<Vertex> path;
  std::vector<Vertex> cycle;
  boost::depth_first_search(depends, boost::visitor(CycleFinder(&path, &cycle)));
  if (!cycle.empty()) {
    std::vector<std::string> around;
    around.reserve(cycle.size());
    for (Vertex v : cycle) around.push_back(services[v].name);
    return invalid("depends_on cycle: " + join(around, " -> "));
  }

  // Kahn 1962 with the lowest free position next. boost::topological_sort would follow one
  // service's dependencies to the end and so break the order of registration more than needed.
  std::vector<size_t> missing(services.size());
  std::priority_queue<Vertex, std::vector<Vertex>, std::greater<>> free;
  for (Vertex v = 0; v < services.size(); ++v) {
    missing[v] = boost::out_degree(v, depends);
    if (missing[v] == 0) free.push(v);
  }
  std::vector<ServiceId> order;
  order.reserve(services.size());
  while (!free.empty()) {
    const Vertex next = free.top();
    free.pop();
    order.push_back(ServiceId{static_cast<uint16_t>(next)});
    for (auto [edge, end] = boost::in_edges(next, depends); edge != end; ++edge) {
      const Vertex dependant = boost::source(*edge, depends);
      if (--missing[dependant] == 0) free.push(dependant);
    }
  }
  FB_CHECK(order.size() == services.size());
  return order;
}

std::vector<std::string_view> protocol_names() {
  return {"amqp",  "grpc", "http",     "kafka", "memcached", "mongodb",
          "mysql", "nats", "postgres", "redis", "tcp"};
}

}  // namespace fb
