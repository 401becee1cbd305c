#include "explorer/strategies/parted.h"

#include "core/sched/blocking.h"

#include <algorithm>
#include <utility>

namespace fb {

namespace {

// A ticket names the part and the part's own ticket.
constexpr int kPartShift = 40;

uint64_t ticket_in(uint64_t ticket) {
  return ticket & ((uint64_t{1} << kPartShift) - 1);
}

}  // namespace

PartedSearch::PartedSearch(const ExhaustiveOptions& options, std::vector<SearchPart> parts) {
  for (SearchPart& part : parts) {
    ExhaustiveOptions own = options;
    if (options.reduction == Reduction::kSleep) own.asleep = std::exchange(part.asleep, {});
    parts_.push_back({std::move(part.beginning), std::move(part.asleep),
                      std::make_unique<ExhaustiveSearch>(own)});
  }
}

std::vector<uint64_t> PartedSearch::upcoming(size_t n) {
  std::vector<uint64_t> tickets;
  for (size_t i = 0; i < parts_.size() && tickets.size() < n; ++i)
    for (uint64_t ticket : parts_[i].search->upcoming(n - tickets.size()))
      tickets.push_back(uint64_t{i} << kPartShift | ticket);
  return tickets;
}

Plan PartedSearch::plan(uint64_t ticket) const {
  const Part& part = parts_[ticket >> kPartShift];
  Plan plan = part.search->plan(ticket_in(ticket));
  plan.prefix.insert(plan.prefix.begin(), part.beginning.begin(), part.beginning.end());
  for (Asleep& asleep : plan.sleep) asleep.from += part.beginning.size();
  return plan;
}

void PartedSearch::commit(uint64_t ticket, const ExecutionRecord& record) {
  const Part& part = parts_[ticket >> kPartShift];
  ExecutionRecord rest = record;
  rest.steps.erase(rest.steps.begin(),
                   rest.steps.begin() + static_cast<ptrdiff_t>(part.beginning.size()));
  part.search->commit(ticket_in(ticket), rest);
}

// One that sleeps after the beginning could have gone first there: then it did, in another part.
bool PartedSearch::counts(uint64_t ticket, const ExecutionRecord& record) const {
  const Part& part = parts_[ticket >> kPartShift];
  const auto begin = record.steps.begin() + static_cast<ptrdiff_t>(part.beginning.size());
  return std::none_of(
      part.elsewhere.begin(), part.elsewhere.end(), [&](const SearchTree::Sleeper& sleeper) {
        const auto step = std::find_if(begin, record.steps.end(), [&](const ExecutedStep& s) {
          return s.choice.actor == sleeper.choice.actor;
        });
        return step != record.steps.end() && step->choice == sleeper.choice &&
               std::none_of(begin, step, [&](const ExecutedStep& earlier) {
                 return ordered(earlier.footprint, step->footprint);
               });
      });
}

std::optional<double> PartedSearch::open_share() const {
  double open = 0;
  for (const Part& part : parts_) open += *part.search->open_share();
  return parts_.empty() ? 0 : open / static_cast<double>(parts_.size());
}

std::optional<std::string> PartedSearch::save() const {
  WireWriter out;
  out.count(parts_.size());
  for (const Part& part : parts_) out.string(*part.search->save());
  return out.take();
}

Status PartedSearch::load(std::string_view saved) {
  WireReader in(saved);
  if (FB_TRY(in.count()) != parts_.size()) return invalid("the search has other parts");
  for (Part& part : parts_) {
    const std::string own = FB_TRY(in.string());
    FB_TRY(part.search->load(own));
  }
  return in.finish();
}

}  // namespace fb
