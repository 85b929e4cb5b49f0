#include "runtime/node/intake.hpp"

#include <utility>

namespace troupe {

struct intake::account {
  std::string origin;
  std::mutex mutex;
  std::vector<std::uint64_t> done;
  std::size_t open = 0;
};

struct intake::batch {
  explicit batch(std::shared_ptr<account> to) : to(std::move(to)) {}
  batch(const batch&) = delete;
  batch& operator=(const batch&) = delete;
  ~batch() {
    if (mark != 0) {
      std::lock_guard lock{to->mutex};
      to->done.push_back(mark);
      --to->open;
    }
  }

  std::shared_ptr<account> to;
  std::uint64_t mark = 0; ///< set before the link lets go of it
};

intake::intake(std::string origin) : account_(std::make_shared<account>()) {
  account_->origin = std::move(origin);
  begin();
}

void intake::begin() {
  present_ = std::make_shared<batch>(account_);
  origin_ = std::shared_ptr<const std::string>(present_, &account_->origin);
}

void intake::cut(std::uint64_t mark) {
  {
    std::lock_guard lock{account_->mutex};
    ++account_->open;
  }
  present_->mark = mark;
  begin();
}

std::vector<std::uint64_t> intake::take_done() {
  std::lock_guard lock{account_->mutex};
  return std::exchange(account_->done, {});
}

std::size_t intake::open() const {
  std::lock_guard lock{account_->mutex};
  return account_->open;
}

} // namespace troupe
