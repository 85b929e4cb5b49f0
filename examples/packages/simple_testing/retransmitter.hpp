#pragma once

#include <troupe/actor.hpp>

#include <string>

namespace simple_testing {

/// One place in a ring: passes `test` to `consumer`; the first one ends the system when `test` comes back.
class retransmitter : public troupe::actor {
public:
  static void describe(troupe::class_builder<retransmitter>& builder);

private:
  void start_test();
  void test(const troupe::message& what);

  std::string consumer_;
  bool first_ = false;
};

} // namespace simple_testing
