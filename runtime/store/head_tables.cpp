#include "runtime/store/head_tables.hpp"

#include "runtime/store/json_column.hpp"

namespace troupe {

namespace {

constexpr std::int64_t schema_version = 1;

// The names of nodes are in a table of their own: there may be millions of actors.
constexpr auto head_schema = R"(
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS processes (
  node TEXT PRIMARY KEY, incarnation INTEGER NOT NULL, pid INTEGER NOT NULL, permanent INTEGER NOT NULL,
  declared INTEGER NOT NULL, persist INTEGER NOT NULL, numbered INTEGER NOT NULL, restarts INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS nodes (id INTEGER PRIMARY KEY, node TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS kinds (
  kind INTEGER PRIMARY KEY, class_desc TEXT NOT NULL, supervision TEXT NOT NULL, persist INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS actors (name TEXT PRIMARY KEY, node INTEGER NOT NULL, kind INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS checkpoints (name TEXT PRIMARY KEY, checkpoint BLOB NOT NULL) WITHOUT ROWID;
)";

std::vector<std::uint8_t> bytes_of(const SQLite::Column& column) {
  const auto* first = static_cast<const std::uint8_t*>(column.getBlob());
  return first == nullptr ? std::vector<std::uint8_t>{} : std::vector<std::uint8_t>(first, first + column.getBytes());
}

} // namespace

head_tables::head_tables(const std::filesystem::path& file)
  : base_(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 2000) {
  base_.exec("PRAGMA journal_mode = WAL");
  base_.exec("PRAGMA synchronous = FULL");
  base_.exec("PRAGMA foreign_keys = OFF");
  if (const std::string found = base_.execAndGet("PRAGMA quick_check(1)"); found != "ok") {
    throw SQLite::Exception(found);
  }
  if (base_.tableExists("meta")) {
    if (const auto version = meta("schema", 0); version != schema_version) {
      throw SQLite::Exception("it has the layout " + std::to_string(version) + ", and this program writes layout " +
                              std::to_string(schema_version));
    }
  } else {
    SQLite::Transaction all{base_};
    base_.exec(head_schema);
    set_meta("schema", schema_version);
    all.commit();
  }
  runs_.emplace(base_);
}

std::int64_t head_tables::meta(const char* key, std::int64_t otherwise) {
  SQLite::Statement question{base_, "SELECT value FROM meta WHERE key = ?"};
  question.bindNoCopy(1, key);
  return question.executeStep() ? question.getColumn(0).getInt64() : otherwise;
}

void head_tables::set_meta(const char* key, std::int64_t value) {
  SQLite::Statement change{base_, "INSERT OR REPLACE INTO meta VALUES (?, ?)"};
  change.bindNoCopy(1, key);
  change.bind(2, value);
  change.exec();
}

store_content head_tables::load() {
  store_content all;
  all.clean_end = meta("clean_end", 1) != 0;
  all.booted = meta("booted", 0) != 0;
  all.next_number = static_cast<std::uint64_t>(meta("next_number", 0));
  SQLite::Statement processes{base_, "SELECT node, incarnation, pid, permanent, declared, persist, numbered, restarts "
                                     "FROM processes"};
  while (processes.executeStep()) {
    process_row row;
    row.node = processes.getColumn(0).getString();
    row.incarnation = processes.getColumn(1).getUInt();
    row.pid = processes.getColumn(2).getInt();
    row.permanent = processes.getColumn(3).getInt() != 0;
    row.declared = processes.getColumn(4).getInt() != 0;
    row.persist = processes.getColumn(5).getInt() != 0;
    row.numbered = processes.getColumn(6).getInt() != 0;
    row.restarts = processes.getColumn(7).getUInt();
    all.processes.push_back(std::move(row));
  }
  SQLite::Statement kinds{base_, "SELECT kind, class_desc, supervision, persist FROM kinds"};
  while (kinds.executeStep()) {
    all.kinds.push_back({kinds.getColumn(0).getUInt(), json_of(kinds.getColumn(1)), json_of(kinds.getColumn(2)),
                         kinds.getColumn(3).getInt() != 0});
  }
  SQLite::Statement actors{base_, "SELECT a.name, n.node, a.kind, c.checkpoint FROM actors a JOIN nodes n ON n.id = a.node "
                                  "LEFT JOIN checkpoints c ON c.name = a.name"};
  while (actors.executeStep()) {
    all.actors.push_back({actors.getColumn(0).getString(), actors.getColumn(1).getString(), actors.getColumn(2).getUInt(),
                          bytes_of(actors.getColumn(3))});
  }
  return all;
}

void head_tables::replace_all(const store_content& content) {
  for (const auto* table : {"processes", "nodes", "kinds", "actors", "checkpoints"}) {
    base_.exec(std::string{"DELETE FROM "} + table);
  }
  node_ids_.clear();
  set_meta("booted", content.booted ? 1 : 0);
  set_meta("next_number", static_cast<std::int64_t>(content.next_number));
  for (const auto& row : content.processes) {
    put_process(row);
  }
  for (const auto& row : content.kinds) {
    put_kind(row);
  }
  for (const auto& row : content.actors) {
    put_actors({row.name}, row.node, row.kind);
    if (!row.checkpoint.empty()) {
      put_checkpoint(row.name, row.checkpoint);
    }
  }
}

void head_tables::put_process(const process_row& what) {
  SQLite::Statement change{base_, "INSERT OR REPLACE INTO processes VALUES (?, ?, ?, ?, ?, ?, ?, ?)"};
  change.bindNoCopy(1, what.node);
  change.bind(2, what.incarnation);
  change.bind(3, static_cast<std::int64_t>(what.pid));
  change.bind(4, what.permanent ? 1 : 0);
  change.bind(5, what.declared ? 1 : 0);
  change.bind(6, what.persist ? 1 : 0);
  change.bind(7, what.numbered ? 1 : 0);
  change.bind(8, what.restarts);
  change.exec();
}

void head_tables::drop_process(const std::string& node) {
  const auto id = node_id(node);
  for (const auto* text : {"DELETE FROM checkpoints WHERE name IN (SELECT name FROM actors WHERE node = ?)",
                           "DELETE FROM actors WHERE node = ?"}) {
    SQLite::Statement change{base_, text};
    change.bind(1, id);
    change.exec();
  }
  SQLite::Statement change{base_, "DELETE FROM processes WHERE node = ?"};
  change.bindNoCopy(1, node);
  change.exec();
}

void head_tables::put_kind(const kind_row& what) {
  SQLite::Statement change{base_, "INSERT OR REPLACE INTO kinds VALUES (?, ?, ?, ?)"};
  change.bind(1, what.kind);
  change.bind(2, text_of(what.class_desc));
  change.bind(3, text_of(what.supervision));
  change.bind(4, what.persist ? 1 : 0);
  change.exec();
}

std::int64_t head_tables::node_id(const std::string& node) {
  if (auto known = node_ids_.find(node); known != node_ids_.end()) {
    return known->second;
  }
  SQLite::Statement change{base_, "INSERT OR IGNORE INTO nodes (node) VALUES (?)"};
  change.bindNoCopy(1, node);
  change.exec();
  SQLite::Statement question{base_, "SELECT id FROM nodes WHERE node = ?"};
  question.bindNoCopy(1, node);
  question.executeStep();
  return node_ids_[node] = question.getColumn(0).getInt64();
}

void head_tables::put_actors(const std::vector<std::string>& names, const std::string& node, std::uint32_t kind) {
  const auto id = node_id(node);
  SQLite::Statement change{base_, "INSERT OR REPLACE INTO actors VALUES (?, ?, ?)"};
  change.bind(2, id);
  change.bind(3, kind);
  for (const auto& name : names) {
    change.bindNoCopy(1, name);
    change.exec();
    change.reset();
  }
}

void head_tables::move_actor(const std::string& name, const std::string& node) {
  const auto id = node_id(node);
  SQLite::Statement change{base_, "UPDATE actors SET node = ? WHERE name = ?"};
  change.bind(1, id);
  change.bindNoCopy(2, name);
  change.exec();
}

void head_tables::drop_actors(const std::vector<std::string>& names) {
  for (const auto* text : {"DELETE FROM actors WHERE name = ?", "DELETE FROM checkpoints WHERE name = ?"}) {
    SQLite::Statement change{base_, text};
    for (const auto& name : names) {
      change.bindNoCopy(1, name);
      change.exec();
      change.reset();
    }
  }
}

void head_tables::put_checkpoint(const std::string& name, const std::vector<std::uint8_t>& checkpoint) {
  SQLite::Statement change{base_, "INSERT OR REPLACE INTO checkpoints SELECT name, ? FROM actors WHERE name = ?"};
  change.bindNoCopy(1, checkpoint.data(), static_cast<int>(checkpoint.size()));
  change.bindNoCopy(2, name);
  change.exec();
}

void head_tables::begin(bool durable) {
  if (durable != durable_) {
    base_.exec(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    durable_ = durable;
  }
  base_.exec("BEGIN IMMEDIATE");
}

void head_tables::commit() { base_.exec("COMMIT"); }

void head_tables::undo() noexcept {
  node_ids_.clear(); // some may have been made by the transaction
  try {
    base_.exec("ROLLBACK");
  } catch (const SQLite::Exception&) { // SQLite may have rolled back by itself
  }
}

} // namespace troupe
