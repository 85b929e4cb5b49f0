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
        act();
        next = clock::now() + period_;
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

void chaos::act() {
  const auto& node = world_.node(1 + random_() % (world_.nodes().size() - 1));
  const bool kills = random_() % 2 == 0;
  const pid_t pid = world_.system().pid_of(node);
  if (pid == 0) {
    return; // it is on its way back
  }
  ::kill(pid, kills ? SIGKILL : SIGSTOP);
  ++(kills ? kills_ : stops_);
}

} // namespace system_test
