#pragma once

#include <troupe/context.hpp>

#include "runtime/packages/class_source.hpp"

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
  json supervision = nullptr;
  bool persist = false; ///< they come back after an orderly end of the system too
};

/// An actor to make again, whose name the directory has at this node already.
struct restoration {
  std::string name;
  loaded_class of;
  class_desc desc;
  json supervision;
  json epoch;
  json checkpoint;            ///< null: none
  std::uint32_t restarts = 0; ///< of its process
};

enum class removal {
  removed,
  absent,
  forced, ///< gone, but a handler or the exit hook was cut off
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

  /// Ends every actor, exit hooks included.
  virtual void stop_actors(std::function<void()> done) = 0;

  /// Unsorted, without the runtime's own.
  virtual std::vector<std::string> actor_names() const = 0;
  virtual std::optional<class_desc> desc_of(const std::string& name) const = 0;
  virtual json dead_letter_report(std::size_t most) const = 0;
  virtual json metrics() const = 0;
};

} // namespace troupe
