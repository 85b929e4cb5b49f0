#include "tests/history/range_set.hpp"

#include <algorithm>

namespace history {

void range_set::add(range numbers) {
  // Mostly behind the last one.
  if (all_.empty() || numbers.first > all_.back().last + 1) {
    all_.push_back(numbers);
    return;
  }
  auto begin = std::lower_bound(all_.begin(), all_.end(), numbers,
                                [](const range& have, const range& more) { return have.last + 1 < more.first; });
  auto end = begin;
  for (; end != all_.end() && end->first <= numbers.last + 1; ++end) {
    numbers.first = std::min(numbers.first, end->first);
    numbers.last = std::max(numbers.last, end->last);
  }
  all_.insert(all_.erase(begin, end), numbers);
}

void range_set::add(const ranges& all) {
  for (const auto& numbers : all) {
    add(numbers);
  }
}

range_set range_set::with(const range_set& other) const {
  range_set out = *this;
  out.add(other.all_);
  return out;
}

range_set range_set::without(const range_set& other) const {
  range_set out;
  auto taken = other.all_.begin();
  for (auto left : all_) {
    while (taken != other.all_.end() && taken->last < left.first) {
      ++taken;
    }
    bool any = true;
    for (auto at = taken; at != other.all_.end() && at->first <= left.last; ++at) {
      if (at->first > left.first) {
        out.add(range{left.first, at->first - 1});
      }
      if (at->last >= left.last) {
        any = false;
        break;
      }
      left.first = at->last + 1;
    }
    if (any) {
      out.add(left);
    }
  }
  return out;
}

range_set range_set::common(range numbers) const {
  range_set out;
  auto at = std::lower_bound(all_.begin(), all_.end(), numbers,
                             [](const range& have, const range& wanted) { return have.last < wanted.first; });
  for (; at != all_.end() && at->first <= numbers.last; ++at) {
    out.add(range{std::max(at->first, numbers.first), std::min(at->last, numbers.last)});
  }
  return out;
}

std::uint64_t range_set::size() const noexcept {
  std::uint64_t out = 0;
  for (const auto& numbers : all_) {
    out += numbers.last - numbers.first + 1;
  }
  return out;
}

} // namespace history
