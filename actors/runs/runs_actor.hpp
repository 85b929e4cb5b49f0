#pragma once

#include <actors/runs/run_desk.hpp>
#include <actors/runs/run_places.hpp>

#include <runtime/store/run_store.hpp>

#include <troupe/actor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// How much of runs that are over is kept; 0: no limit.
struct run_keeping {
  seconds most_age{0};
  std::uint64_t most_output = 0; ///< bytes
  std::uint64_t most_runs = 0;
  seconds actor_time{60};          ///< how long the actor of a run stays after its end
  std::uint64_t most_actors = 500; ///< of runs that are over
};

struct runs_ports {
  run_store& store;
  run_desk& desk;
  std::string runs_folder;
  /// Where the actor of that name is; nothing: nowhere. Not asked before names are settled.
  std::function<std::optional<std::string>(const std::string& name)> node_of;
  std::function<bool()> names_are_settled;
  run_keeping keeping;
  std::size_t most_at_once = 0;    ///< runs; 0: no limit. Child tasks do not count
  std::size_t most_waiting = 1000; ///< for a place
  seconds period{5}; ///< between two looks at what has to go
};

/// The history of runs, in the daemon, on its control thread. `note_run` {state of a task, …} → `run_is_noted` {id, note} when
/// it is on disk; `list_runs` {state?, script?, since?, limit?, after?} → `run_list` {runs, next}; `get_run` {id} → `run` |
/// `run_is_unknown`; `get_run_tree` {id} → `run_tree`; `read_run_output` {id, from?, max_bytes?} → `output` as of a task, for
/// runs that are over; `get_run_request` {id} → `run_request` {request, node}; `cancel_run_tree` {id} → `task_is_stopping` {id,
/// children}. `take_place` {id, actor} → `place_is_taken` | `run_is_queued` {id, place} | `queue_is_full` {reason}; who waits is
/// asked `place_is_free` {id} in its turn, and the end of a run that is noted frees its place. Removes actors of runs that are over, and old runs; finds out what became of runs whose actors are gone.
class runs_actor final : public actor {
public:
  explicit runs_actor(runs_ports ports) : ports_(std::move(ports)), places_(ports_.most_at_once, ports_.most_waiting) {}
  static void describe(class_builder<runs_actor>& table);
  async<> pre_run() override;

private:
  reply note_run(const message& what);
  reply list_runs(const message& what);
  reply get_run(const message& what);
  reply get_run_tree(const message& what);
  reply read_run_output(const message& what);
  reply get_run_request(const message& what);
  reply cancel_run_tree(const message& what);
  /// Answers from the row of the run that the message names.
  reply with_run(const message& what, std::function<reply(run_desk::shelf&, const run_row&)> answer);
  reply at_desk(std::function<reply(run_desk::shelf&)> answer);

  // housekeeping.cpp
  void look();
  void look_again();
  void remove_actors(const std::vector<run_row>& runs);
  void clear_away();
  void seek_lost(std::vector<run_row> runs);

  // places.cpp
  struct place_wish {
    std::string run;
    std::string actor;
  };
  void load_places();
  reply take_place(const message& what);
  void give_place(const place_wish& wish, responder answer);
  void keep_place(const run_place& what, std::function<void()> done);
  void grant_places();
  void tell_place(const run_place& place);
  void doubt_place(const std::string& run);
  void leave_place(const std::string& run);
  void look_at_places();
  json queue_state() const;
  reply get_run_queue();

  const runs_ports ports_;
  run_places places_;
  bool has_places_ = false; ///< what was kept is read
  std::vector<std::pair<place_wish, responder>> early_asks_;
  std::vector<std::string> early_ends_;
  std::map<std::string, unsigned> misses_; ///< of runs whose tasks could not be asked, one after the other
  std::uint64_t last_looked_at_ = 0;
  poster post_;
  unsigned looks_ = 0;
  std::uint64_t sought_ = 0;      ///< the last run that was looked at for a missing actor
  std::set<std::string> missing_; ///< runs that had no actor at the last look
};

class_info make_runs_class(runs_ports ports);

} // namespace troupe
