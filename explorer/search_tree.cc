#include "explorer/search_tree.h"

#include "core/base/check.h"
#include "core/sched/blocking.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace fb {

namespace {

const Candidate* find_candidate(const std::vector<Candidate>& candidates, ActorId actor) {
  const auto found = std::lower_bound(
      candidates.begin(), candidates.end(), actor,
      [](const Candidate& candidate, ActorId wanted) { return candidate.actor < wanted; });
  return found != candidates.end() && found->actor == actor ? &*found : nullptr;
}

bool is_enabled(const std::vector<Candidate>& candidates, ActorId actor) {
  const Candidate* candidate = find_candidate(candidates, actor);
  return candidate != nullptr && candidate->enabled;
}

}  // namespace

SearchTree::SearchTree(Order order, bool sleeping, std::vector<Sleeper> asleep)
    : order_(order), sleeping_(sleeping) {
  const NodeId root = allocate();
  FB_CHECK(root == kRoot);
  nodes_[root].sleep = std::move(asleep);
  const uint64_t ticket = next_ticket_++;
  nodes_[root].ticket = ticket;
  nodes_[root].open = 1;
  const Rank rank = rank_of(root);
  tickets_.emplace(ticket, std::pair(root, rank));
  pending_.insert(rank);
}

SearchTree::NodeId SearchTree::allocate() {
  if (free_.empty()) {
    nodes_.emplace_back();
    return static_cast<NodeId>(nodes_.size() - 1);
  }
  const NodeId node = free_.back();
  free_.pop_back();
  nodes_[node] = Node{};
  return node;
}

void SearchTree::release(NodeId node) {
  release_below(node);
  free_.push_back(node);
}

// Paths are as long as executions: no recursion.
void SearchTree::release_below(NodeId node) {
  std::vector<NodeId> doomed = std::exchange(nodes_[node].children, {});
  while (!doomed.empty()) {
    const NodeId next = doomed.back();
    doomed.pop_back();
    const std::vector<NodeId> below = std::exchange(nodes_[next].children, {});
    doomed.insert(doomed.end(), below.begin(), below.end());
    nodes_[next].sleep.clear();
    free_.push_back(next);
  }
}

std::vector<uint64_t> SearchTree::next_tickets(size_t n) const {
  std::vector<uint64_t> tickets;
  for (const Rank& rank : pending_) {
    if (tickets.size() == n) break;
    tickets.push_back(rank.ticket);
  }
  return tickets;
}

SearchTree::NodeId SearchTree::leaf_of(uint64_t ticket) const {
  const auto found = tickets_.find(ticket);
  FB_CHECK(found != tickets_.end());
  return found->second.first;
}

Plan SearchTree::plan(uint64_t ticket) const {
  std::vector<NodeId> path;
  for (NodeId node = leaf_of(ticket); node != kRoot; node = at(node).parent) path.push_back(node);
  std::reverse(path.begin(), path.end());
  Plan plan;
  plan.prefix.reserve(path.size());
  bool planned = !at(kRoot).executed;
  if (planned)
    for (const Sleeper& sleeper : at(kRoot).sleep) plan.sleep.push_back({sleeper.choice, 0});
  for (NodeId id : path) {
    const Node& node = at(id);
    const Node& parent = at(node.parent);
    if (!node.executed && sleeping_) {
      // Where the path leaves what was executed, what sleeps there sleeps on.
      if (!std::exchange(planned, true))
        for (const Sleeper& sleeper : parent.sleep)
          plan.sleep.push_back({sleeper.choice, parent.depth});
      for (NodeId sibling : parent.children) {
        if (sibling == id) break;
        plan.sleep.push_back({at(sibling).choice, parent.depth});
      }
    }
    plan.prefix.push_back({node.choice, node.operation, node.key, node.tentative});
  }
  return plan;
}

std::vector<SearchTree::NodeId> SearchTree::enter(uint64_t ticket, const ExecutionRecord& record) {
  const NodeId leaf = leaf_of(ticket);
  std::vector<NodeId> path{kRoot};
  NodeId first_new = nodes_[kRoot].executed ? NodeId{0} : kRoot;
  bool any_new = !nodes_[kRoot].executed;
  nodes_[kRoot].executed = true;
  retire(leaf);

  for (const ExecutedStep& step : record.steps) {
    const NodeId parent = path.back();
    NodeId child = 0;
    for (NodeId candidate : nodes_[parent].children)
      if (at(candidate).choice == step.choice) child = candidate;
    if (child == 0) {
      child = allocate();
      nodes_[child].parent = parent;
      nodes_[child].depth = at(parent).depth + 1;
      nodes_[child].choice = step.choice;
      nodes_[child].was_free = true;
      nodes_[parent].children.push_back(child);
    }
    Node& node = nodes_[child];
    if (!node.executed) {
      // After a tentative step that failed, the way may lead through a leaf planned for later.
      retire(child);
      const Candidate& chosen = step.chosen();
      node.executed = true;
      node.tentative = false;
      node.operation = chosen.operation;
      node.key = chosen.key;
      node.footprint = step.footprint;
      if (!std::exchange(any_new, true)) first_new = child;
      if (sleeping_) fill_sleep(child, step);
    }
    path.push_back(child);
  }

  // Who can go on where is seen one decision later.
  for (size_t depth = 0; depth < path.size(); ++depth) {
    Node& node = nodes_[path[depth]];
    if (depth > 0) {
      const std::vector<Candidate>& candidates =
          depth < record.steps.size() ? record.steps[depth].candidates : record.pending;
      node.last_enabled = is_enabled(candidates, node.choice.actor);
      node.preemptions = preemptions_at(node.parent, node.choice.actor);
    }
  }
  if (at(leaf).executed) {
    nodes_[leaf].was_leaf = true;
  } else {
    // A tentative step that turned out to be disabled.
    Node& parent = nodes_[at(leaf).parent];
    std::erase(parent.children, leaf);
    release(leaf);
  }
  if (any_new) refresh_ranks(first_new);
  return path;
}

