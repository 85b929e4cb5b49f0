#pragma once

#include "runtime/link/frame_chunk.hpp"
#include "runtime/link/link.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace troupe {

/// The frames of one link that wait to be sent: any thread puts, one writer takes. Small frames are copied into shared
/// chunks, one after the other, without an allocation each; a large frame has a chunk of its own, filled outside the
/// lock. The bound counts from `put` until the writer says `sent`.
class outgoing_queue {
public:
  /// Runs under the lock, when the writer slept and there is something for it now: must be short, must not call back.
  using waker = std::function<void()>;

  /// Writes to the socket as much as it takes at once; runs under the lock, while the writer sleeps.
  using direct_writer = std::function<std::size_t(std::span<const std::uint8_t>)>;

  /// Runs under the lock, while the writer sleeps. True: the frame can wait, `write_out` will be called soon.
  using holder = std::function<bool()>;

  /// With `write_now`, a small frame that comes alone (the writer sleeps and nothing was written for some µs) is
  /// written by its sender: that saves an ask a change of threads. In a burst the writer has them all at once. With
  /// `hold` too, small frames wait for `write_out`, up to some KiB of them.
  outgoing_queue(const link_options& options, waker wake, direct_writer write_now = {}, holder hold = {});

  /// Appends a frame. `mailbox_full`: no room (ordinary lane only; a queue that holds at most 1/64 of its bound takes any
  /// frame within the limit); `too_large`; `unavailable`: sealed, closed, or no memory. Pings and pongs go before what waits; above 64 KiB of
  /// them they are dropped, since they prove nothing new.
  result<> put(frame_type type, std::span<const std::uint8_t> payload, lane credit);

  /// Writes what was kept back; what the socket does not take is left to the writer.
  void write_out();

  /// The writer's: gives back the chunk it has sent and takes the next. False: nothing waits, the writer sleeps and the
  /// next `put` wakes it.
  bool next(frame_chunk& chunk);

  /// The writer's: so many bytes left.
  void sent(std::size_t bytes) noexcept { queued_.fetch_sub(bytes, std::memory_order_relaxed); }

  /// No more frames are taken; those that wait are still sent. The reason is for those who try. The first call runs
  /// `first` as a waker is run.
  void seal(const std::string& reason, const waker& first);

  /// No more frames are taken nor given, and the waker is not called again.
  void close(const std::string& reason);

  /// After `close`: what was not sent.
  std::size_t queued_bytes() const noexcept { return queued_.load(std::memory_order_relaxed); }

private:
  result<> admit(std::size_t frame_bytes, lane credit);
  result<> put_small(frame_type type, std::span<const std::uint8_t> payload, lane credit);
  result<> put_large(frame_type type, std::span<const std::uint8_t> payload, lane credit);
  /// The chunk that has room for so many bytes more, at the end of the line.
  frame_chunk& open_chunk(std::size_t frame_bytes);
  /// The chunk of the pings and pongs; null when it has enough of them.
  frame_chunk* express_chunk(std::size_t frame_bytes);
  /// A frame was put into the chunk while the writer sleeps: writes it, keeps it back, or wakes the writer.
  void send_on(frame_chunk& chunk);
  /// True: all of the chunk, which is all there is, has left.
  bool write_directly(frame_chunk& chunk);
  bool write_chunk(frame_chunk& chunk);
  void wake_writer();

  const std::size_t max_frame_bytes_;
  const std::size_t max_queue_bytes_;
  const waker wake_;
  const direct_writer write_now_;
  const holder hold_;
  std::atomic<std::size_t> queued_ = 0;

  mutable std::mutex mutex_;
  std::deque<frame_chunk> line_;
  frame_chunk express_;
  std::vector<frame_chunk> spare_;
  std::string sealed_;
  bool is_sealed_ = false;
  bool is_closed_ = false;
  bool writer_sleeps_ = true;
  std::chrono::steady_clock::time_point last_write_{};
};

} // namespace troupe
