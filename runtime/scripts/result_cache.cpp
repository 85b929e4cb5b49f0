#include "runtime/scripts/result_cache.hpp"

#include <iterator>
#include <utility>

namespace troupe {

namespace {
constexpr std::size_t entry_overhead = 256; ///< nodes, hashes, control blocks
} // namespace

std::size_t result_cache::bytes_of(const entry& one) { return 2 * one.key.size() + one.answer->size() + entry_overhead; }

std::optional<result_cache::hit> result_cache::find(const std::string& key, time_point now) {
  const auto found = places_.find(key);
  if (found == places_.end()) {
    return std::nullopt;
  }
  const auto age = now - found->second->made;
  if (age >= limits_.max_age) {
    erase(found->second);
    return std::nullopt;
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return hit{found->second->answer, std::chrono::duration_cast<std::chrono::seconds>(age)};
}

void result_cache::put(const std::string& key, value answer, time_point now) {
  erase(key);
  entry one{key, std::move(answer), now};
  const auto size = bytes_of(one);
  if (size > limits_.max_bytes / 4) {
    return; // it would push out too much
  }
  while (!entries_.empty() && (bytes_ + size > limits_.max_bytes || entries_.size() >= limits_.max_entries)) {
    erase(std::prev(entries_.end()));
  }
  bytes_ += size;
  entries_.push_front(std::move(one));
  places_[key] = entries_.begin();
}

void result_cache::erase(const std::string& key) {
  if (const auto found = places_.find(key); found != places_.end()) {
    erase(found->second);
  }
}

void result_cache::erase(place where) {
  bytes_ -= bytes_of(*where);
  places_.erase(where->key);
  entries_.erase(where);
}

} // namespace troupe
