#pragma once

#include <troupe/actor.hpp>

#include "actors/head/head_books.hpp"

#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// The directory as an actor: `reserve_names {node, names, class_desc?, supervision?, persist?}` → `names_are_reserved
/// {epoch}` (when it is written down) | `names_are_taken {names}`; `release_names {node, names}` → `names_are_released`;
/// `find_name {name}` → `name_is_found {node, epoch}` | `name_is_absent` | `name_is_not_settled {reason}`;
/// `keep_checkpoint {name, epoch, checkpoint}` → `checkpoint_is_kept` | `checkpoint_is_not_kept {reason}`; `move_name {name,
/// from, epoch, to}` → `name_is_moved {epoch}` | `name_is_not_moved {reason}`; `note_replica {name, from, epoch, where}` →
/// `replica_is_noted` | `replica_is_owner {epoch}` | `replica_is_void`; `drop_replica {name, where}`;
/// `replica_is_lost {name, epoch, where}`: the name was given to a replica that is not there any more. While the names of
/// nodes that outlived a daemon are still coming in, what they decide waits (`names_are_settled` from the head's admin ends
/// that). Lives on the daemon's control thread, as the head's admin does, with which it shares the books.
class directory_actor final : public actor {
public:
  /// `fault` is called at the named points of a move's commit; `forget` with each name that is released, so that this
  /// process does not remember ways to actors that are gone.
  directory_actor(head_books& books, std::function<void(std::string_view)> fault, std::function<void(const std::string&)> forget)
    : books_(books), fault_(std::move(fault)), forget_(std::move(forget)) {}
  static void describe(class_builder<directory_actor>& table);

private:
  reply reserve_names(const message& what);
  reply release_names(const message& what);
  reply find_name(const message& what);
  reply keep_checkpoint(const message& what);
  reply move_name(const message& what);
  reply note_replica(const message& what);
  reply drop_replica(const message& what);
  reply replica_is_lost(const message& what);
  reply names_are_settled(const message& what);
  reply wait();

  reply place_of(const std::string& name) const;
  void pass(std::string_view point) const {
    if (fault_) {
      fault_(point);
    }
  }

  head_books& books_;
  std::function<void(std::string_view)> fault_;
  std::function<void(const std::string&)> forget_;
  std::vector<message_ptr> waiting_; ///< until every node that lives on has told its names
};

std::shared_ptr<const class_info> make_directory_class(head_books& books,
                                                       const std::function<void(std::string_view)>& fault = {},
                                                       const std::function<void(const std::string&)>& forget = {});

} // namespace troupe
