#pragma once

#include <runtime/warm_pool/posix_warm_parents.hpp>
#include <runtime/warm_pool/warm_pool.hpp>

#include <functional>
#include <memory>

namespace troupe {

/// A real pool on a loop that runs on another thread, where `close`, or its end, ends its parents and waits for what they had
/// made (2 s at most). The loop and the process host outlive it.
class node_warm_pool {
public:
  node_warm_pool(event_loop& loop, process_host& processes, const warm_programs& programs, warm_pool_options options);
  node_warm_pool(const node_warm_pool&) = delete;
  node_warm_pool& operator=(const node_warm_pool&) = delete;
  ~node_warm_pool();

  prepared_observers& observers() noexcept { return *pool_; }
  void close();

private:
  void on_loop(std::function<void()> what);

  event_loop& loop_;
  posix_warm_parents parents_;
  std::unique_ptr<warm_pool> pool_;
  bool is_closed_ = false;
};

} // namespace troupe
