#pragma once

#include <troupe/actor.hpp>

#include "actors/head/head_books.hpp"

#include <memory>

namespace troupe {

/// The directory as an actor: `reserve_names {node, names, class_desc?, supervision?, persist?}` → `names_are_reserved
/// {epoch}` (when it is written down) | `names_are_taken {names}`; `release_names {node, names}` → `names_are_released`;
/// `find_name {name}` → `name_is_found {node, epoch}` | `name_is_absent` | `name_is_not_settled {reason}`;
/// `keep_checkpoint {name, epoch, checkpoint}` → `checkpoint_is_kept` | `checkpoint_is_not_kept {reason}`. Lives on the
/// daemon's control thread, as the head's admin does, with which it shares the books.
class directory_actor final : public actor {
public:
  explicit directory_actor(head_books& books) : books_(books) {}
  static void describe(class_builder<directory_actor>& table);

private:
  reply reserve_names(const message& what);
  reply release_names(const message& what);
  reply find_name(const message& what);
  reply keep_checkpoint(const message& what);

  reply place_of(const std::string& name) const;

  head_books& books_;
};

std::shared_ptr<const class_info> make_directory_class(head_books& books);

} // namespace troupe
