#pragma once

#include "runtime/store/run_row.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>
#include <vector>

namespace troupe {

/// The table of runs in the database of `head_tables`. Every function throws `SQLite::Exception`. Not for other modules.
class run_tables {
public:
  /// Makes the table if it is not there.
  explicit run_tables(SQLite::Database& base);

  void put(const run_row& what);
  void drop(const std::vector<std::string>& ids);
  void note_no_actors(const std::vector<std::string>& ids);
  void note_no_output(const std::vector<std::string>& ids);

  void put_place(const run_place& what);
  void drop_place(const std::string& run);

private:
  void for_each(const char* change, const std::vector<std::string>& ids);
  SQLite::Database& base_;
};

/// The columns in the order of `run_row_of`.
extern const char* const run_columns;

run_row run_row_of(SQLite::Statement& row);

} // namespace troupe
