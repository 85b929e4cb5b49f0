#include "runtime/node/dead_letters.hpp"

#include <algorithm>

namespace troupe {

void dead_letters::add(const message& what, const std::string& reason) {
  letter made{reason, what.mid(), what.command(), what.recipient(), what.sender()};
  std::lock_guard lock{mutex_};
  ++count_;
  ++reasons_[reason];
  newest_.push_back(std::move(made));
  if (newest_.size() > kept_) {
    newest_.pop_front();
  }
}

json dead_letters::to_json(std::size_t most) const {
  std::lock_guard lock{mutex_};
  json newest = json::array();
  const auto shown = std::min(most, newest_.size());
  for (auto at = newest_.end() - static_cast<std::ptrdiff_t>(shown); at != newest_.end(); ++at) {
    newest.push_back(json{{"reason", at->reason},
                          {"mid", at->mid},
                          {"command", at->command},
                          {"recipient", at->recipient.to_json()},
                          {"sender", at->sender.to_json()}});
  }
  return json{{"count", count_}, {"reasons", reasons_}, {"newest", std::move(newest)}};
}

std::uint64_t dead_letters::count() const {
  std::lock_guard lock{mutex_};
  return count_;
}

} // namespace troupe
