#include "runtime/link/outgoing_queue.hpp"

#include "runtime/link/frame.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <utility>

namespace troupe {

namespace {

constexpr std::size_t chunk_bytes = 256u << 10;
constexpr std::size_t express_bytes = 64u << 10;
// Used chunks that are kept, also when the link is idle.
constexpr std::size_t spare_chunks = 4;
// A long line goes on in chunks of one huge page: a fault for each 4 KiB would double the cost of a small frame.
constexpr std::size_t long_line = 4;
constexpr std::size_t long_line_chunk_bytes = 2u << 20;
// A frame as large as the bound would never find a busy link's queue quite empty.
constexpr std::size_t almost_empty_part = 64;
// Bytes kept back at most: the receiver works on them while the sender goes on.
constexpr std::size_t most_held = 4u << 10;
// A link that wrote less than this ago is in a burst: its writer collects.
constexpr auto calm = std::chrono::microseconds{8};

void append(frame_chunk& chunk, frame_type type, std::span<const std::uint8_t> payload) {
  auto* to = chunk.data.get() + chunk.end;
  write_frame_header(to, type, static_cast<std::uint32_t>(payload.size()));
  if (!payload.empty())
    std::memcpy(to + frame_header_bytes, payload.data(), payload.size());
  chunk.end += frame_header_bytes + payload.size();
}

std::unexpected<error> no_memory(std::size_t bytes) {
  return fail(error_code::unavailable, "no memory for an outgoing frame of " + std::to_string(bytes) + " bytes");
}

} // namespace

outgoing_queue::outgoing_queue(const link_options& options, waker wake, direct_writer write_now, holder hold)
    : max_frame_bytes_(std::min(options.max_frame_bytes, frame_length_limit)),
      max_queue_bytes_(options.max_queue_bytes), wake_(std::move(wake)), write_now_(std::move(write_now)),
      hold_(std::move(hold)) {}

result<> outgoing_queue::put(frame_type type, std::span<const std::uint8_t> payload, lane credit) {
  if (payload.size() > max_frame_bytes_)
    return fail(error_code::too_large, "a frame of " + std::to_string(payload.size()) +
                                         " bytes cannot be sent; the limit for a link is " +
                                         std::to_string(max_frame_bytes_) + " bytes");
  try {
    return frame_header_bytes + payload.size() > chunk_bytes ? put_large(type, payload, credit)
                                                             : put_small(type, payload, credit);
  } catch (const std::bad_alloc&) {
    return no_memory(payload.size());
  }
}

result<> outgoing_queue::admit(std::size_t frame_bytes, lane credit) {
  if (is_sealed_)
    return fail(error_code::unavailable, "the link is closed: " + sealed_);
  const auto queued = queued_bytes();
  const bool is_almost_empty = queued <= max_queue_bytes_ / almost_empty_part;
  if (credit == lane::ordinary && !is_almost_empty && queued + frame_bytes > max_queue_bytes_)
    return fail(error_code::mailbox_full, "the link's outgoing queue holds " + std::to_string(queued) + " of " +
                                            std::to_string(max_queue_bytes_) +
                                            " bytes; the peer does not keep up, try later");
  return {};
}

result<> outgoing_queue::put_small(frame_type type, std::span<const std::uint8_t> payload, lane credit) {
  const auto frame_bytes = frame_header_bytes + payload.size();
  std::lock_guard lock{mutex_};
  if (auto admitted = admit(frame_bytes, credit); !admitted)
    return admitted;
  auto* chunk = may_overtake(type) ? express_chunk(frame_bytes) : &open_chunk(frame_bytes);
  if (!chunk)
    return {};
  append(*chunk, type, payload);
  queued_.fetch_add(frame_bytes, std::memory_order_relaxed);
  if (writer_sleeps_)
    send_on(*chunk);
  return {};
}

frame_chunk* outgoing_queue::express_chunk(std::size_t frame_bytes) {
  if (!express_.data)
    express_ = frame_chunk::of(std::max(frame_bytes, std::size_t{256}));
  if (express_.room() >= frame_bytes)
    return &express_;
  const auto wanted = express_.end + std::max(frame_bytes, express_.end);
  if (wanted > express_bytes)
    return nullptr;
  auto larger = frame_chunk::of(wanted);
  std::memcpy(larger.data.get(), express_.data.get(), express_.end);
  larger.begin = express_.begin;
  larger.end = express_.end;
  express_ = std::move(larger);
  return &express_;
}

void outgoing_queue::send_on(frame_chunk& chunk) {
  // A ping must not wait, and with it leaves whatever was kept back too long.
  const bool is_express = &chunk == &express_;
  const bool is_alone = line_.empty() || (line_.size() == 1 && (!is_express || line_.front().is_empty()));
  if (!is_alone) {
    wake_writer();
    return;
  }
  if (!is_express && hold_ && hold_()) {
    if (chunk.unsent().size() >= most_held && !write_chunk(chunk))
      wake_writer();
    return;
  }
  if (!write_directly(chunk))
    wake_writer();
}

bool outgoing_queue::write_directly(frame_chunk& chunk) {
  if (!write_now_)
    return false;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_write_ < calm)
    return false;
  last_write_ = now;
  return write_chunk(chunk);
}

