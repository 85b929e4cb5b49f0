#pragma once

#include "runtime/door/door.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace troupe {

inline message_ptr make_answer(std::string command, json body = nullptr, address sender = {}) {
  message_fields fields;
  fields.command = std::move(command);
  fields.body = std::move(body);
  fields.recipient = address{"_1"};
  fields.sender = std::move(sender);
  fields.number = 1;
  fields.origin = std::make_shared<const std::string>("king.first.main");
  return std::make_shared<const message>(std::move(fields));
}

/// A door with a function behind it in place of actors. Answers at once, or on a thread of its own like the engine.
/// `on_ask` may return null: then nobody answers until `release()`.
class fake_door final : public door {
public:
  explicit fake_door(bool threaded = false) {
    if (threaded) {
      thread_ = std::thread([this] { work(); });
    }
  }
  ~fake_door() override {
    if (thread_.joinable()) {
      {
        const std::lock_guard lock(mutex_);
        ends_ = true;
      }
      wake_.notify_all();
      thread_.join();
    }
  }

  std::function<message_ptr(const request&)> on_ask = [](const request&) { return make_answer("is_not_handled"); };
  std::function<result<>(const request&)> on_send = [](const request&) { return result<>{}; };

  const std::string& system() const noexcept override { return system_; }
  const std::string& node() const noexcept override { return node_; }
  const std::string& head() const noexcept override { return head_; }

  result<> send(request what) override {
    const std::lock_guard lock(mutex_);
    sent_.push_back(what);
    return on_send(what);
  }

  void ask(request what, std::function<void(message_ptr)> done) override {
    if (!thread_.joinable()) {
      asked_.push_back(what);
      run(what, done);
      return;
    }
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(what);
      queue_.emplace_back(std::move(what), std::move(done));
    }
    wake_.notify_all();
  }

  /// Answers everything that was held back.
  void release(message_ptr answer) {
    std::vector<std::function<void(message_ptr)>> held;
    {
      const std::lock_guard lock(mutex_);
      held = std::exchange(held_, {});
    }
    for (const auto& done : held) {
      done(answer);
    }
  }

  std::vector<request> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::vector<request> sent() const {
    const std::lock_guard lock(mutex_);
    return sent_;
  }
  /// False if fewer than `count` questions were held back within ten seconds.
  bool waits_until_held(std::size_t count = 1) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, std::chrono::seconds(10), [&] { return held_.size() >= count; });
  }

private:
  void run(const request& what, const std::function<void(message_ptr)>& done) {
    if (auto answer = on_ask(what)) {
      done(std::move(answer));
    } else {
      const std::lock_guard lock(mutex_);
      held_.push_back(done);
      wake_.notify_all();
    }
  }

  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return ends_ || !queue_.empty(); });
      if (ends_) {
        return;
      }
      auto [what, done] = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      run(what, done);
      done = nullptr;
      lock.lock();
    }
  }

  const std::string system_ = "king";
  const std::string node_ = "first.main.admin";
  const std::string head_ = "first.main.admin";
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::pair<request, std::function<void(message_ptr)>>> queue_;
  std::vector<std::function<void(message_ptr)>> held_;
  std::vector<request> asked_;
  std::vector<request> sent_;
  bool ends_ = false;
  std::thread thread_;
};

} // namespace troupe
