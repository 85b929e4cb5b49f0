#include "runtime/store/run_tables.hpp"

#include "runtime/store/json_column.hpp"

namespace troupe {

namespace {

constexpr auto run_schema = R"(
CREATE TABLE IF NOT EXISTS runs (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, parent TEXT NOT NULL,
  who TEXT NOT NULL, application TEXT NOT NULL, script TEXT NOT NULL, node TEXT NOT NULL, venv TEXT NOT NULL,
  state TEXT NOT NULL, stage INTEGER NOT NULL, accepted_at TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT NOT NULL,
  exit_code INTEGER, signal INTEGER, reason TEXT NOT NULL, peak_memory INTEGER NOT NULL, stdout_bytes INTEGER NOT NULL,
  stderr_bytes INTEGER NOT NULL, kept_bytes INTEGER NOT NULL, folder TEXT NOT NULL, has_actor INTEGER NOT NULL,
  has_output INTEGER NOT NULL, facts TEXT NOT NULL, request TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS runs_by_state ON runs (state, number);
CREATE INDEX IF NOT EXISTS runs_by_parent ON runs (parent) WHERE parent <> '';
CREATE INDEX IF NOT EXISTS runs_not_over ON runs (number) WHERE stage < 4;
CREATE INDEX IF NOT EXISTS runs_with_actor ON runs (ended_at) WHERE has_actor = 1;
CREATE INDEX IF NOT EXISTS runs_by_end ON runs (ended_at) WHERE stage = 4;
CREATE INDEX IF NOT EXISTS runs_with_output ON runs (ended_at DESC, number DESC, kept_bytes, id) WHERE stage = 4 AND has_output = 1;
CREATE TABLE IF NOT EXISTS places (
  run TEXT PRIMARY KEY, actor TEXT NOT NULL, number INTEGER NOT NULL, held INTEGER NOT NULL
) WITHOUT ROWID;
)";

// A row that is over is final; what comes late or twice changes nothing.
constexpr auto put_text = R"(
INSERT INTO runs (id, name, parent, who, application, script, node, venv, state, stage, accepted_at, started_at, ended_at,
  exit_code, signal, reason, peak_memory, stdout_bytes, stderr_bytes, kept_bytes, folder, has_actor, has_output, facts, request)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET node = excluded.node, venv = excluded.venv, state = excluded.state, stage = excluded.stage,
  application = excluded.application, started_at = excluded.started_at, ended_at = excluded.ended_at,
  exit_code = excluded.exit_code, signal = excluded.signal, reason = excluded.reason, peak_memory = excluded.peak_memory,
  stdout_bytes = excluded.stdout_bytes, stderr_bytes = excluded.stderr_bytes, kept_bytes = excluded.kept_bytes,
  has_actor = excluded.has_actor, facts = excluded.facts
WHERE runs.stage < 4 AND excluded.stage >= runs.stage
)";

std::optional<int> number_of(const SQLite::Column& column) {
  return column.isNull() ? std::nullopt : std::optional{column.getInt()};
}

void bind(SQLite::Statement& to, int place, const std::optional<int>& value) {
  if (value) {
    to.bind(place, *value);
  } else {
    to.bind(place);
  }
}

} // namespace

const char* const run_columns =
  "number, id, name, parent, who, application, script, node, venv, state, stage, accepted_at, started_at, ended_at, exit_code, "
  "signal, reason, peak_memory, stdout_bytes, stderr_bytes, kept_bytes, folder, has_actor, has_output, facts, request";

run_row run_row_of(SQLite::Statement& row) {
  run_row out;
  int at = 0;
  const auto text = [&] { return row.getColumn(at++).getString(); };
  const auto count = [&] { return static_cast<std::uint64_t>(row.getColumn(at++).getInt64()); };
  out.number = count();
  for (auto* to : {&out.id, &out.name, &out.parent, &out.who, &out.application, &out.script, &out.node, &out.venv, &out.state}) {
    *to = text();
  }
  out.stage = static_cast<run_stage>(count());
  for (auto* to : {&out.accepted_at, &out.started_at, &out.ended_at}) {
    *to = text();
  }
  out.exit_code = number_of(row.getColumn(at++));
  out.signal = number_of(row.getColumn(at++));
  out.reason = text();
  for (auto* to : {&out.peak_memory, &out.stdout_bytes, &out.stderr_bytes, &out.kept_bytes}) {
    *to = count();
  }
  out.folder = text();
  out.has_actor = count() != 0;
  out.has_output = count() != 0;
  out.facts = json_of(row.getColumn(at++));
  out.request = json_of(row.getColumn(at));
  return out;
}

run_tables::run_tables(SQLite::Database& base) : base_(base) { base_.exec(run_schema); }

void run_tables::put(const run_row& what) {
  SQLite::Statement change{base_, put_text};
  int at = 1;
  for (const auto* text : {&what.id, &what.name, &what.parent, &what.who, &what.application, &what.script, &what.node, &what.venv,
                           &what.state}) {
    change.bindNoCopy(at++, *text);
  }
  change.bind(at++, static_cast<int>(what.stage));
  for (const auto* text : {&what.accepted_at, &what.started_at, &what.ended_at}) {
    change.bindNoCopy(at++, *text);
  }
  bind(change, at++, what.exit_code);
  bind(change, at++, what.signal);
  change.bindNoCopy(at++, what.reason);
  for (const auto count : {what.peak_memory, what.stdout_bytes, what.stderr_bytes, what.kept_bytes}) {
    change.bind(at++, static_cast<std::int64_t>(count));
  }
  change.bindNoCopy(at++, what.folder);
  change.bind(at++, what.has_actor ? 1 : 0);
  change.bind(at++, what.has_output ? 1 : 0);
  change.bind(at++, text_of(what.facts));
  change.bind(at, text_of(what.request));
  change.exec();
}

void run_tables::for_each(const char* change, const std::vector<std::string>& ids) {
  SQLite::Statement step{base_, change};
  for (const auto& id : ids) {
    step.bindNoCopy(1, id);
    step.exec();
    step.reset();
  }
}

void run_tables::drop(const std::vector<std::string>& ids) { for_each("DELETE FROM runs WHERE id = ?", ids); }

void run_tables::note_no_actors(const std::vector<std::string>& ids) {
  for_each("UPDATE runs SET has_actor = 0 WHERE id = ?", ids);
}

void run_tables::note_no_output(const std::vector<std::string>& ids) {
  for_each("UPDATE runs SET has_output = 0, kept_bytes = 0 WHERE id = ?", ids);
}

void run_tables::put_place(const run_place& what) {
  SQLite::Statement change{base_, "INSERT OR REPLACE INTO places VALUES (?, ?, ?, ?)"};
  change.bindNoCopy(1, what.run);
  change.bindNoCopy(2, what.actor);
  change.bind(3, static_cast<std::int64_t>(what.number));
  change.bind(4, what.held ? 1 : 0);
  change.exec();
}

void run_tables::drop_place(const std::string& run) { for_each("DELETE FROM places WHERE run = ?", {run}); }

} // namespace troupe
