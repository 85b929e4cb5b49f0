#include "runtime/access/access_keeper.hpp"

#include "runtime/access/secrets.hpp"

namespace troupe {

bool access_keeper::is_token(std::string_view candidate) const noexcept {
  return !token_.empty() && equal_in_constant_time(token_, candidate);
}

std::string access_keeper::issue_code() {
  const std::lock_guard lock(mutex_);
  return codes_.issue(clock_.now());
}

bool access_keeper::is_code(std::string_view code) const {
  const std::lock_guard lock(mutex_);
  return codes_.is_valid(code, clock_.now());
}

std::optional<std::string> access_keeper::log_in(std::string_view code) {
  const std::lock_guard lock(mutex_);
  if (!codes_.consume(code, clock_.now())) {
    return std::nullopt;
  }
  return sessions_.open(clock_.now());
}

bool access_keeper::is_session(const std::string& id) {
  const std::lock_guard lock(mutex_);
  return sessions_.use(id, clock_.now());
}

void access_keeper::log_out(const std::string& id) {
  const std::lock_guard lock(mutex_);
  sessions_.close(id);
}

} // namespace troupe
