#pragma once

#include "web/routes/web_world.hpp"
#include "web/port/loop_gate.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace troupe {

/// One thread beside the web server's, which starts with the first work. `run` on the web server's thread. The destructor
/// waits for the work that has begun and drops the rest.
class work_thread final : public web_background {
public:
  static constexpr std::size_t most_waiting = 1'000;
  static constexpr std::size_t most_bytes = 256u << 20;

  explicit work_thread(std::shared_ptr<loop_gate> gate) : gate_(std::move(gate)) {}
  ~work_thread() override;

  bool run(std::size_t bytes, std::function<std::function<void()>()> work) override;

private:
  struct job {
    std::size_t bytes = 0;
    std::function<std::function<void()>()> work;
  };
  void loop();

  std::shared_ptr<loop_gate> gate_;
  std::mutex mutex_; ///< over what follows, but the thread
  std::condition_variable wake_;
  std::deque<job> waiting_;
  std::size_t bytes_ = 0; ///< also of the work that has begun
  bool ends_ = false;
  std::thread thread_;
};

} // namespace troupe
