#include "runtime/link/send_batch.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace troupe {

namespace {

struct held_senders {
  bool is_open = false;
  std::vector<std::shared_ptr<batched_sender>> senders;
};

held_senders& of_this_thread() noexcept {
  thread_local held_senders held;
  return held;
}

} // namespace

void send_batch::open() noexcept {
  auto& held = of_this_thread();
  is_mine_ = is_mine_ || !held.is_open;
  held.is_open = true;
}

void send_batch::end() noexcept {
  if (!std::exchange(is_mine_, false)) {
    return;
  }
  auto& held = of_this_thread();
  held.is_open = false;
  for (const auto& one : held.senders) {
    one->write_out();
  }
  held.senders.clear();
}

bool send_batch::is_open() noexcept { return of_this_thread().is_open; }

bool send_batch::hold(const std::shared_ptr<batched_sender>& what) {
  auto& held = of_this_thread();
  if (!held.is_open) {
    return false;
  }
  if (std::ranges::find(held.senders, what) == held.senders.end()) {
    held.senders.push_back(what);
  }
  return true;
}

} // namespace troupe
