#pragma once

#include <troupe/actor.hpp>

#include <chrono>
#include <cstdint>

namespace bench_actors {

/// Asks an echo, one at a time or with a number of asks in flight; counts the answers.
class asker final : public troupe::actor {
public:
  static void describe(troupe::class_builder<asker>& builder);

private:
  troupe::async<troupe::reply> ask_in_turn(const troupe::message& what);
  troupe::reply ask_many(const troupe::message& what);
  void ask_one_more();

  troupe::address to_;
  troupe::json body_;
  std::uint64_t to_ask_ = 0;
  std::uint64_t to_come_ = 0;
  std::uint64_t wrong_ = 0;
  std::uint64_t count_ = 0;
  troupe::responder answer_;
  std::chrono::steady_clock::time_point begin_;
};

} // namespace bench_actors
