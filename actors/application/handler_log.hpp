#pragma once

#include <troupe/json.hpp>

#include <deque>
#include <string>

namespace troupe {

/// What went wrong with the handlers of an application, the newest last; the oldest are forgotten.
class handler_log {
public:
  static constexpr std::size_t most_entries = 200;
  static constexpr std::size_t most_reason_bytes = 2'000;

  void add(const std::string& handler, const std::string& task, unsigned status, std::string reason);
  /// `[{at, handler, task, status, reason}…]`.
  json to_json() const;

private:
  std::deque<json> entries_;
};

} // namespace troupe
