#include "runtime/scripts/run_queue.hpp"

#include <iterator>
#include <utility>

namespace troupe {

bool run_queue::fits(std::size_t runs) const {
  const auto free = limits_.max_running > running_ ? limits_.max_running - running_ : 0;
  return !is_closed_ && waiting_ + runs <= limits_.max_waiting + free;
}

bool run_queue::add(std::vector<run> runs) {
  if (!fits(runs.size())) {
    return false;
  }
  waiting_ += runs.size();
  if (!runs.empty()) {
    turns_.emplace_back(std::make_move_iterator(runs.begin()), std::make_move_iterator(runs.end()));
  }
  pump();
  return true;
}

void run_queue::done() {
  --running_;
  pump();
}

void run_queue::close() {
  is_closed_ = true;
  waiting_ = 0;
  for (const auto& turn : std::exchange(turns_, {})) {
    for (const auto& each : turn) {
      each.drop();
    }
  }
}

void run_queue::pump() {
  if (std::exchange(is_pumping_, true)) {
    return; // called back by what is being begun; the loop below goes on
  }
  while (running_ < limits_.max_running && !turns_.empty()) {
    auto turn = std::move(turns_.front());
    turns_.pop_front();
    auto next = std::move(turn.front());
    turn.pop_front();
    if (!turn.empty()) {
      turns_.push_back(std::move(turn));
    }
    --waiting_;
    ++running_;
    if (!next.begin()) {
      --running_;
    }
  }
  is_pumping_ = false;
}

} // namespace troupe
