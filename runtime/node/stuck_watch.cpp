#include "runtime/node/stuck_watch.hpp"

#include "runtime/node/local_node.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace troupe {

namespace {
constexpr double share = 200; ///< a look takes at most one part in so many of the time
constexpr double ticks_a_second = 100;
} // namespace

stuck_watch::stuck_watch(local_node& home, const name_table& names, executor& turns)
  : home_(home), names_(names), turns_(turns) {}

void stuck_watch::start(duration stuck_after) {
  stuck_after_ = stuck_after;
  if (stuck_after_.count() > 0) {
    period_ = std::clamp(stuck_after_ / 8, duration{0.02}, duration{5});
    arm();
  }
}

void stuck_watch::arm() {
  home_.timers().after(period_, [self = ref_ptr<stuck_watch>::share(this)] {
    self->tick_.store(1 + static_cast<std::uint32_t>(self->now().count() * ticks_a_second), std::memory_order_relaxed);
    if (!self->looking_.exchange(true)) {
      self->turns_.schedule(*self);
    }
    self->arm();
  });
}

std::optional<stuck_watch::duration> stuck_watch::too_long(const actor_cell::work& at) const {
  if (at.command == nullptr || stuck_after_.count() <= 0) {
    return std::nullopt;
  }
  // The clock may have stood still for a period when the handler began.
  const auto least = now() - duration{(at.since - 1) / ticks_a_second} - period_;
  return least >= stuck_after_ ? std::optional{least} : std::nullopt;
}

bool stuck_watch::run() {
  const auto begun = now();
  if (shard_ == 0 && begun - look_ended_ < look_took_ * share) {
    looking_ = false;
    return false;
  }
  if (shard_ == 0) {
    look_took_ = duration{0};
    found_.clear();
  }
  names_.look_at(shard_, [this](const std::string& name, const actor_cell& cell) {
    if (const auto at = cell.at_work(); at.command != nullptr && too_long(at)) {
      found_.push_back({name, *at.command, at});
    }
  });
  look_took_ += now() - begun;
  if (++shard_ < name_table::shard_count) {
    return true;
  }
  shard_ = 0;
  look_ended_ = now();
  for (const auto& one : found_) {
    const bool known = std::ranges::any_of(stuck_, [&](const stuck_actor& other) {
      return other.name == one.name && other.at.since == one.at.since && other.at.command == one.at.command;
    });
    if (!known) {
      home_.log(log_level::warning, fmt::format("{} has been at {} for more than {:.1f} s", one.name, one.command,
                                                stuck_after_.count()));
    }
  }
  {
    std::lock_guard lock{mutex_};
    stuck_ = std::move(found_);
  }
  found_.clear();
  looking_ = false;
  return false;
}

std::vector<stuck_watch::stuck_actor> stuck_watch::stuck() const {
  std::vector<stuck_actor> all;
  {
    std::lock_guard lock{mutex_};
    all = stuck_;
  }
  std::erase_if(all, [this](const stuck_actor& one) {
    const auto cell = names_.find(one.name);
    return !cell || cell->at_work().command != one.at.command || cell->at_work().since != one.at.since;
  });
  return all;
}

} // namespace troupe
