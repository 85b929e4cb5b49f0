#include <runtime/process/event_loop.hpp>

#include <array>
#include <cerrno>
#include <system_error>

#include <sys/epoll.h>
#include <sys/eventfd.h>

namespace troupe {

event_loop::event_loop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!epoll_ || !wake_) {
    throw std::system_error(errno, std::generic_category(), "cannot make an epoll loop");
  }
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = 0;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event);
}

event_loop::~event_loop() = default;

void event_loop::run() {
  std::array<epoll_event, 64> events;
  while (!stopped_.load(std::memory_order_acquire)) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), wait_ms());
    for (int i = 0; i < count; ++i) {
      if (events[i].data.u64 == 0) {
        std::uint64_t ignored = 0;
        (void)!::read(wake_.get(), &ignored, sizeof ignored);
        continue;
      }
      const auto found = watchers_.find(events[i].data.u64);
      if (found != watchers_.end()) {
        const auto alive = found->second;
        alive->handle(events[i].events);
      }
    }
    run_timers();
    run_posted();
  }
}

void event_loop::stop() {
  stopped_.store(true, std::memory_order_release);
  const std::uint64_t one = 1;
  (void)!::write(wake_.get(), &one, sizeof one);
}

void event_loop::post(std::function<void()> what) {
  bool was_empty = false;
  {
    std::lock_guard guard{mutex_};
    was_empty = posted_.empty();
    posted_.push_back(std::move(what));
  }
  if (was_empty) {
    const std::uint64_t one = 1;
    (void)!::write(wake_.get(), &one, sizeof one);
  }
}

void event_loop::watch(int fd, std::uint32_t events, handler what) {
  forget(fd);
  const std::uint64_t id = next_id_++;
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot watch a descriptor");
  }
  watchers_[id] = std::make_shared<watcher>(fd, std::move(what));
  ids_[fd] = id;
}

void event_loop::change(int fd, std::uint32_t events) {
  const auto found = ids_.find(fd);
  if (found != ids_.end()) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = found->second;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
  }
}

void event_loop::forget(int fd) {
  const auto found = ids_.find(fd);
  if (found != ids_.end()) {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
    watchers_.erase(found->second);
    ids_.erase(found);
  }
}

event_loop::timer_id event_loop::after(std::chrono::nanoseconds time, std::function<void()> what) {
  const timer_id id{std::chrono::steady_clock::now() + time, next_id_++};
  timers_.emplace(id, std::move(what));
  return id;
}

void event_loop::cancel(timer_id id) {
  timers_.erase(id);
}

int event_loop::wait_ms() const {
  if (timers_.empty()) {
    return -1;
  }
  const auto left = timers_.begin()->first.first - std::chrono::steady_clock::now();
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return ms <= 0 ? 0 : ms > 60'000 ? 60'000 : static_cast<int>(ms);
}

void event_loop::run_timers() {
  const auto now = std::chrono::steady_clock::now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    auto due = timers_.extract(timers_.begin());
    due.mapped()();
  }
}

void event_loop::run_posted() {
  std::vector<std::function<void()>> todo;
  {
    std::lock_guard guard{mutex_};
    todo.swap(posted_);
  }
  for (auto& what : todo) {
    what();
  }
}

} // namespace troupe
