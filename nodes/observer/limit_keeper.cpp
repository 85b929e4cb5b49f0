#include "limit_keeper.hpp"

#include <algorithm>
#include <utility>

#include <sys/epoll.h>

namespace troupe {
namespace {

constexpr std::chrono::milliseconds cpu_interval{100};
constexpr std::chrono::milliseconds news_interval{5}; ///< the kernel tells of the limit before it has killed
constexpr int most_looks_after_news = 200;
constexpr std::chrono::milliseconds disk_step{5};
constexpr std::chrono::milliseconds disk_pause{500};

guard_means means_of(const std::string& wish) {
  return wish == "polling" ? guard_means::polling : wish == "cgroup_v1" ? guard_means::cgroup_v1 : guard_means::cgroup_v2;
}

} // namespace

limit_keeper::limit_keeper(event_loop& loop, const run_plan& plan, std::function<void(stop_cause)> on_passed,
                           std::function<void()> on_near)
    : loop_(loop), plan_(plan), on_passed_(std::move(on_passed)), on_near_(std::move(on_near)),
      guard_(make_resource_guard(plan.id, {plan.memory_limit, plan.process_limit}, means_of(plan.guard))),
      disk_(work_folder_of(plan.folder)) {}

limit_keeper::~limit_keeper() {
  (void)end();
}

void limit_keeper::begin() {
  if (plan_.memory_limit && guard_->news() >= 0) {
    watches_news_ = true;
    loop_.watch(guard_->news(), EPOLLIN, [this](std::uint32_t) { hear_news(); });
  }
  if (plan_.cpu_limit || guard_->interval()) {
    look();
  }
  if (plan_.disk_limit) {
    look_at_disk();
  }
}

void limit_keeper::hear_news() {
  on_near_();
  guard_->take_news();
  looks_after_news_ = most_looks_after_news;
  look();
}

void limit_keeper::look() {
  const auto use = guard_->look();
  if (plan_.memory_limit && use.out_of_memory) {
    tell(stop_cause::memory);
    return;
  }
  if (use.too_many_processes) {
    tell(stop_cause::processes);
    return;
  }
  if (plan_.cpu_limit && use.cpu > *plan_.cpu_limit) {
    tell(stop_cause::cpu);
    return;
  }
  if (looks_after_news_ > 0) {
    --looks_after_news_;
    look_again(news_interval);
  } else if (const auto interval = guard_->interval()) {
    look_again(*interval);
  } else if (plan_.cpu_limit) {
    look_again(cpu_interval);
  }
}

void limit_keeper::look_again(std::chrono::milliseconds pause) {
  if (next_look_) {
    loop_.cancel(*next_look_);
  }
  next_look_ = loop_.after(pause, [this] {
    next_look_.reset();
    look();
  });
}

void limit_keeper::look_at_disk() {
  const auto bytes = disk_.step();
  if (bytes && *bytes > *plan_.disk_limit) {
    tell(stop_cause::disk);
    return;
  }
  next_disk_look_ = loop_.after(bytes ? disk_pause : disk_step, [this] {
    next_disk_look_.reset();
    look_at_disk();
  });
}

void limit_keeper::tell(stop_cause why) {
  (void)end();
  on_passed_(why);
}

resource_use limit_keeper::end() {
  for (auto* timer : {&next_look_, &next_disk_look_}) {
    if (*timer) {
      loop_.cancel(**timer);
      timer->reset();
    }
  }
  if (std::exchange(watches_news_, false)) {
    loop_.forget(guard_->news());
  }
  return guard_->look();
}

} // namespace troupe
