#pragma once

#include <troupe/actor.hpp>

#include <cstdint>

namespace bench_actors {

/// Has actors and processes created, as an actor of a user does, and takes the time.
class creator final : public troupe::actor {
public:
  static void describe(troupe::class_builder<creator>& builder);

private:
  troupe::async<troupe::reply> create_actors(const troupe::message& what);
  troupe::async<troupe::reply> create_processes(const troupe::message& what);

  std::uint64_t next_name_ = 0;
};

} // namespace bench_actors
