// The places for runs at once: who gets one, and what became of those who have one.
#include <actors/runs/runs_actor.hpp>
#include <runtime/text_json/text_field.hpp>

#include <runtime/observer/run_remains.hpp>
#include <runtime/task_id/task_id.hpp>

#include <utility>

#include <unistd.h>

namespace troupe {
namespace {

constexpr seconds telling_time{10};
constexpr std::size_t most_looked_at = 100;
/// A task whose process is started again is away for a moment.
constexpr unsigned misses_before_doubt = 2;

enum class remains { running, over, nothing };

/// What a run whose task cannot be asked has left.
remains look_at_remains(const std::string& folder) {
  if (::access(folder.c_str(), F_OK) != 0) {
    return remains::nothing;
  }
  const auto lock = take_run_lock(folder);
  return !lock ? remains::running : kept_result(folder) ? remains::over : remains::nothing;
}

} // namespace

void runs_actor::load_places() {
  const bool taken = ports_.desk.post([this, post = post_](run_desk::shelf& shelf) {
    post([this, kept = shelf.runs.places()] {
      if (!kept) {
        ctx().log(log_level::error, "the queue of runs is lost: " + kept.error().text);
      }
      places_.restore(kept ? *kept : std::vector<run_place>{});
      has_places_ = true;
      for (const auto& run : std::exchange(early_ends_, {})) {
        leave_place(run);
      }
      for (auto& [what, answer] : std::exchange(early_asks_, {})) {
        give_place(what, std::move(answer));
      }
      grant_places();
    });
  });
  if (!taken) {
    ctx().after(seconds{1}, [this] { load_places(); });
  }
}

reply runs_actor::take_place(const message& what) {
  place_wish wish{text_field(what.body(), "id"), text_field(what.body(), "actor")};
  if (!is_task_id(wish.run)) {
    return reply::bad_request("id", "the id of a task");
  }
  if (wish.actor.empty()) {
    return reply::bad_request("actor", "the name of its actor");
  }
  if (has_places_) {
    give_place(wish, ctx().promise());
  } else {
    early_asks_.emplace_back(std::move(wish), ctx().promise());
  }
  return reply::later();
}

void runs_actor::give_place(const place_wish& wish, responder answer) {
  const bool is_new = places_.find(wish.run) == nullptr;
  const auto how = places_.ask(wish.run, wish.actor);
  misses_.erase(wish.run);
  if (how == run_places::answer::full) {
    answer(reply{"queue_is_full",
                 json{{"reason", std::to_string(places_.held()) + " runs are running, which is the limit, and " +
                                   std::to_string(places_.waiting()) + " wait, which is all that may wait"},
                      {"running", places_.held()},
                      {"waiting", places_.waiting()}}});
    return;
  }
  const auto tell = [this, answer, run = wish.run] {
    const auto* place = places_.find(run);
    answer(place == nullptr ? reply{"place_is_lost", json{{"id", run}}}
           : place->held    ? reply{"place_is_taken", json{{"id", run}}}
                            : reply{"run_is_queued", json{{"id", run},
                                                          {"place", places_.position(run)},
                                                          {"running", places_.held()},
                                                          {"limit", places_.most()}}});
  };
  if (is_new) {
    keep_place(*places_.find(wish.run), tell);
  } else {
    tell();
    grant_places();
  }
}

/// `done` when it is on disk; also when it cannot be, since then only a crash would forget it.
void runs_actor::keep_place(const run_place& what, std::function<void()> done) {
  ports_.store.put_place(what);
  ports_.store.flush([post = post_, done = std::move(done)](result<>) { post(done); });
}

void runs_actor::grant_places() {
  while (const auto next = places_.next()) {
    keep_place(*next, [this, place = *next] { tell_place(place); });
  }
}

void runs_actor::tell_place(const run_place& place) {
  request what{address{place.actor}, "place_is_free", json{{"id", place.run}}, telling_time, {}, {}};
  ctx().ask_then(std::move(what), [this, run = place.run](message_ptr answer) {
    if (answer->is("place_is_accepted")) {
      misses_.erase(run);
    } else if (answer->is("place_is_not_wanted")) {
      leave_place(run);
    } else if (!answer->is("timer") && !answer->is("mailbox_full") && ++misses_[run] >= misses_before_doubt) {
      doubt_place(run);
    }
  });
}

/// Its task cannot be asked: what the run has left says whether it runs.
void runs_actor::doubt_place(const std::string& run) {
  (void)ports_.desk.post([this, run, post = post_](run_desk::shelf& shelf) {
    post([this, run, found = look_at_remains(shelf.runs_folder + "/" + run)] {
      const auto* place = places_.find(run);
      if (place == nullptr || !misses_.contains(run) || found == remains::running || !ports_.names_are_settled()) {
        return;
      }
      misses_.erase(run);
      if (found == remains::over || !ports_.node_of(place->actor)) {
        leave_place(run);
      } else {
        places_.put_back(run);
        keep_place(*place, [] {});
        grant_places();
      }
    });
  });
}

void runs_actor::leave_place(const std::string& run) {
  if (!has_places_) {
    early_ends_.push_back(run);
    return;
  }
  if (places_.leave(run)) {
    misses_.erase(run);
    ports_.store.drop_place(run);
    grant_places();
  }
}

/// Runs may end, and tasks may go, without a word.
void runs_actor::look_at_places() {
  const auto held = places_.held_after(last_looked_at_, most_looked_at);
  for (const auto& place : held) {
    tell_place(place);
  }
  last_looked_at_ = held.empty() ? 0 : held.back().number;
  std::vector<std::string> gone;
  for (const auto& [run, position] : places_.positions()) {
    if (ports_.node_of(places_.find(run)->actor)) {
      misses_.erase(run);
    } else if (++misses_[run] >= misses_before_doubt) {
      gone.push_back(run);
    }
  }
  for (const auto& run : gone) {
    leave_place(run);
  }
}

json runs_actor::queue_state() const {
  return {{"limit", places_.most() == 0 ? json(nullptr) : json(places_.most())},
          {"running", places_.held()},
          {"waiting", places_.waiting()},
          {"most_waiting", places_.most_waiting()}};
}

reply runs_actor::get_run_queue() { return {"run_queue", queue_state()}; }

} // namespace troupe
