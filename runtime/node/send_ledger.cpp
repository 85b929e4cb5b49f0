#include "runtime/node/send_ledger.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

bool send_ledger::note(const std::string& recipient) {
  if (latest_ == nullptr || latest_->first != recipient) {
    latest_ = &*present_.try_emplace(recipient, 0).first;
  }
  ++latest_->second;
  ++total_;
  ++open_;
  return total_ - cut_at_ >= full_batch;
}

std::optional<std::uint64_t> send_ledger::cut() {
  if (total_ == cut_at_ || batches_.size() >= most_batches) {
    return std::nullopt;
  }
  latest_ = nullptr;
  batches_.push_back({total_, total_ - cut_at_, std::exchange(present_, {})});
  cut_at_ = total_;
  return total_;
}

void send_ledger::worked_off(std::uint64_t mark) {
  const auto at = std::ranges::lower_bound(batches_, mark, {}, &batch::mark);
  if (at != batches_.end() && at->mark == mark) {
    open_ -= at->size;
    batches_.erase(at);
  }
}

void send_ledger::all_worked_off(std::uint64_t count) {
  while (!batches_.empty() && batches_.front().mark <= count) {
    open_ -= batches_.front().size;
    batches_.pop_front();
  }
  if (count >= total_) {
    open_ -= total_ - cut_at_;
    present_.clear();
    latest_ = nullptr;
    cut_at_ = total_;
  }
}

std::map<std::string, std::uint64_t> send_ledger::in_doubt() const {
  std::map<std::string, std::uint64_t> all;
  for (const auto& one : batches_) {
    for (const auto& [name, count] : one.sent) {
      all[name] += count;
    }
  }
  for (const auto& [name, count] : present_) {
    all[name] += count;
  }
  return all;
}

} // namespace troupe
