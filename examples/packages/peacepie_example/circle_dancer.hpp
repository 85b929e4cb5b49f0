#pragma once

#include <troupe/actor.hpp>

#include <string>

namespace peacepie_example {

/// One place in a circle: keeps each `tick` for `period` seconds, then passes the same message to `consumer`.
class circle_dancer : public troupe::actor {
public:
  static void describe(troupe::class_builder<circle_dancer>& builder);

private:
  troupe::async<> tick(const troupe::message& what);

  std::string consumer_;
  double period_ = 1;
};

} // namespace peacepie_example
