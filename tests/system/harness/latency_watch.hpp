#pragma once

#include "tests/system/harness/test_system.hpp"

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace system_test {

/// Asks again and again in a thread of its own while a test breaks something elsewhere, and keeps the slowest round and
/// every wrong answer.
class latency_watch {
public:
  struct probe {
    std::string what;   ///< for messages
    std::string wanted; ///< the answer's command
    std::function<answer()> ask;
  };

  explicit latency_watch(std::vector<probe> probes);
  ~latency_watch();
  latency_watch(const latency_watch&) = delete;
  latency_watch& operator=(const latency_watch&) = delete;

  /// Ends the watch.
  void stop();
  /// After `stop`.
  milliseconds slowest() const noexcept { return slowest_; }
  const std::string& slowest_what() const noexcept { return slowest_what_; }
  const std::vector<std::string>& wrong() const noexcept { return wrong_; }
  int rounds() const noexcept { return rounds_; }

private:
  void watch();

  std::vector<probe> probes_;
  std::atomic<bool> stopping_{false};
  milliseconds slowest_{0};
  std::string slowest_what_;
  std::vector<std::string> wrong_;
  std::atomic<int> rounds_{0};
  std::thread thread_;
};

/// Creation, lookup and removal of an actor on `node`, and an ask to `echo`, which lives there.
std::vector<latency_watch::probe> everyday_probes(const test_system& system, const std::string& node,
                                                  const std::string& echo);

} // namespace system_test
