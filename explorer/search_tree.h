// The tree of executions an exhaustive search has run and means to run. A node is the state after a
// sequence of choices; its children, in order, are the choices explored from there. An executed
// node was reached by some execution, a planned one was not yet; planned nodes form the wakeup
// trees of Optimal-DPOR below executed ones, and their leaves are what is still to be run.
//
//   root ── e ── e ── e ── e        e executed, p planned
//            ╲    ╲
//             p    p ── p           a leaf's plan: the path, with the left siblings of every node
//             on
//                   ╲               it asleep
//                    p
//
// Children are only ever added on the right, so a plan never changes once it is made, and leaves
// may be run in any order. The order that counts is that from left to right: what is explored left
// of a node may be relied upon there, what is explored right of it may rely on it. Where nothing is
// open below a node and left of it any more, its subtree is forgotten; the node itself stays as
// long as its parent, for it is asleep for its right siblings.
//
// Theory: P. Abdulla, S. Aronis, B. Jonsson, K. Sagonas, Source Sets: A Foundation for Optimal
// Dynamic Partial Order Reduction, JACM 64(4), 2017.
#pragma once
#include "core/base/wire.h"
#include "core/sched/world.h"

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace fb {

class SearchTree {
 public:
  using NodeId = uint32_t;
  static constexpr NodeId kRoot = 0;

  struct Sleeper {
    Choice choice;
    Footprint footprint;
  };

  struct Node {
    NodeId parent = kRoot;
    uint32_t depth = 0;
    // The step that leads here.
    Choice choice;
    std::string operation, key;  // checked when the path is followed; empty: not known yet
    Footprint footprint;
    bool tentative = false;

    bool executed = false;
    bool was_leaf = false;      // executed: the plan ended here, everything below was chosen freely
    bool was_free = false;      // executed: reached by a free choice
    bool last_enabled = false;  // executed: could the actor of `choice` go on from here?
    bool wants_more = false;    // planned: that actor has a later step in the same plan
    uint32_t preemptions = 0;   // along the path; of planned nodes as far as known
    uint32_t open = 0;          // leaves to be run at or below this node
    uint64_t ticket = 0;        // of a planned leaf
    std::vector<NodeId> children;
    std::vector<Sleeper> sleep;  // executed: asleep on arrival
  };

  enum class Order { kDepthFirst, kFewestPreemptions };

  // `asleep`: what sleeps at the root, where the tree is a part of a larger one.
  SearchTree(Order order, bool sleeping, std::vector<Sleeper> asleep = {});

  const Node& at(NodeId node) const { return nodes_[node]; }
  bool is_leaf(NodeId node) const { return at(node).children.empty(); }

  // --- what is to be run
  std::vector<uint64_t> next_tickets(size_t n) const;
  NodeId leaf_of(uint64_t ticket) const;
  uint32_t preemptions_of(uint64_t ticket) const { return at(leaf_of(ticket)).preemptions; }
  size_t open() const { return pending_.size(); }
  Plan plan(uint64_t ticket) const;

  // How much of the tree is still to be run, from 0 to 1, if every branch of a node is as large as
  // its siblings (D. Knuth, Estimating the Efficiency of Backtrack Programs, 1975).
  double open_share() const;

  // --- what was run
  // Enters the execution of a ticket: its path becomes executed. Returns the nodes of the path,
  // root first, one more than the record has steps. A tentative leaf that could not be followed is
  // gone afterwards.
  std::vector<NodeId> enter(uint64_t ticket, const ExecutionRecord& record);

  struct PlannedChild {
    Choice choice;
    Footprint footprint;
    bool tentative = false;
    bool wants_more = false;
  };
  // Adds a rightmost child. Its first child makes a planned leaf an inner node.
  NodeId add(NodeId parent, PlannedChild child);
  // Forgets what needs no remembering, after enter() and all add()s of one execution.
  void tidy(const std::vector<NodeId>& path);

  // --- to go on another day
  void save(WireWriter& out) const;
  static Result<SearchTree> load(WireReader& in, Order order, bool sleeping);

 private:
  struct Rank {
    uint32_t preemptions;
    uint32_t height;  // how far from the deepest: deepest branch first
    uint64_t ticket;
    auto operator<=>(const Rank&) const = default;
  };

  NodeId allocate();
  void release(NodeId node);
  void retire(NodeId node);  // its ticket is used up
  void release_below(NodeId node);
  bool left_is_done(NodeId node) const;
  void count_open(NodeId node, int change);
  Rank rank_of(NodeId leaf) const;
  void refresh_ranks(NodeId executed);
  uint32_t preemptions_at(NodeId parent, ActorId actor) const;
  NodeId deepest_executed(NodeId node) const;
  void fill_sleep(NodeId node, const ExecutedStep& step);

  Order order_;
  bool sleeping_;
  std::deque<Node> nodes_;
  std::vector<NodeId> free_;
  uint64_t next_ticket_ = 1;
  std::map<uint64_t, std::pair<NodeId, Rank>> tickets_;
  std::set<Rank> pending_;
};

}  // namespace fb
