#pragma once

#include <runtime/process_host/process_host.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace troupe {

/// A child that exists only in a test. The test plays its part with `line` and `end`, on the test's own thread.
class fake_child : public child {
public:
  fake_child(pid_t pid, spawn_request what, child_events events)
      : request(std::move(what)), pid_(pid), events_(std::move(events)) {}

  pid_t pid() const noexcept override { return pid_; }

  void signal(int number) override {
    if (!ended_) {
      signals.push_back(number);
      if (on_signal) {
        on_signal(number);
      }
    }
  }

  void line(child_stream stream, std::string text) {
    if (!ended_ && events_.on_line) {
      events_.on_line(stream, std::move(text));
    }
  }

  void end(child_end how) {
    if (!std::exchange(ended_, true) && events_.on_end) {
      events_.on_end(how);
    }
  }

  spawn_request request;
  std::vector<int> signals;
  std::function<void(int)> on_signal;

private:
  pid_t pid_;
  child_events events_;
  bool ended_ = false;
};

/// Records what was started or adopted; starts nothing.
class fake_process_host : public process_host {
public:
  result<std::shared_ptr<child>> spawn(const spawn_request& what, child_events events) override {
    std::lock_guard guard{mutex_};
    if (next_failure_) {
      return std::unexpected(*std::exchange(next_failure_, {}));
    }
    auto made = std::make_shared<fake_child>(next_pid_++, what, std::move(events));
    children_.push_back(made);
    return made;
  }

  result<std::shared_ptr<child>> adopt(const adopt_request& what, child_events events) override {
    std::lock_guard guard{mutex_};
    if (next_failure_) {
      return std::unexpected(*std::exchange(next_failure_, {}));
    }
    spawn_request as_if;
    as_if.argv = what.argv;
    auto made = std::make_shared<fake_child>(what.pid, std::move(as_if), std::move(events));
    children_.push_back(made);
    return made;
  }

  void fail_next(error why) {
    std::lock_guard guard{mutex_};
    next_failure_ = std::move(why);
  }

  std::vector<std::shared_ptr<fake_child>> children() const {
    std::lock_guard guard{mutex_};
    return children_;
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<fake_child>> children_;
  std::optional<error> next_failure_;
  pid_t next_pid_ = 1'000'000'000;
};

} // namespace troupe
