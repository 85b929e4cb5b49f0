#pragma once

#include <troupe/actor.hpp>

namespace test_actors {

/// Gives bodies back, and speaks from inside its node for a test.
class echo : public troupe::actor {
public:
  static void describe(troupe::class_builder<echo>& builder);

private:
  troupe::reply give_back(const troupe::message& what);
  troupe::reply who();
  troupe::async<troupe::reply> forward_ask(const troupe::message& what);
  troupe::async<troupe::reply> forward_asks(const troupe::message& what);
  troupe::reply forward_send(const troupe::message& what);
  troupe::async<troupe::reply> relay_bytes(const troupe::message& what);
  troupe::async<troupe::reply> sleep_for(const troupe::message& what);
  troupe::reply block_for(const troupe::message& what);
  troupe::reply print(const troupe::message& what);

  std::string note_;
};

} // namespace test_actors
