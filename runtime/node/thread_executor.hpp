#pragma once

#include "runtime/node/executor.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace troupe {

/// One thread of its own, for admins: their turns never wait behind a busy pool. `stop` ends it after the present turn;
/// what is still queued is dropped.
class thread_executor final : public executor {
public:
  thread_executor();
  ~thread_executor() override;

  void schedule(runnable& what) override;
  void stop();

private:
  void loop();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<ref_ptr<runnable>> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace troupe
