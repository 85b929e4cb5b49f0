#pragma once

#include "actors/head/actor_registry.hpp"
#include "actors/head/settle_list.hpp"

namespace troupe {

/// What the head knows of the system. The admin and the directory share it on the daemon's control thread; it outlives
/// both. Only the store is used from other threads too.
struct head_books {
  head_books(std::uint32_t incarnation, head_store& kept) : store(kept), actors(incarnation, kept) {}

  head_store& store;
  actor_registry actors;
  settle_list unsettled;
};

} // namespace troupe
