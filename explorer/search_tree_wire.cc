// The written form of a search tree: every node as it is, the free ones left out.
#include "core/sched/record_wire.h"
#include "explorer/search_tree.h"

namespace fb {

namespace {

void write_node(WireWriter& out, const SearchTree::Node& node) {
  out.u64(node.parent);
  out.u64(node.depth);
  write_choice(out, node.choice);
  out.string(node.operation);
  out.string(node.key);
  write_footprint(out, node.footprint);
  for (bool flag : {node.tentative, node.executed, node.was_leaf, node.was_free, node.last_enabled,
                    node.wants_more})
    out.boolean(flag);
  out.u64(node.preemptions);
  out.u64(node.open);
  out.u64(node.ticket);
  out.count(node.children.size());
  for (SearchTree::NodeId child : node.children) out.u64(child);
  out.count(node.sleep.size());
  for (const SearchTree::Sleeper& sleeper : node.sleep) {
    write_choice(out, sleeper.choice);
    write_footprint(out, sleeper.footprint);
  }
}

Result<uint32_t> read_u32(WireReader& in) {
  return static_cast<uint32_t>(FB_TRY(in.u64_at_most(UINT32_MAX)));
}

Result<SearchTree::Node> read_node(WireReader& in, size_t nodes) {
  const auto read_id = [&]() -> Result<SearchTree::NodeId> {
    return static_cast<SearchTree::NodeId>(FB_TRY(in.u64_at_most(nodes - 1)));
  };
  SearchTree::Node node;
  node.parent = FB_TRY(read_id());
  node.depth = FB_TRY(read_u32(in));
  node.choice = FB_TRY(read_choice(in));
  node.operation = FB_TRY(in.string());
  node.key = FB_TRY(in.string());
  node.footprint = FB_TRY(read_footprint(in));
  for (bool* flag : {&node.tentative, &node.executed, &node.was_leaf, &node.was_free,
                     &node.last_enabled, &node.wants_more})
    *flag = FB_TRY(in.boolean());
  node.preemptions = FB_TRY(read_u32(in));
  node.open = FB_TRY(read_u32(in));
  node.ticket = FB_TRY(in.u64());
  const size_t children = FB_TRY(in.count());
  for (size_t i = 0; i < children; ++i) node.children.push_back(FB_TRY(read_id()));
  const size_t sleepers = FB_TRY(in.count(9));
  for (size_t i = 0; i < sleepers; ++i) {
    const Choice choice = FB_TRY(read_choice(in));
    node.sleep.push_back({choice, FB_TRY(read_footprint(in))});
  }
  return node;
}

}  // namespace

void SearchTree::save(WireWriter& out) const {
  out.u64(next_ticket_);
  out.count(nodes_.size());
  const std::set<NodeId> unused(free_.begin(), free_.end());
  for (NodeId id = 0; id < nodes_.size(); ++id) {
    const bool used = !unused.contains(id);
    out.boolean(used);
    if (used) write_node(out, nodes_[id]);
  }
  // In this order they are used again.
  for (NodeId id : free_) out.u64(id);
}

Result<SearchTree> SearchTree::load(WireReader& in, Order order, bool sleeping) {
  SearchTree tree(order, sleeping);
  tree.tickets_.clear();
  tree.pending_.clear();
  tree.nodes_.clear();
  tree.next_ticket_ = FB_TRY(in.u64());
  const size_t nodes = FB_TRY(in.count());
  if (nodes == 0) return invalid("a tree without a root");
  size_t unused = 0;
  for (size_t i = 0; i < nodes; ++i) {
    tree.nodes_.emplace_back();
    if (FB_TRY(in.boolean()))
      tree.nodes_.back() = FB_TRY(read_node(in, nodes));
    else
      ++unused;
  }
  for (size_t i = 0; i < unused; ++i)
    tree.free_.push_back(static_cast<NodeId>(FB_TRY(in.u64_at_most(nodes - 1))));
  for (NodeId id = 0; id < nodes; ++id) {
    const uint64_t ticket = tree.nodes_[id].ticket;
    if (ticket == 0) continue;
    const Rank rank = tree.rank_of(id);
    tree.tickets_.emplace(ticket, std::pair(id, rank));
    tree.pending_.insert(rank);
  }
  return tree;
}

}  // namespace fb
