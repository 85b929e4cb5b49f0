#pragma once

#include "tests/system/move_world/move_world.hpp"

#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace system_test {

/// Kills or stops one of the nodes (never the main one) each `period`, chosen by chance from a seed that is printed;
/// the next one when the last one is back.
class chaos {
public:
  chaos(const move_world& world, milliseconds period, unsigned seed);
  ~chaos();
  chaos(const chaos&) = delete;
  chaos& operator=(const chaos&) = delete;

  void stop();
  int kills() const noexcept { return kills_; }
  int stops() const noexcept { return stops_; }

private:
  bool is_quiet();
  void act();

  const move_world& world_;
  milliseconds period_;
  std::mt19937 random_;
  std::string harmed_; ///< the last one
  pid_t harmed_pid_ = 0;
  clock::time_point back_since_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> kills_{0};
  std::atomic<int> stops_{0};
  std::thread thread_;
};

} // namespace system_test
