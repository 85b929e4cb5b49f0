#include "runtime/access/session_table.hpp"

#include "runtime/access/secrets.hpp"

#include <algorithm>

namespace troupe {

std::string session_table::open(time_point now) {
  std::erase_if(sessions_, [&](const auto& each) { return is_over(each.second, now); });
  if (sessions_.size() >= max_sessions_) {
    sessions_.erase(std::ranges::min_element(sessions_, {}, [](const auto& each) { return each.second.used; }));
  }
  return sessions_.emplace(random_secret(), session{now, now}).first->first;
}

bool session_table::use(const std::string& id, time_point now) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) {
    return false;
  }
  if (is_over(found->second, now)) {
    sessions_.erase(found);
    return false;
  }
  found->second.used = now;
  return true;
}

} // namespace troupe
