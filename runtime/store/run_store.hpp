#pragma once

#include "runtime/store/run_row.hpp"

#include <troupe/result.hpp>

#include <functional>
#include <string>
#include <vector>

namespace troupe {

/// Writes the history of runs. Changes are taken in order and written later, many in one transaction. Thread-safe.
class run_store {
public:
  virtual ~run_store() = default;

  /// Adds a run, or brings what is known of it up to date. A row that is over stays as it is, and one of an earlier stage
  /// changes nothing: the same news may come twice and out of order.
  virtual void put_run(run_row what) = 0;
  virtual void drop_runs(std::vector<std::string> ids) = 0;
  virtual void note_no_actors(std::vector<std::string> ids) = 0;
  virtual void note_no_output(std::vector<std::string> ids) = 0;

  /// Adds the place of a run, or brings it up to date.
  virtual void put_place(run_place what) = 0;
  virtual void drop_place(std::string run) = 0;

  /// Calls `done`, on any thread, when all changes so far are on disk, or with the reason why they are not.
  virtual void flush(std::function<void(result<>)> done) = 0;
};

} // namespace troupe
