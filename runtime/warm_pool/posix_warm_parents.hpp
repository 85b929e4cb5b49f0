#pragma once

#include <runtime/process/event_loop.hpp>
#include <runtime/process_host/process_host.hpp>
#include <runtime/warm_pool/warm_parents.hpp>

#include <functional>
#include <string>

namespace troupe {

struct warm_programs {
  std::string observer;      ///< the program `troupe-observer`
  std::string parent_script; ///< `warm_parent.py`
  std::string runs_folder;   ///< each parent gets `<runs_folder>/warm_…`, a folder as that of a run, while it lives
  std::function<void(const std::string&)> log = [](const std::string&) {};
};

/// Real ones: Python processes, on the thread of `loop`. They end when they are dropped, and when this process ends: the socket
/// with their orders closes. One that hears nothing (it is stopped) is killed, or has the mark of a run whose lock is free,
/// by which the next start of the daemon finds it (`orphan_sweep`).
class posix_warm_parents : public warm_parents {
public:
  posix_warm_parents(event_loop& loop, process_host& processes, warm_programs programs);
  result<std::unique_ptr<warm_parent>> start(const warm_key& key, warm_parent_events events) override;

private:
  event_loop& loop_;
  process_host& processes_;
  const warm_programs programs_;
  unsigned count_ = 0;
};

} // namespace troupe
