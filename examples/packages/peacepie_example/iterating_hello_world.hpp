#pragma once

#include <troupe/actor.hpp>

#include <cstdint>
#include <optional>

namespace peacepie_example {

/// Greets every `period` seconds, `limit` times (null: until `tick_stop`). All that it knows are parameters, so it goes
/// on counting after it was moved to another process or restarted.
class iterating_hello_world : public troupe::actor {
public:
  static void describe(troupe::class_builder<iterating_hello_world>& builder);

  troupe::async<> pre_run() override;
  troupe::async<> moved() override;

private:
  troupe::reply start();
  troupe::reply tick_start();
  troupe::reply tick_stop();
  void tick();
  void resume();
  void halt();

  double period_ = 1;
  std::optional<std::int64_t> limit_;
  std::int64_t index_ = 0;
  bool is_ticking_ = false;
};

} // namespace peacepie_example
