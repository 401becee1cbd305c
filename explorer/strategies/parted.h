// Some parts of an exhaustive search, one after the other: each is searched for itself, below a
// beginning that all its executions share.
//
// The reductions by races rely on what is found left of a beginning, which is in other parts. So
// they explore all that can follow a beginning, and what another part has too does not count.
#pragma once
#include "explorer/partition.h"
#include "explorer/strategies/exhaustive.h"

#include <memory>
#include <vector>

namespace fb {

class PartedSearch final : public Strategy {
 public:
  PartedSearch(const ExhaustiveOptions& options, std::vector<SearchPart> parts);

  std::vector<uint64_t> upcoming(size_t n) override;
  Plan plan(uint64_t ticket) const override;
  void commit(uint64_t ticket, const ExecutionRecord& record) override;
  bool counts(uint64_t ticket, const ExecutionRecord& record) const override;
  std::optional<double> open_share() const override;
  std::optional<std::string> save() const override;
  Status load(std::string_view saved) override;

 private:
  struct Part {
    std::vector<PlannedStep> beginning;
    std::vector<SearchTree::Sleeper> elsewhere;  // what begins so is in another part
    std::unique_ptr<ExhaustiveSearch> search;
  };
  std::vector<Part> parts_;
};

}  // namespace fb
