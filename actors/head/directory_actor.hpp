#pragma once

#include <troupe/actor.hpp>

#include "runtime/directory/directory.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace troupe {

/// The directory as an actor: `reserve_names {node, names}` → `names_are_reserved {epoch}` | `names_are_taken {names}`,
/// `release_names {node, names}` → `names_are_released`, `find_name {name}` → `name_is_found {node, epoch}` |
/// `name_is_absent`. While the names of nodes that outlived a daemon are still coming in, what they decide waits
/// (`names_are_settled` from the head's admin ends that). Lives on the daemon's control thread, as the head's admin does, with which it shares the table.
class directory_actor final : public actor {
public:
  explicit directory_actor(directory& names) : names_(names) {}
  static void describe(class_builder<directory_actor>& table);

private:
  reply reserve_names(const message& what);
  reply release_names(const message& what);
  reply find_name(const message& what);
  reply names_are_settled(const message& what);
  reply wait();

  directory& names_;
  std::vector<std::pair<message_ptr, responder>> waiting_; ///< until every node that lives on has told its names
};

std::shared_ptr<const class_info> make_directory_class(directory& names);

} // namespace troupe
