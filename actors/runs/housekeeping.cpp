// What the history of runs does by itself: actors, output and rows that are not needed any more go, and runs whose actors
// are gone without a word get their end.
#include <actors/runs/runs_actor.hpp>

#include <runtime/observer/run_remains.hpp>
#include <runtime/observer/utc_time.hpp>

#include <algorithm>
#include <utility>

#include <sys/stat.h>

namespace troupe {
namespace {

constexpr std::uint32_t most_at_once = 1'000;
constexpr seconds removal_time{15};
constexpr unsigned looks_per_clearing = 6; // it reads all that ended

std::string before(seconds age) {
  return utc_text(std::chrono::system_clock::now() - std::chrono::duration_cast<std::chrono::system_clock::duration>(age));
}

/// The end of a run that nobody has told: what its observer has written, or that it is lost. Nothing while its observer
/// lives.
std::optional<run_row> end_of(run_row row, const std::string& folder) {
  struct stat about{};
  const bool is_there = ::stat(folder.c_str(), &about) == 0;
  run_result how;
  how.reason = "its actor is gone, and nobody saw the end of the run";
  if (is_there) {
    const auto lock = take_run_lock(folder);
    if (!lock) {
      return std::nullopt;
    }
    if (const auto kept = kept_result(folder)) {
      how = *kept;
    } else if (row.stage >= run_stage::running) {
      (void)keep_result(folder, how, json{{"id", row.id}});
    }
  }
  row.stage = run_stage::over;
  row.state = how.outcome != run_outcome::exited ? to_string(how.outcome) : how.exit_code == 0 ? "succeeded" : "failed";
  row.exit_code = how.exit_code;
  row.signal = how.signal;
  row.reason = how.reason;
  row.peak_memory = how.peak_memory;
  row.stdout_bytes = how.progress.out_bytes;
  row.stderr_bytes = how.progress.err_bytes;
  row.kept_bytes = row.stdout_bytes + row.stderr_bytes;
  row.ended_at = utc_now();
  row.has_actor = false;
  constexpr double mb = 1 << 20;
  row.facts["duration_s"] = how.duration_s;
  row.facts["cpu_s"] = how.cpu_s;
  row.facts["peak_memory_mb"] = how.peak_memory > 0 ? json(static_cast<double>(how.peak_memory) / mb) : json(nullptr);
  row.facts["stdout_bytes"] = row.stdout_bytes;
  row.facts["stderr_bytes"] = row.stderr_bytes;
  return row;
}

} // namespace

void runs_actor::look_again() {
  ctx().after(ports_.period, [this] { look(); });
}

void runs_actor::look() {
  if (!ports_.names_are_settled()) {
    look_again();
    return;
  }
  look_at_places();
  if (looks_++ % looks_per_clearing == 0) {
    clear_away();
  }
  const bool taken = ports_.desk.post([this, post = post_, keeping = ports_.keeping, after = sought_](run_desk::shelf& shelf) {
    auto needless = shelf.runs.with_needless_actors(before(keeping.actor_time), keeping.most_actors, most_at_once);
    auto open = shelf.runs.unfinished(after, most_at_once);
    post([this, needless = std::move(needless), open = std::move(open)]() mutable {
      if (open) {
        sought_ = open->size() < most_at_once ? 0 : open->back().number;
        seek_lost(std::move(*open));
      }
      if (needless && !needless->empty()) {
        remove_actors(*needless);
      } else {
        look_again();
      }
    });
  });
  if (!taken) {
    look_again();
  }
}

void runs_actor::remove_actors(const std::vector<run_row>& runs) {
  std::vector<std::string> gone;
  std::vector<std::string> ids;
  std::vector<request> orders;
  for (const auto& run : runs) {
    if (const auto node = ports_.node_of(run.name)) {
      orders.push_back({address{*node}, "remove_actor", json{{"name", run.name}}, removal_time, {}, {}});
      ids.push_back(run.id);
    } else {
      gone.push_back(run.id);
    }
  }
  if (orders.empty()) {
    ports_.store.note_no_actors(std::move(gone));
    look_again();
    return;
  }
  ctx().group_ask_then(std::move(orders), removal_time, [this, ids, gone](std::vector<group_answer> answers) mutable {
    for (std::size_t i = 0; i < ids.size() && i < answers.size(); ++i) {
      if (answers[i].message->is("actor_is_removed")) {
        gone.push_back(ids[i]);
      }
    }
    const bool more = ids.size() == most_at_once;
    ports_.store.note_no_actors(std::move(gone));
    ports_.store.flush([this, post = post_, more](result<>) { // the next look sees it
      post([this, more] { more ? look() : look_again(); });
    });
  });
}

/// Reading and removing files is the desk's. What is asked for twice, because the store has not written it yet, does no harm.
void runs_actor::clear_away() {
  run_bounds bounds;
  bounds.oldest = ports_.keeping.most_age.count() > 0 ? before(ports_.keeping.most_age) : std::string{};
  bounds.most_runs = ports_.keeping.most_runs;
  bounds.most_output = ports_.keeping.most_output;
  (void)ports_.desk.post([bounds, &store = ports_.store](run_desk::shelf& shelf) {
    if (const auto old = shelf.runs.outdated(bounds, most_at_once); old && !old->empty()) {
      store.drop_runs(*old);
      for (const auto& id : *old) {
        remove_run_remains(shelf.runs_folder + "/" + id);
      }
    }
    if (const auto rich = shelf.runs.with_too_much_output(bounds, most_at_once); rich && !rich->empty()) {
      store.note_no_output(*rich);
      for (const auto& id : *rich) {
        remove_kept_output(shelf.runs_folder + "/" + id);
      }
    }
  });
}

/// A run whose actor was missing at two looks one after the other has nobody who would tell its end.
void runs_actor::seek_lost(std::vector<run_row> runs) {
  std::erase_if(runs, [&](const run_row& run) { return ports_.node_of(run.name).has_value(); });
  std::vector<run_row> lost;
  std::set<std::string> missing;
  for (auto& run : runs) {
    missing.insert(run.id);
    if (missing_.contains(run.id)) {
      lost.push_back(std::move(run));
    }
  }
  missing_ = std::move(missing);
  if (lost.empty()) {
    return;
  }
  (void)ports_.desk.post([lost = std::move(lost), &store = ports_.store](run_desk::shelf& shelf) {
    for (const auto& run : lost) {
      if (auto end = end_of(run, shelf.runs_folder + "/" + run.id)) {
        store.put_run(std::move(*end));
      }
    }
  });
}

} // namespace troupe
