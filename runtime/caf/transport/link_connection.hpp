#pragma once

#include "runtime/link/frame_reader.hpp"
#include "runtime/link/link.hpp"
#include "runtime/link/outgoing_queue.hpp"
#include "runtime/link/send_batch.hpp"

#include <caf/actor.hpp>
#include <caf/atom.hpp>
#include <caf/behavior.hpp>
#include <caf/intrusive_ptr.hpp>
#include <caf/io/fwd.hpp>
#include <caf/io/network/multiplexer.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace troupe {

class link_scribe;
class transport_core;

/// A link over one socket. `link`'s functions may be called on any thread; all others run on the event loop of CAF.
/// Its broker owns the scribe (and thereby the socket), hears of the loss of the connection, and has the deadlines.
/// It ends once, by `end`: the queue is closed (no wake-up comes after that), the handler hears `on_closed` and is
/// released, then the broker is finished and the socket closed.
class link_connection final : public link,
                              public batched_sender,
                              public std::enable_shared_from_this<link_connection> {
public:
  link_connection(std::shared_ptr<transport_core> core, int socket, std::shared_ptr<link_handler> handler);
  ~link_connection() override;

  result<> send(frame_type type, std::span<const std::uint8_t> payload, lane credit) override;
  void trust() override;
  void close(const std::string& reason) override;
  std::chrono::steady_clock::time_point last_received() const noexcept override;
  std::size_t queued_bytes() const noexcept override;
  void write_out() override;

  /// The body of the link's broker.
  static caf::behavior broker(caf::io::broker* self, std::shared_ptr<link_connection> connection);

  /// Bytes arrived. False: nothing more is wanted.
  bool received(std::span<const std::uint8_t> bytes);
  /// CAF has written a part of what it was given.
  void transferred(std::size_t written, std::size_t remaining);
  /// Sends what waits as far as the socket takes it.
  void pump();
  void end(const std::string& reason);

private:
  enum class stage { starting, open, closing, half_closed, ended };
  class pump_job;

  void start(caf::io::broker* self);
  void begin_close();
  void finish_flush();
  /// False: the socket takes no more now, or failed.
  bool write_current();
  void give_slice();
  void write_failed(int failure);
  /// CAF saw the end of the stream or a failure: takes what is still in the socket, then ends.
  void lost();
  int drain();
  /// Puts bytes of a large frame where they belong, without CAF's buffer between.
  bool receive_body();
  bool hand_over(link_handler& handler, frame_type type, std::span<const std::uint8_t> payload);
  void deadline(int kind);
  void release();
  void touch() noexcept;
  std::string close_reason() const;

  const std::shared_ptr<transport_core> core_;
  const int socket_;
  outgoing_queue queue_;
  std::atomic<std::int64_t> last_received_;
  std::atomic<bool> is_trusted_ = false;
  caf::intrusive_ptr<pump_job> job_;

  // The loop's.
  std::shared_ptr<link_handler> handler_;
  frame_reader reader_;
  stage stage_ = stage::starting;
  caf::actor broker_;
  caf::intrusive_ptr<link_scribe> scribe_;
  frame_chunk current_;
  bool caf_writes_ = false;
  bool has_peer_ended_ = false;
  std::uint64_t sent_bytes_ = 0;
  std::uint64_t sent_at_deadline_ = 0;
  std::string close_reason_;
};

} // namespace troupe
