#pragma once

#include "tests/history/copy_history.hpp"

#include <cstdint>
#include <vector>

namespace history {

/// A set of numbers, kept as ranges in order that do not touch.
class range_set {
public:
  void add(range numbers);
  void add(const ranges& all);
  range_set with(const range_set& other) const;
  range_set without(const range_set& other) const;
  /// What of `numbers` is in the set.
  range_set common(range numbers) const;

  bool empty() const noexcept { return all_.empty(); }
  std::uint64_t size() const noexcept;
  const std::vector<range>& all() const noexcept { return all_; }

private:
  std::vector<range> all_;
};

} // namespace history
