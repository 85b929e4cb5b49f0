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

void dead_letters::add_in_doubt(const std::string& node, const std::map<std::string, std::uint64_t>& counts) {
  std::lock_guard lock{mutex_};
  for (const auto& [recipient, count] : counts) {
    in_doubt_ += count;
    newest_in_doubt_.push_back(json{{"node", node}, {"recipient", recipient}, {"count", count}});
    if (newest_in_doubt_.size() > kept_) {
      newest_in_doubt_.pop_front();
    }
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
  json doubts = json::array();
  const auto doubts_shown = std::min(most, newest_in_doubt_.size());
  for (auto at = newest_in_doubt_.end() - static_cast<std::ptrdiff_t>(doubts_shown); at != newest_in_doubt_.end(); ++at) {
    doubts.push_back(*at);
  }
  return json{{"count", count_},
              {"reasons", reasons_},
              {"newest", std::move(newest)},
              {"in_doubt", {{"count", in_doubt_}, {"newest", std::move(doubts)}}}};
}

std::uint64_t dead_letters::in_doubt() const {
  std::lock_guard lock{mutex_};
  return in_doubt_;
}

std::uint64_t dead_letters::count() const {
  std::lock_guard lock{mutex_};
  return count_;
}

} // namespace troupe
