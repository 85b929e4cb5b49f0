#pragma once

#include <troupe/actor.hpp>

namespace peacepie_example {

/// Greets once for each `tick`.
class hello_world : public troupe::actor {
public:
  static void describe(troupe::class_builder<hello_world>& builder);

private:
  troupe::reply start();
  troupe::reply tick();
};

} // namespace peacepie_example
