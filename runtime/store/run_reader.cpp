#include "runtime/store/run_reader.hpp"

#include "runtime/store/run_tables.hpp"

#include <fmt/format.h>

namespace troupe {

namespace {

constexpr int patience_ms = 2'000;

std::vector<run_row> rows_of(SQLite::Statement& question) {
  std::vector<run_row> rows;
  while (question.executeStep()) {
    rows.push_back(run_row_of(question));
  }
  return rows;
}

std::vector<std::string> ids_of(SQLite::Statement& question) {
  std::vector<std::string> ids;
  while (question.executeStep()) {
    ids.push_back(question.getColumn(0).getString());
  }
  return ids;
}

std::int64_t bound_of(std::uint64_t value) { return static_cast<std::int64_t>(value); }

} // namespace

struct run_reader::connection {
  explicit connection(const std::filesystem::path& file) : base(file.string(), SQLite::OPEN_READONLY, patience_ms) {}
  SQLite::Database base;
};

run_reader::run_reader(std::filesystem::path file) : file_(std::move(file)) {}
run_reader::~run_reader() = default;

template <class Read>
auto run_reader::attempt(Read&& read) -> result<decltype(read())> {
  try {
    if (!base_) {
      base_ = std::make_unique<connection>(file_);
    }
    return read();
  } catch (const std::exception& problem) {
    return fail(error_code::io_error, fmt::format("the history of runs in {} cannot be read ({})", file_.string(), problem.what()));
  }
}

result<std::optional<run_row>> run_reader::find(const std::string& id) {
  return attempt([&]() -> std::optional<run_row> {
    SQLite::Statement question{base_->base, fmt::format("SELECT {} FROM runs WHERE id = ?", run_columns)};
    question.bindNoCopy(1, id);
    return question.executeStep() ? std::optional{run_row_of(question)} : std::nullopt;
  });
}

result<std::vector<run_row>> run_reader::list(const run_query& what) {
  return attempt([&] {
    std::string text = fmt::format("SELECT {} FROM runs WHERE 1", run_columns);
    text += what.state.empty()        ? ""
            : what.state == "active" ? " AND stage < 4"
            : what.state == "ended"  ? " AND stage = 4"
                                     : " AND state = :state";
    text += what.script.empty() ? "" : " AND (script = :script OR substr(script, -length(:script) - 1) = '/' || :script)";
    text += what.since.empty() ? "" : " AND accepted_at >= :since";
    text += what.before == 0 ? "" : " AND number < :before";
    text += " ORDER BY number DESC LIMIT :limit";
    SQLite::Statement question{base_->base, text};
    if (text.find(":state") != std::string::npos) {
      question.bindNoCopy(":state", what.state);
    }
    if (!what.script.empty()) {
      question.bindNoCopy(":script", what.script);
    }
    if (!what.since.empty()) {
      question.bindNoCopy(":since", what.since);
    }
    if (what.before != 0) {
      question.bind(":before", bound_of(what.before));
    }
    question.bind(":limit", static_cast<std::int64_t>(what.limit));
    return rows_of(question);
  });
}

result<std::vector<run_row>> run_reader::tree(const std::string& id, std::uint32_t most) {
  return attempt([&] {
    SQLite::Statement question{base_->base, fmt::format(R"(
WITH RECURSIVE below (run, depth) AS
  (VALUES (?, 0) UNION ALL SELECT r.id, depth + 1 FROM runs r JOIN below ON r.parent = run WHERE depth < 100 LIMIT ?)
SELECT {} FROM below JOIN runs ON runs.id = run ORDER BY depth, number)", run_columns)};
    question.bindNoCopy(1, id);
    question.bind(2, most);
    return rows_of(question);
  });
}

result<std::vector<run_row>> run_reader::unfinished(std::uint64_t after, std::uint32_t most) {
  return attempt([&] {
    SQLite::Statement question{base_->base, fmt::format(R"(
SELECT {} FROM runs WHERE stage < 4 AND number > ? ORDER BY number LIMIT ?)", run_columns)};
    question.bind(1, bound_of(after));
    question.bind(2, most);
    return rows_of(question);
  });
}

result<std::vector<run_row>> run_reader::with_needless_actors(const std::string& ended_before, std::uint64_t kept,
                                                              std::uint32_t most) {
  return attempt([&] {
    SQLite::Statement question{base_->base, fmt::format(R"(
SELECT {} FROM runs r WHERE has_actor = 1 AND stage = 4 AND (ended_at < ? OR ended_at <
    (SELECT ended_at FROM runs WHERE has_actor = 1 AND stage = 4 ORDER BY ended_at DESC LIMIT 1 OFFSET ?))
  AND NOT EXISTS (SELECT 1 FROM runs c WHERE c.parent = r.id AND c.parent <> '' AND c.has_actor = 1)
ORDER BY ended_at LIMIT ?)", run_columns)};
    question.bindNoCopy(1, ended_before);
    question.bind(2, bound_of(kept));
    question.bind(3, most);
    return rows_of(question);
  });
}

result<std::vector<std::string>> run_reader::outdated(const run_bounds& bounds, std::uint32_t most) {
  return attempt([&] {
    SQLite::Statement question{base_->base, R"(
SELECT id FROM runs WHERE stage = 4 AND has_actor = 0 AND (ended_at < ?1 OR (?2 > 0 AND ended_at <
    (SELECT ended_at FROM runs WHERE stage = 4 ORDER BY ended_at DESC LIMIT 1 OFFSET max(?2, 1) - 1)))
ORDER BY ended_at LIMIT ?3)"};
    question.bindNoCopy(1, bounds.oldest);
    question.bind(2, bound_of(bounds.most_runs));
    question.bind(3, most);
    return ids_of(question);
  });
}

result<std::vector<std::string>> run_reader::with_too_much_output(const run_bounds& bounds, std::uint32_t most) {
  return attempt([&]() -> std::vector<std::string> {
    if (bounds.most_output == 0) {
      return {};
    }
    SQLite::Statement question{base_->base, R"(
SELECT id FROM (SELECT id, kept_bytes, sum(kept_bytes) OVER (ORDER BY ended_at DESC, number DESC) AS total
  FROM runs WHERE stage = 4 AND has_output = 1) WHERE total > ? AND kept_bytes > 0 LIMIT ?)"};
    question.bind(1, bound_of(bounds.most_output));
    question.bind(2, most);
    return ids_of(question);
  });
}

result<std::vector<run_place>> run_reader::places() {
  return attempt([&] {
    SQLite::Statement question{base_->base, R"(
SELECT p.run, p.actor, p.number, p.held FROM places p LEFT JOIN runs r ON r.id = p.run WHERE r.id IS NULL OR r.stage < 4
ORDER BY p.number)"};
    std::vector<run_place> all;
    while (question.executeStep()) {
      all.push_back({question.getColumn(0).getString(), question.getColumn(1).getString(),
                     static_cast<std::uint64_t>(question.getColumn(2).getInt64()), question.getColumn(3).getInt() != 0});
    }
    return all;
  });
}

} // namespace troupe
