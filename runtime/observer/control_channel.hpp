#pragma once

#include <runtime/observer/control_frame.hpp>
#include <runtime/process/event_loop.hpp>
#include <runtime/process/unique_fd.hpp>

#include <functional>
#include <memory>
#include <string>

namespace troupe {

/// One end of a control socket on an event loop; loop thread only. `on_closed` comes once, when the peer is gone or
/// sent nonsense, not after `close`. Callbacks may close the channel, but not destroy it.
class control_channel {
public:
  struct handlers {
    std::function<void(const control_frame&)> on_frame;
    std::function<void(std::string reason)> on_closed;
    std::function<void()> on_drained; ///< everything that was sent is in the socket
  };

  control_channel(event_loop& loop, unique_fd socket, handlers what);
  ~control_channel();

  bool is_open() const noexcept { return static_cast<bool>(socket_); }
  void send(std::string frame);
  /// Hands on what has arrived by now, without waiting for the loop.
  void read_rest();
  /// Bytes that wait for the peer.
  std::size_t pending() const noexcept { return outgoing_.size() - written_; }
  void close();

private:
  void serve(std::uint32_t events);
  bool read();
  bool deliver();
  void write();
  void end(std::string reason);

  event_loop& loop_;
  unique_fd socket_;
  handlers handlers_;
  control_decoder decoder_;
  std::string outgoing_;
  std::size_t written_ = 0;
  bool waits_for_room_ = false;
};

} // namespace troupe
