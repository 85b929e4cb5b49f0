#include "runtime/node/ask_table.hpp"

#include <algorithm>

namespace troupe {

ask_table::ask_table(timer_service& timers, std::uint32_t incarnation)
  : timers_(timers), next_((static_cast<std::uint64_t>(incarnation) << 32) + 1) {}

void ask_table::open(std::uint64_t number, double timeout_s, done_function done,
                     std::function<message_ptr()> on_timeout) {
  auto& home = shard_of(number);
  std::lock_guard lock{home.mutex};
  auto& made = home.entries[number];
  made.done = std::move(done);
  made.timer = timers_.after(std::chrono::duration<double>{timeout_s},
                             [this, number, on_timeout = std::move(on_timeout)] { answer(number, on_timeout()); });
}

void ask_table::waits_at(std::uint64_t number, const std::string& node) {
  auto& home = shard_of(number);
  std::lock_guard lock{home.mutex};
  if (auto at = home.entries.find(number); at != home.entries.end()) {
    at->second.node = node;
    at->second.also.clear();
  }
}

void ask_table::may_wait_at(std::uint64_t number, const std::string& node) {
  auto& home = shard_of(number);
  std::lock_guard lock{home.mutex};
  if (auto at = home.entries.find(number); at != home.entries.end() && at->second.node != node) {
    at->second.also.push_back(node);
  }
}

bool ask_table::answer(std::uint64_t number, message_ptr what) {
  auto& home = shard_of(number);
  std::unique_lock lock{home.mutex};
  auto taken = home.entries.extract(number);
  lock.unlock();
  if (taken.empty()) {
    return false;
  }
  timers_.cancel(taken.mapped().timer);
  taken.mapped().done(std::move(what));
  return true;
}

void ask_table::fail_at(const std::string& node, const std::function<message_ptr(std::uint64_t)>& make) {
  std::vector<std::uint64_t> hit;
  for (auto& home : shards_) {
    std::lock_guard lock{home.mutex};
    for (const auto& [number, waiting] : home.entries) {
      if (waiting.node == node || std::ranges::find(waiting.also, node) != waiting.also.end()) {
        hit.push_back(number);
      }
    }
  }
  for (auto number : hit) {
    answer(number, make(number));
  }
}

std::size_t ask_table::size() const {
  std::size_t total = 0;
  for (const auto& home : shards_) {
    std::lock_guard lock{home.mutex};
    total += home.entries.size();
  }
  return total;
}

} // namespace troupe
