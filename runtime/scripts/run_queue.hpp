#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <vector>

namespace troupe {

/// Lets so many runs work at once, and so many more wait. A request may want several runs; requests take turns, one run
/// each, in the order of their coming. Pure. One thread; runs may call back.
class run_queue {
public:
  struct limits {
    std::size_t max_running = 4;
    std::size_t max_waiting = 1'000;
  };
  struct run {
    /// Starts it; it calls `done` once at its end. False: nobody wants it any more, and it was not started.
    std::function<bool()> begin;
    std::function<void()> drop; ///< it will not be begun, since the queue was closed
  };

  explicit run_queue(const limits& what) : limits_(what) {}

  /// Whether so many runs would be taken now.
  bool fits(std::size_t runs) const;
  /// The runs of one request. False: so many cannot wait, and none of them is taken.
  bool add(std::vector<run> runs);
  /// A run has ended.
  void done();
  /// Places that are in use by runs which this queue has not begun.
  void take_place() { ++running_; }
  /// Nothing more is begun or taken; what waits is dropped.
  void close();

  std::size_t running() const noexcept { return running_; }
  std::size_t waiting() const noexcept { return waiting_; }

private:
  void pump();

  const limits limits_;
  std::deque<std::deque<run>> turns_;
  std::size_t running_ = 0;
  std::size_t waiting_ = 0;
  bool is_pumping_ = false;
  bool is_closed_ = false;
};

} // namespace troupe
