#pragma once

#include <troupe/result.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>

namespace troupe {

/// A script's standard input as its node keeps it: writes wait here until the script reads, pieces go to the observer
/// as far as its window reaches, and each write is answered when the script's pipe has all of it. Pure.
class input_queue {
public:
  using answer = std::function<void(result<std::size_t>)>;

  static constexpr std::size_t window = 256 * 1024;
  static constexpr std::size_t piece_limit = 64 * 1024;
  /// One write may have any size; another is taken only while less than this waits.
  static constexpr std::size_t queue_limit = 1024 * 1024;

  explicit input_queue(bool is_open)
      : closed_(is_open ? "" : "the script was started without an open standard input") {}

  void write(std::string bytes, answer done) {
    if (!closed_.empty()) {
      done(fail(error_code::conflict, "cannot write to the script's standard input: " + closed_));
    } else if (waiting() >= queue_limit) {
      done(fail(error_code::mailbox_full, "cannot write to the script's standard input: " + std::to_string(waiting()) +
                                            " bytes wait already; write again when they were read"));
    } else {
      accepted_ += bytes.size();
      const auto size = bytes.size();
      writes_.push_back({std::move(bytes), size, accepted_, std::move(done)});
      settle();
    }
  }

  /// The next piece for the observer; empty if there is none, or the window is full.
  std::string next_piece() {
    const auto room = std::min<std::uint64_t>(window - (sent_ - taken_), piece_limit);
    for (auto& one : writes_) {
      if (one.end > sent_ && room > 0) {
        const auto offset = one.size - (one.end - sent_);
        auto piece = one.bytes.substr(offset, room);
        sent_ += piece.size();
        if (sent_ == one.end) {
          one.bytes = {};
        }
        return piece;
      }
    }
    return {};
  }

  void taken(std::uint64_t total) {
    taken_ = std::clamp(total, taken_, sent_);
    settle();
  }

  /// The user's end of input. False (with the reason in `closed_reason`) if it was closed before.
  bool close() {
    if (!closed_.empty()) {
      return false;
    }
    closed_ = "it was closed before";
    return true;
  }

  /// Once: the end of input is to be told, everything before it was sent.
  bool close_is_due() { return wants_close() && !std::exchange(close_told_, true); }

  /// The script takes no more; all that waits fails.
  void broken(const std::string& reason) {
    closed_ = reason;
    close_told_ = true;
    auto failed = std::exchange(writes_, {});
    sent_ = taken_ = accepted_;
    for (auto& one : failed) {
      one.done(fail(error_code::conflict, "cannot write to the script's standard input: " + reason));
    }
  }

  const std::string& closed_reason() const noexcept { return closed_; }
  std::uint64_t waiting() const noexcept { return accepted_ - taken_; }

private:
  struct entry {
    std::string bytes;
    std::size_t size;
    std::uint64_t end; // in the stream
    answer done;
  };

  bool wants_close() const { return !closed_.empty() && sent_ == accepted_; }

  void settle() {
    while (!writes_.empty() && writes_.front().end <= taken_) {
      auto first = std::move(writes_.front());
      writes_.pop_front();
      first.done(first.size);
    }
  }

  std::deque<entry> writes_;
  std::uint64_t accepted_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t taken_ = 0;
  std::string closed_;
  bool close_told_ = false;
};

} // namespace troupe
