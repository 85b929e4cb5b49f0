#include "nodes/troupe-node/daemon_bond.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

namespace {
constexpr daemon_bond::seconds first_grace{15}; ///< for the first link: the daemon's own patience with a new process
}

daemon_bond::daemon_bond(std::string daemon, seconds grace, std::function<void()> on_over)
  : daemon_(std::move(daemon)), grace_(grace), on_over_(std::move(on_over)) {}

void daemon_bond::begin(timer_service& timers) {
  std::lock_guard lock{mutex_};
  timers_ = &timers;
  wait(std::max(grace_, first_grace));
}

result<> daemon_bond::admit(const peer_identity& who) const {
  if (who.node != daemon_) {
    return {};
  }
  std::lock_guard lock{mutex_};
  if (over_) {
    return fail(error_code::unavailable, "this node was without a daemon for too long and ends");
  }
  if (who.incarnation < incarnation_) {
    return fail(error_code::access_denied, "there was a later daemon than this one");
  }
  return {};
}

bool daemon_bond::up(const peer_identity& who) {
  std::lock_guard lock{mutex_};
  const bool is_back = std::exchange(away_, false) && incarnation_ != 0;
  incarnation_ = std::max(incarnation_, who.incarnation);
  return is_back;
}

void daemon_bond::down() {
  std::lock_guard lock{mutex_};
  if (!std::exchange(away_, true)) {
    wait(grace_);
  }
}

void daemon_bond::wait(seconds time) {
  timers_->after(time, [this, number = ++absence_] {
    {
      std::lock_guard lock{mutex_};
      if (!away_ || absence_ != number || std::exchange(over_, true)) {
        return;
      }
    }
    on_over_();
  });
}

} // namespace troupe
