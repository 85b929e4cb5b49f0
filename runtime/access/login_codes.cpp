#include "runtime/access/login_codes.hpp"

#include "runtime/access/secrets.hpp"

#include <algorithm>

namespace troupe {

std::string login_codes::issue(time_point now) {
  std::erase_if(entries_, [&](const entry& each) { return now - each.issued >= life_; });
  if (entries_.size() >= max_codes_) {
    entries_.erase(entries_.begin());
  }
  entries_.push_back({random_secret(24), now});
  return entries_.back().code;
}

bool login_codes::is_valid(std::string_view code, time_point now) const {
  bool found = false;
  for (const auto& each : entries_) {
    found |= equal_in_constant_time(each.code, code) && now - each.issued < life_;
  }
  return found;
}

bool login_codes::consume(std::string_view code, time_point now) {
  const bool valid = is_valid(code, now);
  std::erase_if(entries_, [&](const entry& each) { return equal_in_constant_time(each.code, code); });
  return valid;
}

} // namespace troupe
