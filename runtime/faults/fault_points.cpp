#include "runtime/faults/fault_points.hpp"

#include <charconv>
#include <chrono>
#include <csignal>
#include <thread>

#include <unistd.h>

namespace troupe {

namespace {

constexpr std::string_view wait_action = "wait_ms:";

int wait_of(std::string_view action) {
  int ms = -1;
  if (action.starts_with(wait_action)) {
    std::from_chars(action.data() + wait_action.size(), action.data() + action.size(), ms);
  }
  return ms;
}

} // namespace

fault_points::actions fault_points::on_this_process(std::function<void()> disconnect) {
  return {[] { ::kill(::getpid(), SIGKILL); }, [] { ::kill(::getpid(), SIGSTOP); }, std::move(disconnect)};
}

result<> fault_points::arm(const std::string& point, const std::string& action, unsigned count) {
  if (action != "kill" && action != "stop" && action != "disconnect" && !action.empty() && wait_of(action) < 0) {
    return fail(error_code::bad_request, "the action of a fault is kill, stop, disconnect or wait_ms:<n>, not " + action);
  }
  std::lock_guard lock{mutex_};
  if (action.empty()) {
    traps_.erase(point);
  } else {
    traps_[point] = trap{action, count == 0 ? 1 : count};
  }
  armed_ = !traps_.empty();
  return {};
}

void fault_points::act(std::string_view point) {
  std::string action;
  {
    std::lock_guard lock{mutex_};
    auto at = traps_.find(point);
    if (at == traps_.end() || --at->second.left != 0) {
      return;
    }
    action = at->second.action;
    traps_.erase(at);
    armed_ = !traps_.empty();
  }
  if (action == "kill") {
    with_.kill();
  } else if (action == "stop") {
    with_.stop();
  } else if (action == "disconnect") {
    with_.disconnect();
  } else {
    std::this_thread::sleep_for(std::chrono::milliseconds{wait_of(action)}); // sleep: that is what the test asked for
  }
}

} // namespace troupe
