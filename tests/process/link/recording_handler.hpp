#pragma once

#include "runtime/link/link.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace troupe::testing {

/// Remembers what a link told it and lets a test wait for it.
class recording_handler final : public link_handler {
public:
  using bytes = std::vector<std::uint8_t>;
  struct frame {
    frame_type type;
    bytes payload; ///< left empty above 64 KiB
    std::size_t size;
  };
  using frame_hook = std::function<void(link&, frame_type, std::span<const std::uint8_t>)>;

  /// `trusts`: trust() is called in on_open. `hook` runs for each frame, on the transport's thread.
  explicit recording_handler(bool trusts = true, frame_hook hook = {}) : trusts_(trusts), hook_(std::move(hook)) {}

  void on_open(std::shared_ptr<link> opened) override {
    if (trusts_)
      opened->trust();
    std::lock_guard lock{mutex_};
    link_ = std::move(opened);
    changed_.notify_all();
  }

  void on_frame(frame_type type, std::span<const std::uint8_t> payload) override {
    if (hook_)
      hook_(*link_, type, payload);
    std::lock_guard lock{mutex_};
    frames_.push_back({type, payload.size() > 65536 ? bytes{} : bytes(payload.begin(), payload.end()), payload.size()});
    changed_.notify_all();
  }

  void on_closed(const std::string& reason) override {
    std::lock_guard lock{mutex_};
    frames_at_close_ = frames_.size();
    reasons_.push_back(reason);
    changed_.notify_all();
  }

  std::shared_ptr<link> opened() {
    wait([&] { return link_ != nullptr; });
    std::lock_guard lock{mutex_};
    return link_;
  }

  bool has_frames(std::size_t count) {
    return wait([&] { return frames_.size() >= count; });
  }

  bool is_closed() {
    return wait([&] { return !reasons_.empty(); });
  }

  std::vector<frame> frames() {
    std::lock_guard lock{mutex_};
    return frames_;
  }
  std::vector<std::string> reasons() {
    std::lock_guard lock{mutex_};
    return reasons_;
  }
  std::string reason() { return is_closed() ? reasons().front() : "(still open)"; }
  std::size_t frames_at_close() {
    std::lock_guard lock{mutex_};
    return frames_at_close_;
  }

private:
  bool wait(const std::function<bool()>& condition) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{20}, condition);
  }

  const bool trusts_;
  const frame_hook hook_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<link> link_;
  std::vector<frame> frames_;
  std::vector<std::string> reasons_;
  std::size_t frames_at_close_ = 0;
};

} // namespace troupe::testing
