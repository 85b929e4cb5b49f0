#pragma once

#include <troupe/result.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace troupe {

/// What a frame carries; the byte on the wire. The link does not look at payloads.
enum class frame_type : std::uint8_t {
  hello = 1, ///< who I am; first on every connection
  accepted,  ///< the answer to a hello: this connection is the pair's link
  refused,   ///< the answer to a hello: another connection is, or the peer is not welcome; payload: reason
  message,   ///< one message for an actor
  control,   ///< routing, verdicts, welcome: a JSON object as CBOR
  ping,      ///< proof of life wanted
  pong,
  barrier, ///< everything before this has been handed over; asks for `barrier_ack`
  barrier_ack,
};

/// Whose credit a frame uses. Only `ordinary` frames can be refused for want of room.
enum class lane : std::uint8_t {
  ordinary, ///< messages that somebody sends
  answer,   ///< answers and forwarded messages: bounded by what was asked
  control,
};

class link;

/// Who receives from a link. Called on the transport's thread, never twice at once for one link.
class link_handler {
public:
  virtual ~link_handler() = default;
  /// Before anything else. Keep the pointer to send.
  virtual void on_open(std::shared_ptr<link> opened) = 0;
  /// Around the frames of one piece that was read from the socket: what they wake may wait for the end.
  virtual void on_piece_begin() noexcept {}
  virtual void on_piece_end() noexcept {}
  /// `payload` is valid during the call only.
  virtual void on_frame(frame_type type, std::span<const std::uint8_t> payload) = 0;
  /// The last call, once: everything that was received has been handed over.
  virtual void on_closed(const std::string& reason) = 0;
};

/// One connection that carries frames in order, both ways. Thread-safe.
class link {
public:
  virtual ~link() = default;

  /// Puts a frame behind the others; only `ping` and `pong` may overtake whole frames. Never blocks. Fails with
  /// `mailbox_full` when the outgoing queue is full (ordinary lane only), `too_large` above the frame limit,
  /// `unavailable` after the close.
  virtual result<> send(frame_type type, std::span<const std::uint8_t> payload, lane credit) = 0;

  /// The peer is who it should be: from now on frames up to `max_frame_bytes` are taken from it, and the hello deadline
  /// no longer holds. May be called in `on_open` (an inherited socket) or when the hello was checked.
  virtual void trust() = 0;

  /// Sends what is queued, then closes; `on_closed` follows with this reason. What the peer had on its way still
  /// arrives before it. A peer that takes nothing for `close_grace` is cut off. The first reason counts.
  virtual void close(const std::string& reason) = 0;

  /// When the last byte arrived (pieces of a large frame count).
  virtual std::chrono::steady_clock::time_point last_received() const noexcept = 0;

  /// Bytes that wait to be sent.
  virtual std::size_t queued_bytes() const noexcept = 0;
};

struct link_options {
  std::size_t max_frame_bytes = (64u << 20) + (64u << 10); ///< a length above it closes the link before memory is taken
  std::size_t max_queue_bytes = 64u << 20;                 ///< ordinary frames are refused above it
  std::size_t max_hello_bytes = 64u << 10;                 ///< the limit until `trust()` was called for the link
  std::chrono::milliseconds hello_deadline{5000};          ///< a link that is not trusted by then is closed
  std::chrono::milliseconds close_grace{1000};      ///< how long a closing link waits for a peer that does nothing
  std::function<void(const std::string&)> log = {}; ///< what no handler hears: refused peers, failed accepts
};

/// Listens until destroyed; the socket file goes with it.
class link_listener {
public:
  virtual ~link_listener() = default;
};

/// Makes links over stream sockets. Links it made may be held longer; they are closed when it ends.
class link_transport {
public:
  virtual ~link_transport() = default;

  /// Takes over a connected stream socket. `on_open` follows on the transport's thread (after the end of the transport:
  /// `on_closed` at once).
  virtual void adopt(int socket, std::shared_ptr<link_handler> handler) = 0;

  /// Connects to a unix socket and adopts the connection; a failure is returned at once.
  virtual result<> dial(const std::string& path, std::shared_ptr<link_handler> handler) = 0;

  /// Accepts on a unix socket (mode 0600), peers of the own user (or root) only; `make_handler` is asked once for each.
  virtual result<std::unique_ptr<link_listener>>
  listen(const std::string& path, std::function<std::shared_ptr<link_handler>()> make_handler) = 0;
};

} // namespace troupe