bool outgoing_queue::write_chunk(frame_chunk& chunk) {
  const auto count = write_now_(chunk.unsent());
  chunk.begin += count;
  sent(count);
  if (!chunk.is_empty())
    return false;
  chunk.begin = chunk.end = 0;
  return true;
}

void outgoing_queue::write_out() {
  std::lock_guard lock{mutex_};
  if (!writer_sleeps_ || line_.empty() || line_.front().is_empty())
    return;
  if (line_.size() > 1 || !write_chunk(line_.front()))
    wake_writer();
  else
    last_write_ = std::chrono::steady_clock::now();
}

result<> outgoing_queue::put_large(frame_type type, std::span<const std::uint8_t> payload, lane credit) {
  const auto frame_bytes = frame_header_bytes + payload.size();
  {
    std::lock_guard lock{mutex_};
    if (auto admitted = admit(frame_bytes, credit); !admitted)
      return admitted;
    queued_.fetch_add(frame_bytes, std::memory_order_relaxed);
  }
  // The copy takes milliseconds: the writer and the other senders must not wait for it.
  frame_chunk own;
  try {
    own = frame_chunk::of(frame_bytes);
  } catch (const std::bad_alloc&) {
    sent(frame_bytes);
    return no_memory(payload.size());
  }
  append(own, type, payload);
  std::lock_guard lock{mutex_};
  if (is_sealed_) {
    sent(frame_bytes);
    return fail(error_code::unavailable, "the link is closed: " + sealed_);
  }
  if (!line_.empty() && line_.back().is_empty())
    line_.pop_back();
  line_.push_back(std::move(own));
  wake_writer();
  return {};
}

frame_chunk& outgoing_queue::open_chunk(std::size_t frame_bytes) {
  if (!line_.empty() && line_.back().room() >= frame_bytes)
    return line_.back();
  if (line_.size() >= long_line) {
    line_.push_back(frame_chunk::of(long_line_chunk_bytes));
  } else if (spare_.empty()) {
    line_.push_back(frame_chunk::of(chunk_bytes));
  } else {
    line_.push_back(std::move(spare_.back()));
    spare_.pop_back();
  }
  return line_.back();
}

void outgoing_queue::wake_writer() {
  if (!std::exchange(writer_sleeps_, false))
    return;
  wake_();
}

bool outgoing_queue::next(frame_chunk& chunk) {
  auto used = std::exchange(chunk, {}); // a large one is freed after the lock
  std::lock_guard lock{mutex_};
  if (used.capacity == chunk_bytes && spare_.size() < spare_chunks) {
    used.begin = used.end = 0;
    spare_.push_back(std::move(used));
  }
  if (is_closed_)
    return false;
  const bool is_inside_frame = !line_.empty() && line_.front().begin > 0; // a sender wrote a part of it
  if (!express_.is_empty() && !is_inside_frame) {
    chunk = std::exchange(express_, {});
    return true;
  }
  if (!line_.empty() && !line_.front().is_empty()) {
    chunk = std::move(line_.front());
    line_.pop_front();
    return true;
  }
  writer_sleeps_ = true;
  last_write_ = std::chrono::steady_clock::now();
  return false;
}

void outgoing_queue::seal(const std::string& reason, const waker& first) {
  std::lock_guard lock{mutex_};
  if (std::exchange(is_sealed_, true))
    return;
  sealed_ = reason;
  first();
}

void outgoing_queue::close(const std::string& reason) {
  std::deque<frame_chunk> line;
  std::vector<frame_chunk> spare;
  std::lock_guard lock{mutex_};
  if (!std::exchange(is_sealed_, true))
    sealed_ = reason;
  is_closed_ = true;
  writer_sleeps_ = false;
  line.swap(line_);
  spare.swap(spare_);
  express_ = {};
}

} // namespace troupe
