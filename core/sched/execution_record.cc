#include "core/sched/execution_record.h"

#include "core/base/check.h"

namespace fb {

const Candidate& ExecutedStep::chosen() const {
  for (const Candidate& candidate : candidates)
    if (candidate.actor == choice.actor) return candidate;
  check_failed("the chosen actor is a candidate", __FILE__, __LINE__);
}

}  // namespace fb
