#pragma once

#include <troupe/actor.hpp>

#include <cstdint>
#include <string>

namespace test_actors {

/// Beats by a ticker of its own, and with each beat asks its partner, if it has one.
class metronome : public troupe::actor {
public:
  static void describe(troupe::class_builder<metronome>& builder);

private:
  troupe::reply start();
  troupe::reply tick();
  troupe::reply beat();
  troupe::reply get();

  std::string partner_;
  double period_ = 0.01;
  std::int64_t ticks_ = 0;
  std::int64_t beats_ = 0;
  std::int64_t answered_ = 0;
  std::int64_t failed_ = 0;
};

} // namespace test_actors
