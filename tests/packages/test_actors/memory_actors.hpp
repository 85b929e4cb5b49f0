#pragma once

#include <troupe/actor.hpp>

#include <cstdint>

namespace test_actors {

/// Counts.
class counter : public troupe::actor {
public:
  static void describe(troupe::class_builder<counter>& builder);

private:
  troupe::reply add(const troupe::message& what);
  troupe::reply get();

  std::int64_t value_ = 0;
};

/// Keeps every message it does not know, and subscribes to others in its own name.
class collector : public troupe::actor {
public:
  static void describe(troupe::class_builder<collector>& builder);
  troupe::reply unknown(const troupe::message& what) override;

private:
  troupe::reply follow(const troupe::message& what);
  troupe::reply unfollow(const troupe::message& what);
  troupe::reply mourn(const troupe::message& what);
  troupe::reply collected();
  troupe::reply clear();
  troupe::reply tell(const troupe::message& what, const char* command);

  troupe::json kept_ = troupe::json::array();
};

} // namespace test_actors
