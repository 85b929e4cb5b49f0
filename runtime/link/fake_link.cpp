#include "runtime/link/fake_link.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

fake_link::fake_link(fake_link_network& network, link_options options, std::shared_ptr<link_handler> handler)
    : network_(network), options_(std::move(options)), handler_(std::move(handler)),
      limit_(std::min(options_.max_hello_bytes, options_.max_frame_bytes)), last_received_(network.now()) {}

result<> fake_link::send(frame_type type, std::span<const std::uint8_t> payload, lane credit) {
  if (payload.size() > options_.max_frame_bytes)
    return fail(error_code::too_large, "a frame of " + std::to_string(payload.size()) + " bytes cannot be sent");
  std::lock_guard lock{mutex_};
  if (is_sealed_)
    return fail(error_code::unavailable, "the link is closed: " + close_reason_);
  const auto bound = options_.max_queue_bytes;
  if (credit == lane::ordinary && queued_ > bound / 64 && queued_ + payload.size() > bound)
    return fail(error_code::mailbox_full, "the link's outgoing queue is full");
  std::pair<frame_type, bytes> frame{type, bytes(payload.begin(), payload.end())};
  queued_ += payload.size();
  if (type == frame_type::ping || type == frame_type::pong)
    line_.push_front(std::move(frame));
  else
    line_.push_back(std::move(frame));
  if (is_joined_)
    network_.post([self = shared_from_this()] { self->deliver_next(); });
  return {};
}

void fake_link::trust() {
  std::lock_guard lock{mutex_};
  limit_ = options_.max_frame_bytes;
}

void fake_link::close(const std::string& reason) {
  std::lock_guard lock{mutex_};
  if (std::exchange(is_sealed_, true))
    return;
  close_reason_ = reason;
  network_.post([self = shared_from_this(), reason] {
    const auto peer = self->peer_.lock();
    self->deliver_all();
    if (peer)
      peer->deliver_all();
    self->end(reason);
    if (peer)
      peer->end("the peer closed the connection");
  });
}

std::chrono::steady_clock::time_point fake_link::last_received() const noexcept {
  std::lock_guard lock{mutex_};
  return last_received_;
}

std::size_t fake_link::queued_bytes() const noexcept {
  std::lock_guard lock{mutex_};
  return queued_;
}

void fake_link::open() {
  if (const auto handler = handler_) // none: cut before it opened
    handler->on_open(shared_from_this());
}

void fake_link::join(const std::shared_ptr<fake_link>& peer) {
  std::lock_guard lock{mutex_};
  peer_ = peer;
  is_joined_ = true;
  for (std::size_t i = 0; i < line_.size(); ++i)
    network_.post([self = shared_from_this()] { self->deliver_next(); });
}

void fake_link::deliver_all() {
  while (deliver_next()) {
  }
}

bool fake_link::deliver_next() {
  std::shared_ptr<fake_link> peer;
  std::pair<frame_type, bytes> frame;
  {
    std::lock_guard lock{mutex_};
    peer = peer_.lock();
    if (line_.empty() || is_ended_ || !peer)
      return false;
    frame = std::move(line_.front());
    line_.pop_front();
    queued_ -= frame.second.size();
  }
  peer->receive(frame.first, frame.second);
  return true;
}

void fake_link::receive(frame_type type, const bytes& payload) {
  std::shared_ptr<link_handler> handler;
  bool is_too_large = false;
  {
    std::lock_guard lock{mutex_};
    if (is_ended_)
      return;
    is_too_large = payload.size() > limit_;
    last_received_ = network_.now();
    handler = handler_;
  }
  if (!is_too_large)
    return handler->on_frame(type, payload);
  const auto peer = peer_.lock();
  end("the peer announced a frame of " + std::to_string(payload.size()) + " bytes; it is above the limit");
  if (peer)
    peer->end("the peer closed the connection");
}

void fake_link::stop(const std::string& reason) {
  network_.post([held = peer_] {
    if (const auto peer = held.lock())
      peer->end("the peer closed the connection");
  });
  end(reason);
}

void fake_link::end(const std::string& reason) {
  std::shared_ptr<link_handler> handler;
  {
    std::lock_guard lock{mutex_};
    if (std::exchange(is_ended_, true))
      return;
    if (!std::exchange(is_sealed_, true))
      close_reason_ = reason;
    line_.clear();
    queued_ = 0;
    handler = std::exchange(handler_, nullptr);
  }
  handler->on_closed(close_reason_.empty() ? reason : close_reason_);
}

} // namespace troupe
