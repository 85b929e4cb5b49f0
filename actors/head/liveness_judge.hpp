#pragma once

#include <chrono>
#include <string>

namespace troupe {

/// What the operating system says of a process.
enum class process_condition {
  running,  ///< on a core, or waiting for one
  sleeping, ///< waits for something
  stopped,  ///< by a signal or a debugger
  gone,
};

struct liveness_limits {
  std::chrono::duration<double> dead_after{1.8};     ///< silence of a node that is stopped or hangs
  std::chrono::duration<double> starved_after{10.0}; ///< silence of a node that wants to run and does not get to
};

/// Decides whether a silent node is dead. A process that is runnable but gets no time is starved, not dead: it has
/// longer. An empty text: it may live; else why it must be killed.
inline std::string judge_liveness(std::chrono::duration<double> silence, process_condition condition,
                                  const liveness_limits& limits) {
  if (silence < limits.dead_after) {
    return {};
  }
  switch (condition) {
  case process_condition::stopped:
    return "it is stopped";
  case process_condition::sleeping:
    return "it hangs";
  case process_condition::gone:
    return "it is gone";
  case process_condition::running:
    return silence < limits.starved_after ? std::string{} : "it answers nothing although it runs";
  }
  return {};
}

} // namespace troupe
