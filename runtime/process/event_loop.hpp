#pragma once

#include <runtime/process/unique_fd.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe {

/// An epoll loop with timers, for one thread. `post` and `stop` may be called from any thread, all else only from the
/// loop's thread (or before `run`). A handler may forget any descriptor, its own too. Descriptors stay their owner's.
class event_loop {
public:
  using handler = std::function<void(std::uint32_t events)>;
  using timer_id = std::pair<std::chrono::steady_clock::time_point, std::uint64_t>;

  event_loop();
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;
  ~event_loop();

  /// Serves until `stop`.
  void run();
  void stop();

  /// Runs `what` in the loop's thread, in the order of the posts. What is posted after the end is dropped.
  void post(std::function<void()> what);

  /// `events` as for epoll (EPOLLIN, EPOLLOUT; level-triggered).
  void watch(int fd, std::uint32_t events, handler what);
  void change(int fd, std::uint32_t events);
  void forget(int fd);

  timer_id after(std::chrono::nanoseconds time, std::function<void()> what);
  void cancel(timer_id id);

private:
  struct watcher {
    int fd;
    handler handle;
  };

  int wait_ms() const;
  void run_timers();
  void run_posted();

  unique_fd epoll_;
  unique_fd wake_;
  std::atomic<bool> stopped_{false};
  std::unordered_map<std::uint64_t, std::shared_ptr<watcher>> watchers_;
  std::unordered_map<int, std::uint64_t> ids_; // by descriptor: an event of a reused number must not reach the new one
  std::map<timer_id, std::function<void()>> timers_;
  std::uint64_t next_id_ = 1;
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
};

} // namespace troupe
