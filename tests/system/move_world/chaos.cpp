#include "tests/system/move_world/chaos.hpp"

#include <csignal>
#include <iostream>

namespace system_test {

chaos::chaos(const move_world& world, milliseconds period, unsigned seed)
    : world_(world), period_(period), random_(seed) {
  std::cout << "chaos with seed " << seed << std::endl;
  thread_ = std::thread([this] {
    auto next = clock::now() + period_;
    while (!stopping_) {
      // sleep: the pace of what goes wrong
      std::this_thread::sleep_for(20ms);
      if (clock::now() >= next) {
        if (is_quiet()) {
          act();
          next = clock::now() + period_;
        }
      }
    }
  });
}

chaos::~chaos() {
  stop();
}

void chaos::stop() {
  stopping_ = true;
  if (thread_.joinable()) {
    thread_.join();
  }
}

/// Whether what was done last is over: the process is back, and has been for a while. What a process knows to be in doubt
/// with another one is lost with itself if it dies before it could tell.
bool chaos::is_quiet() {
  constexpr auto rest = 700ms;
  if (harmed_.empty()) {
    return true;
  }
  const pid_t pid = world_.system().pid_of(harmed_);
  if (pid == 0 || pid == harmed_pid_) {
    back_since_ = clock::now();
    return false;
  }
  return since(back_since_) > rest;
}

void chaos::act() {
  const auto& node = world_.node(1 + random_() % (world_.nodes().size() - 1));
  const bool kills = random_() % 2 == 0;
  const pid_t pid = world_.system().pid_of(node);
  if (pid == 0) {
    return; // it is on its way back
  }
  harmed_ = node;
  harmed_pid_ = pid;
  back_since_ = clock::now();
  ::kill(pid, kills ? SIGKILL : SIGSTOP);
  ++(kills ? kills_ : stops_);
}

} // namespace system_test
