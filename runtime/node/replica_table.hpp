#pragma once

#include "runtime/directory/epoch.hpp"
#include "runtime/node/actor_cell.hpp"
#include "runtime/node/route_table.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe {

/// A replica that is being made here: invisible to everybody until it is activated. What comes for its name meanwhile
/// waits: the mailbox that its source sends first, then the rest.
struct replica {
  ref_ptr<actor_cell> cell;
  std::string from;     ///< the node of the source
  std::uint64_t move = 0; ///< the source's number of this move
  epoch since;          ///< of the source's place
  bool embodying = false; ///< its object is being made on the pool; whoever drops it leaves the cell to that
  bool complete = false;  ///< state and mailbox are there
  std::vector<message_ptr> mailbox;
  std::vector<held_message> others;
};

/// The replicas of this node by name. Thread-safe; its lock is taken inside of the route table's.
class replica_table {
public:
  /// False if one of this name is there.
  bool add(const std::string& name, replica what) {
    std::lock_guard lock{mutex_};
    return replicas_.try_emplace(name, std::move(what)).second;
  }

  /// Keeps a message for a replica; false: there is none of this name.
  bool hold(const std::string& name, held_message& what) {
    std::lock_guard lock{mutex_};
    auto at = replicas_.find(name);
    if (at == replicas_.end()) {
      return false;
    }
    if (!at->second.complete && what.from == at->second.from) {
      at->second.mailbox.push_back(std::move(what.what));
    } else {
      at->second.others.push_back(std::move(what));
    }
    return true;
  }

  /// Runs `use` with the replica, if it is there.
  template <class Use>
  bool with(const std::string& name, Use use) {
    std::lock_guard lock{mutex_};
    auto at = replicas_.find(name);
    if (at == replicas_.end()) {
      return false;
    }
    use(at->second);
    return true;
  }

  /// The move of the replica that is there, if it was an earlier one of the same place of the actor as `next` comes from:
  /// a place has one move at a time, so that one is over and did not change the place.
  std::optional<std::uint64_t> superseded_by(const std::string& name, const replica& next) const {
    std::lock_guard lock{mutex_};
    const auto at = replicas_.find(name);
    const bool is_over = at != replicas_.end() && at->second.from == next.from && at->second.since == next.since &&
                         at->second.move < next.move;
    return is_over ? std::optional{at->second.move} : std::nullopt;
  }

  /// Takes the replica out if `is_it` says so.
  template <class Predicate>
  std::optional<replica> take(const std::string& name, Predicate is_it) {
    std::lock_guard lock{mutex_};
    auto at = replicas_.find(name);
    if (at == replicas_.end() || !is_it(at->second)) {
      return std::nullopt;
    }
    auto out = std::move(at->second);
    replicas_.erase(at);
    return out;
  }

  /// Names of the replicas that `is_it` picks.
  template <class Predicate>
  std::vector<std::string> names(Predicate is_it) const {
    std::lock_guard lock{mutex_};
    std::vector<std::string> all;
    for (const auto& [name, what] : replicas_) {
      if (is_it(what)) {
        all.push_back(name);
      }
    }
    return all;
  }

private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, replica> replicas_;
};

} // namespace troupe
