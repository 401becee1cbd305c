// A World of model programs: every execution is run at once, inside start(), by the same chooser
// that real services use.
#pragma once
#include "core/sched/world.h"
#include "tests/support/model/program.h"

#include <cstdint>
#include <functional>
#include <map>

namespace fb::model {

class ModelWorld final : public World {
 public:
  // `capacity`: executions it pretends to have under way; they finish in reverse order of starting,
  // so that a campaign which counts on order is found out.
  explicit ModelWorld(const Program& program, int capacity = 1)
      : program_(program), capacity_(capacity) {}

  int capacity() const override { return capacity_; }
  void start(uint64_t ticket, const Plan& plan) override;
  Finished await_any() override;

  ExecutionRecord run(const Plan& plan);
  // Tampers with records, for tests of what a campaign does about worlds that misbehave.
  std::function<void(uint64_t run, ExecutionRecord&)> tamper;

  uint64_t runs() const { return runs_; }

 private:
  const Program& program_;
  int capacity_;
  std::map<uint64_t, ExecutionRecord> finished_;
  uint64_t runs_ = 0;
};

}  // namespace fb::model
