#include "runtime/timer/timer_wheel.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

timer_wheel::timer_wheel(time_point start) : start_(start), heads_(slots, none) {}

std::uint64_t timer_wheel::tick_of(time_point when) const {
  return when <= start_ ? 0 : static_cast<std::uint64_t>((when - start_) / tick);
}

timer_wheel::time_point timer_wheel::begin_of(std::uint64_t ticks) const {
  return start_ + tick * static_cast<std::int64_t>(ticks);
}

timer_wheel::handle timer_wheel::insert(time_point when, std::function<void()> action) {
  std::uint32_t index;
  if (free_.empty()) {
    index = static_cast<std::uint32_t>(entries_.size());
    entries_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  auto& made = entries_[index];
  made.when = std::max(when, begin_of(done_ticks_));
  made.action = std::move(action);
  made.used = true;
  ++made.generation;
  auto& head = heads_[tick_of(made.when) % slots];
  made.previous = none;
  made.next = head;
  if (head != none) {
    entries_[head].previous = index;
  }
  head = index;
  ++size_;
  return (static_cast<handle>(made.generation) << 32) | (index + 1);
}

bool timer_wheel::cancel(handle which) {
  auto index = static_cast<std::uint32_t>(which & 0xffffffff);
  if (index == 0 || index > entries_.size()) {
    return false;
  }
  auto& found = entries_[--index];
  if (!found.used || found.generation != static_cast<std::uint32_t>(which >> 32)) {
    return false;
  }
  unlink(index);
  return true;
}

void timer_wheel::unlink(std::uint32_t index) {
  auto& gone = entries_[index];
  if (gone.previous != none) {
    entries_[gone.previous].next = gone.next;
  } else {
    heads_[tick_of(gone.when) % slots] = gone.next;
  }
  if (gone.next != none) {
    entries_[gone.next].previous = gone.previous;
  }
  gone.action = nullptr;
  gone.used = false;
  free_.push_back(index);
  --size_;
}

void timer_wheel::expire(time_point now, std::vector<std::function<void()>>& due) {
  const auto last = tick_of(now);
  const auto count = std::min<std::uint64_t>(last - std::min(last, done_ticks_) + 1, slots);
  std::vector<std::pair<time_point, std::function<void()>>> found;
  for (std::uint64_t i = 0; i < count; ++i) {
    auto index = heads_[(last - i) % slots];
    while (index != none) {
      auto following = entries_[index].next;
      if (entries_[index].when <= now) {
        found.emplace_back(entries_[index].when, std::move(entries_[index].action));
        unlink(index);
      }
      index = following;
    }
  }
  done_ticks_ = std::max(done_ticks_, last);
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [when, action] : found) {
    due.push_back(std::move(action));
  }
}

std::optional<timer_wheel::time_point> timer_wheel::next(time_point) const {
  if (size_ == 0) {
    return std::nullopt;
  }
  const auto first = done_ticks_;
  for (std::uint64_t at = first; at < first + slots; ++at) {
    std::optional<time_point> earliest;
    for (auto index = heads_[at % slots]; index != none; index = entries_[index].next) {
      const auto when = entries_[index].when;
      if (tick_of(when) <= at && (!earliest || when < *earliest)) {
        earliest = when;
      }
    }
    if (earliest) {
      return earliest;
    }
  }
  return begin_of(first + slots - 1); // maybe past already, if nothing was expired for long: the caller looks again
}

} // namespace troupe
