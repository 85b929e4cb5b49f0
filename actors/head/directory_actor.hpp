#pragma once

#include <troupe/actor.hpp>

#include "runtime/directory/directory.hpp"

#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace troupe {

/// The directory as an actor: `reserve_names {node, names}` → `names_are_reserved {epoch}` | `names_are_taken {names}`,
/// `release_names {node, names}` → `names_are_released`, `find_name {name}` → `name_is_found {node, epoch}` |
/// `name_is_absent`, `move_name {name, from, epoch, to}` → `name_is_moved {epoch}` | `name_is_not_moved {reason}`,
/// `note_replica {name, from, epoch, where}` → `replica_is_noted` | `replica_is_owner {epoch}` | `replica_is_void`,
/// `drop_replica {name, where}`. Lives on the daemon's control thread, as the head's admin does, with which it shares the table.
class directory_actor final : public actor {
public:
  /// `fault` is called at the named points of a move's commit.
  directory_actor(directory& names, std::function<void(std::string_view)> fault)
    : names_(names), fault_(std::move(fault)) {}
  static void describe(class_builder<directory_actor>& table);

private:
  reply reserve_names(const message& what);
  reply release_names(const message& what);
  reply find_name(const message& what);
  reply move_name(const message& what);
  reply note_replica(const message& what);
  reply drop_replica(const message& what);

  void pass(std::string_view point) const {
    if (fault_) {
      fault_(point);
    }
  }

  directory& names_;
  std::function<void(std::string_view)> fault_;
};

std::shared_ptr<const class_info> make_directory_class(directory& names,
                                                       const std::function<void(std::string_view)>& fault = {});

} // namespace troupe
