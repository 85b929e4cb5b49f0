#pragma once

#include "runtime/store/run_row.hpp"

#include <troupe/result.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// Reads the history of runs beside its writer, by a connection of its own. Sees what was flushed. Of one thread; every
/// function fails with `io_error` when the file cannot be read.
class run_reader {
public:
  /// `file` is there: a store has opened it.
  explicit run_reader(std::filesystem::path file);
  run_reader(const run_reader&) = delete;
  run_reader& operator=(const run_reader&) = delete;
  ~run_reader();

  result<std::optional<run_row>> find(const std::string& id);
  result<std::vector<run_row>> list(const run_query& what);
  /// The run and all below it, parents before their children; at most `most`.
  result<std::vector<run_row>> tree(const std::string& id, std::uint32_t most);

  /// Runs that are not over, the oldest first, behind the number `after`.
  result<std::vector<run_row>> unfinished(std::uint64_t after, std::uint32_t most);
  /// Runs that are over, whose actors are still there, and none of whose children has an actor; the oldest end first.
  /// Those that ended before `ended_before`, and all but the newest `kept`.
  result<std::vector<run_row>> with_needless_actors(const std::string& ended_before, std::uint64_t kept, std::uint32_t most);
  /// Runs that are over and too many or too old.
  result<std::vector<std::string>> outdated(const run_bounds& bounds, std::uint32_t most);
  /// Runs whose output is too much: the newest output is kept.
  result<std::vector<std::string>> with_too_much_output(const run_bounds& bounds, std::uint32_t most);
  /// Of runs that are not over, by their turns.
  result<std::vector<run_place>> places();

private:
  struct connection;
  template <class Read>
  auto attempt(Read&& read) -> result<decltype(read())>;

  std::filesystem::path file_;
  std::unique_ptr<connection> base_; ///< opened by the first question
};

} // namespace troupe
