#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace troupe {

/// What runs have answered, by what was asked. Bounded by bytes, entries and age; the one that was used longest ago goes
/// first. Pure: times come in. One thread.
class result_cache {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using value = std::shared_ptr<const std::string>;

  struct limits {
    std::size_t max_bytes = 64u << 20; ///< 0: nothing is kept
    std::size_t max_entries = 100'000;
    std::chrono::milliseconds max_age{300'000};
  };

  explicit result_cache(const limits& what) : limits_(what) {}

  struct hit {
    value answer;
    std::chrono::seconds age;
  };
  std::optional<hit> find(const std::string& key, time_point now);
  void put(const std::string& key, value answer, time_point now);
  void erase(const std::string& key);

  std::size_t bytes() const noexcept { return bytes_; }
  std::size_t size() const noexcept { return entries_.size(); }

private:
  struct entry {
    std::string key;
    value answer;
    time_point made;
  };
  using place = std::list<entry>::iterator;
  static std::size_t bytes_of(const entry& one);
  void erase(place where);

  const limits limits_;
  std::list<entry> entries_; ///< the last used first
  std::unordered_map<std::string, place> places_;
  std::size_t bytes_ = 0;
};

} // namespace troupe
