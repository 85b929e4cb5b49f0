#pragma once

#include "runtime/store/run_tables.hpp"
#include "runtime/store/store_content.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe {

/// The database behind `sqlite_store`: its tables and statements. Of one thread at a time; every function throws
/// `SQLite::Exception`. Not for other modules.
class head_tables {
public:
  /// Opens or makes the file, in WAL mode, and checks it.
  explicit head_tables(const std::filesystem::path& file);

  store_content load();
  /// Holds `content` and nothing else.
  void replace_all(const store_content& content);
  void set_meta(const char* key, std::int64_t value);

  void put_process(const process_row& what);
  void drop_process(const std::string& node);
  void put_kind(const kind_row& what);
  void put_actors(const std::vector<std::string>& names, const std::string& node, std::uint32_t kind);
  void move_actor(const std::string& name, const std::string& node);
  void drop_actors(const std::vector<std::string>& names);
  void put_checkpoint(const std::string& name, const std::vector<std::uint8_t>& checkpoint);

  run_tables& runs() { return *runs_; }

  /// Begins a transaction; `durable`: its commit is on the disk, not only with the operating system.
  void begin(bool durable);
  void commit();
  /// After a failure; does not throw.
  void undo() noexcept;

private:
  std::int64_t meta(const char* key, std::int64_t otherwise);
  std::int64_t node_id(const std::string& node);
  void run(SQLite::Statement& what);

  SQLite::Database base_;
  std::optional<run_tables> runs_; ///< once the file is known to be ours
  bool durable_ = true;
  std::unordered_map<std::string, std::int64_t> node_ids_;
};

} // namespace troupe
