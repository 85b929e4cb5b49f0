#pragma once

#include <runtime/observer/run_plan.hpp>
#include <runtime/process/unique_fd.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace troupe {

/// The control socket of an observer that waits for a plan and has an interpreter waiting for a script.
struct prepared_observer {
  unique_fd control;
  std::uint64_t source = 0; ///< who made it, for `refused`
};

/// Where a run host gets observers that were prepared. Used on the host's loop thread only; outlives the host.
class prepared_observers {
public:
  virtual ~prepared_observers() = default;
  /// One for this plan, at once or within a moment; nothing: the run is to be started in the usual way. `done` once.
  virtual void take(const run_plan& plan, std::function<void(std::optional<prepared_observer>)> done) = 0;
  /// What was taken could not be used: its observer has started the script in the usual way.
  virtual void refused(std::uint64_t source, const std::string& why) = 0;
};

} // namespace troupe
