#pragma once

#include <troupe/actor.hpp>

#include <chrono>
#include <cstdint>

namespace bench_actors {

/// Gives the body back.
class echo final : public troupe::actor {
public:
  static void describe(troupe::class_builder<echo>& builder);

private:
  troupe::reply give_back(const troupe::message& what);
};

/// Does nothing: for the memory of an idle actor.
class idle final : public troupe::actor {
public:
  static void describe(troupe::class_builder<idle>& builder);

private:
  troupe::reply poke();
};

/// Counts what a sender pours into it, gives the sender credit, and says how long it took from the first to the last.
class counter final : public troupe::actor {
public:
  static void describe(troupe::class_builder<counter>& builder);

private:
  troupe::reply count(const troupe::message& what);
  troupe::reply is_ready();
  void hit(const troupe::message& what);

  std::uint64_t expected_ = 0;
  std::uint64_t seen_ = 0;
  std::uint64_t grain_ = 1;
  troupe::address source_;
  troupe::responder answer_;
  std::chrono::steady_clock::time_point first_;
};

} // namespace bench_actors
