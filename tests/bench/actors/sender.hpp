#pragma once

#include <troupe/actor.hpp>

#include <cstdint>

namespace bench_actors {

/// Sends as fast as a counter gives credit, so that no mailbox overflows and none runs dry.
class sender final : public troupe::actor {
public:
  static void describe(troupe::class_builder<sender>& builder);

private:
  troupe::reply pour(const troupe::message& what);
  void credit(const troupe::message& what);
  void send_some();

  troupe::address to_;
  troupe::json body_;
  std::uint64_t left_ = 0;
  std::uint64_t credit_ = 0;
};

} // namespace bench_actors
