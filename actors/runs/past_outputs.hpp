#pragma once

#include <runtime/observer/run_host.hpp>
#include <runtime/observer/spool_reader.hpp>

#include <list>
#include <string>
#include <utility>

namespace troupe {

/// Reads the output of runs that are over from their folders. Remembers its places in the last few, so that reading on is
/// immediate; holds no file open. Of one thread.
class past_outputs {
public:
  explicit past_outputs(std::string runs_folder) : runs_folder_(std::move(runs_folder)) {}

  output_page read(const std::string& id, const output_query& query);

private:
  std::string runs_folder_;
  std::list<std::pair<std::string, spool_reader>> readers_; ///< the last used first
};

/// Removes what an observer has left in the run's folder, but never the folder `work`. Another call does no harm.
void remove_kept_output(const std::string& folder);

/// The run's folder too, if nothing else is in it. Its result goes, so the run must be over for everybody.
void remove_run_remains(const std::string& folder);

} // namespace troupe
