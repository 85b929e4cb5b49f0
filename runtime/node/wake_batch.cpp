#include "runtime/node/wake_batch.hpp"

#include <utility>
#include <vector>

namespace troupe {

namespace {

struct pending_turns {
  bool open = false;
  std::vector<std::pair<executor*, ref_ptr<runnable>>> turns;
};

pending_turns& of_this_thread() {
  thread_local pending_turns pending;
  return pending;
}

} // namespace

void wake_batch::open() noexcept { of_this_thread().open = true; }

void wake_batch::flush() {
  auto& pending = of_this_thread();
  pending.open = false;
  for (auto& [on, what] : pending.turns) {
    on->schedule(*what);
  }
  pending.turns.clear();
}

bool wake_batch::collect(executor& on, runnable& what) {
  auto& pending = of_this_thread();
  if (!pending.open) {
    return false;
  }
  pending.turns.emplace_back(&on, ref_ptr<runnable>::share(&what));
  return true;
}

} // namespace troupe