void SearchTree::fill_sleep(NodeId id, const ExecutedStep& step) {
  const Node& parent = at(at(id).parent);
  std::vector<Sleeper> sleep;
  const auto consider = [&](Choice choice) {
    if (choice.actor == step.choice.actor) return;
    const Candidate* candidate = find_candidate(step.candidates, choice.actor);
    if (candidate == nullptr || choice.outcome >= candidate->outcomes()) return;
    const Footprint& footprint = candidate->footprint_of(choice.outcome);
    if (!ordered(footprint, step.footprint)) sleep.push_back({choice, footprint});
  };
  for (const Sleeper& sleeper : parent.sleep) consider(sleeper.choice);
  for (NodeId sibling : parent.children) {
    if (sibling == id) break;
    consider(at(sibling).choice);
  }
  nodes_[id].sleep = std::move(sleep);
}

SearchTree::NodeId SearchTree::add(NodeId parent, PlannedChild child) {
  const NodeId id = allocate();
  Node& node = nodes_[id];
  node.parent = parent;
  node.depth = at(parent).depth + 1;
  node.choice = child.choice;
  node.footprint = std::move(child.footprint);
  node.tentative = child.tentative;
  node.wants_more = child.wants_more;
  retire(parent);  // if it was a leaf itself
  nodes_[parent].children.push_back(id);
  node.preemptions = preemptions_at(parent, node.choice.actor);
  node.ticket = next_ticket_++;
  const Rank rank = rank_of(id);
  tickets_.emplace(node.ticket, std::pair(id, rank));
  pending_.insert(rank);
  count_open(id, +1);
  return id;
}

void SearchTree::tidy(const std::vector<NodeId>& path) {
  for (size_t i = path.size(); i-- > 0;) {
    if (at(path[i]).open > 0 || !left_is_done(path[i])) break;
    release_below(path[i]);
    nodes_[path[i]].sleep.clear();
    if (path[i] == kRoot) break;
    // Right of it there may be what was finished before, and waited for this.
    const std::vector<NodeId>& siblings = at(at(path[i]).parent).children;
    for (auto next = std::find(siblings.begin(), siblings.end(), path[i]) + 1;
         next != siblings.end() && at(*next).open == 0; ++next) {
      release_below(*next);
      nodes_[*next].sleep.clear();
    }
  }
}

bool SearchTree::left_is_done(NodeId node) const {
  for (; node != kRoot; node = at(node).parent)
    for (NodeId sibling : at(at(node).parent).children) {
      if (sibling == node) break;
      if (at(sibling).open > 0) return false;
    }
  return true;
}

void SearchTree::retire(NodeId node) {
  const uint64_t ticket = std::exchange(nodes_[node].ticket, 0);
  if (ticket == 0) return;
  pending_.erase(tickets_.at(ticket).second);
  tickets_.erase(ticket);
  count_open(node, -1);
}

void SearchTree::count_open(NodeId node, int change) {
  while (true) {
    nodes_[node].open = static_cast<uint32_t>(static_cast<int>(nodes_[node].open) + change);
    if (node == kRoot) return;
    node = at(node).parent;
  }
}

SearchTree::Rank SearchTree::rank_of(NodeId leaf) const {
  const Node& node = at(leaf);
  const uint32_t height = std::numeric_limits<uint32_t>::max() - at(deepest_executed(leaf)).depth;
  return {order_ == Order::kFewestPreemptions ? node.preemptions : 0, height, node.ticket};
}

SearchTree::NodeId SearchTree::deepest_executed(NodeId node) const {
  while (node != kRoot && !at(node).executed) node = at(node).parent;
  return node;
}

// Below newly executed nodes the planned leaves hang deeper, and their preemptions are known
// better.
void SearchTree::refresh_ranks(NodeId executed) {
  std::vector<NodeId> todo{executed};
  while (!todo.empty()) {
    const NodeId id = todo.back();
    todo.pop_back();
    Node& node = nodes_[id];
    if (!node.executed) node.preemptions = preemptions_at(node.parent, node.choice.actor);
    if (node.ticket != 0) {
      auto& [leaf, rank] = tickets_.at(node.ticket);
      pending_.erase(rank);
      rank = rank_of(leaf);
      pending_.insert(rank);
    }
    todo.insert(todo.end(), node.children.begin(), node.children.end());
  }
}

double SearchTree::open_share() const {
  double open = 0;
  for (const Rank& rank : pending_) {
    double share = 1;
    for (NodeId node = leaf_of(rank.ticket); node != kRoot; node = at(node).parent)
      share /= static_cast<double>(at(at(node).parent).children.size());
    open += share;
  }
  return open;
}

uint32_t SearchTree::preemptions_at(NodeId parent, ActorId actor) const {
  const Node& before = at(parent);
  const bool goes_on = before.executed ? before.last_enabled : before.wants_more;
  const bool preempts = parent != kRoot && before.choice.actor != actor && goes_on;
  return before.preemptions + (preempts ? 1 : 0);
}

}  // namespace fb
