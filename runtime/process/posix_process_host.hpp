#pragma once

#include <runtime/process_host/process_host.hpp>

#include <memory>

namespace troupe {

/// The real process host: posix_spawn (vfork speed whatever the size of this program), a pidfd per child, and one own
/// thread that waits and reads captured output. The destructor ends that thread and leaves the children alone; it must
/// not run inside a callback. `on_line` and `on_end` may come before `spawn` has returned.
class posix_process_host : public process_host {
public:
  posix_process_host();
  ~posix_process_host() override;

  result<std::shared_ptr<child>> spawn(const spawn_request& what, child_events events) override;
  result<std::shared_ptr<child>> adopt(const adopt_request& what, child_events events) override;

private:
  class state;
  std::unique_ptr<state> state_;
};

} // namespace troupe
