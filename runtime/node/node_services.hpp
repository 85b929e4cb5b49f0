#pragma once

#include <troupe/context.hpp>

#include "runtime/packages/class_source.hpp"
#include "runtime/supervision/supervision_spec.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// Actors to make: all or none.
struct creation {
  std::vector<std::string> names;
  loaded_class of;
  class_desc desc;
  seconds budget{1}; ///< for construction and `pre_run` of all
  supervision_spec supervision;
  bool persist = false; ///< they come back after an orderly end of the system too
};

/// An actor to make again, whose name the directory has at this node already.
struct restoration {
  std::string name;
  loaded_class of;
  class_desc desc;
  supervision_spec supervision;
  json epoch;                 ///< of the name's place
  json checkpoint;            ///< null: none
  std::uint32_t restarts = 0; ///< of its process
};

enum class removal {
  removed,
  moved, ///< it has left for another node before it could be removed
  absent,
  forced, ///< gone, but a handler or the exit hook was cut off
};

/// An actor of this node to move: to another node, or into a new object here.
struct move_order {
  std::string name;
  std::string target; ///< a node name; this node: a new object in this process
  class_desc desc;    ///< of the new object
  loaded_class of;    ///< for this node only
};

/// How a move ended.
struct move_end {
  enum class kind { moved, not_moved, undecided, gone /**< it has left this node meanwhile */ };
  kind how = kind::not_moved;
  std::string reason; ///< why not, or what `moved` complained about
  std::string node;   ///< where the actor lives, as far as this node knows
};

/// A replica to prepare for an actor that is to come from another node.
struct replica_order {
  std::string name;
  std::string from;
  std::uint64_t move = 0;
  json since; ///< epoch of the source's place
  loaded_class of;
  class_desc desc;
  supervision_spec supervision;
};

/// What an admin does to its own node. Thread-safe; `done` runs on any thread.
class node_services {
public:
  virtual ~node_services() = default;

  /// Fails with `name_taken` (which names), `actor_failed` (the constructor or `pre_run` failed), `timed_out`.
  virtual void create_actors(creation what, std::function<void(result<>)> done) = 0;

  /// Makes each that can be made. `done` hears of the others: `[{name, reason}…]`; their names are not released.
  virtual void restore_actors(std::vector<restoration> what, std::function<void(json failed)> done) = 0;

  /// Always ends with the name free.
  virtual void remove_actor(const std::string& name, seconds patience, std::function<void(removal)> done) = 0;

  /// Moves an actor that is here (docs/adr/0007-moving-actors.md). Ends in every case, within 10 s.
  virtual void move_actor(move_order what, std::function<void(move_end)> done) = 0;

  /// Claims the name for a replica, as soon as this node passes on nothing for it any more. Fails with `conflict`.
  virtual void prepare_replica(replica_order what, std::function<void(result<>)> done) = 0;
  /// Makes an actor's object anew from its last checkpoint. `alone`: the others of its group do not follow. Fails with
  /// `not_found`, `conflict` (it is in quarantine, or ends) or `actor_failed` (the new one cannot be made now).
  virtual void restart_actor(const std::string& name, const std::string& reason, bool alone,
                             std::function<void(result<>)> done) = 0;

  /// Takes an actor out of quarantine. Fails with `not_found`, `conflict` (it is not there) or `actor_failed`.
  virtual void resume_actor(const std::string& name, std::function<void(result<>)> done) = 0;

  /// `[{name, state, command?, since_s?, restarts, errors}…]`: the actors that failed or are stuck; with a name only that
  /// one, whether or not there is something to say.
  virtual json supervision_report(const std::optional<std::string>& name) const = 0;

  /// Ends every actor, exit hooks included.
  virtual void stop_actors(std::function<void()> done) = 0;

  /// Unsorted, without the runtime's own.
  virtual std::vector<std::string> actor_names() const = 0;
  virtual std::optional<class_desc> desc_of(const std::string& name) const = 0;
  virtual json dead_letter_report(std::size_t most) const = 0;
  virtual json metrics() const = 0;

  /// The actors whose names the directory has here, for a head that comes after a killed one: `{actors: [{name, epoch,
  /// class_desc}…], next}`, in the order of their names, those after `from`, at most `most` and not more than fits a
  /// message; `next` is the last of them if there may be more, else null.
  virtual json census(const std::string& from, std::size_t most) const = 0;
};

} // namespace troupe
