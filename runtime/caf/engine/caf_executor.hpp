#pragma once

#include "runtime/node/executor.hpp"

#include <caf/fwd.hpp>

namespace troupe {

/// Gives turns on the worker threads of a CAF actor system.
class caf_executor final : public executor {
public:
  explicit caf_executor(caf::actor_system& system) : system_(system) {}
  void schedule(runnable& what) override;

private:
  caf::actor_system& system_;
};

} // namespace troupe
