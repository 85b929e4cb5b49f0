#pragma once

#include <troupe/result.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace troupe {

/// The points of this process that tests have armed. Thread-safe.
class fault_points {
public:
  /// What can happen at a point; the defaults act on this process.
  struct actions {
    std::function<void()> kill;       ///< SIGKILL to itself
    std::function<void()> stop;       ///< SIGSTOP to itself
    std::function<void()> disconnect; ///< every link of this node breaks
  };

  explicit fault_points(actions with) : with_(std::move(with)) {}

  /// `action`: `kill`, `stop`, `disconnect` or `wait_ms:<n>` (the thread stands still); it happens when the point is passed
  /// for the `count`th time, once. Fails with `bad_request` for an unknown action. An empty action disarms.
  result<> arm(const std::string& point, const std::string& action, unsigned count = 1);

  void pass(std::string_view point) {
    if (armed_.load(std::memory_order_relaxed)) {
      act(point);
    }
  }

  static actions on_this_process(std::function<void()> disconnect);

private:
  struct trap {
    std::string action;
    unsigned left = 1;
  };

  void act(std::string_view point);

  actions with_;
  std::atomic<bool> armed_{false};
  std::mutex mutex_;
  std::map<std::string, trap, std::less<>> traps_;
};

} // namespace troupe
