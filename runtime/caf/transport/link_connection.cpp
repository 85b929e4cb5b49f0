#include "runtime/caf/transport/link_connection.hpp"

#include "runtime/caf/transport/link_scribe.hpp"
#include "runtime/caf/transport/transport_core.hpp"
#include "runtime/caf/transport/unix_socket.hpp"

#include <caf/io/broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/send.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <vector>

namespace troupe {

namespace {

using deadline_atom = caf::atom_constant<caf::atom("lnkdeadln")>;

constexpr int hello_deadline = 0;
constexpr int close_deadline = 1;

constexpr std::size_t read_bytes = 64u << 10;
// What CAF holds at most; larger pieces would stay in its buffers for ever.
constexpr std::size_t slice_bytes = 256u << 10;
// After so much in one go the other links of the loop have their turn.
constexpr std::size_t turn_bytes = 4u << 20;
// A peer that reads nothing cannot be drained for ever.
constexpr std::size_t drain_bytes = 16u << 20;

} // namespace

/// Wakes the writer without an allocation. Holds no link: a wake-up may come after its end.
class link_connection::pump_job final : public caf::io::network::multiplexer::runnable {
public:
  explicit pump_job(std::weak_ptr<link_connection> connection) : connection_(std::move(connection)) {}

  resume_result resume(caf::execution_unit*, std::size_t) override {
    if (auto connection = connection_.lock())
      connection->pump();
    return done;
  }

private:
  const std::weak_ptr<link_connection> connection_;
};

link_connection::link_connection(std::shared_ptr<transport_core> core, int socket,
                                 std::shared_ptr<link_handler> handler)
    : core_(std::move(core)), socket_(socket),
      queue_(
        core_->options(),
        [this] {
          job_->ref();
          core_->loop().exec_later(job_.get());
        },
        [this](std::span<const std::uint8_t> bytes) {
          const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
          return count > 0 ? static_cast<std::size_t>(count) : 0; // a failure is the writer's to find
        },
        [this] { return send_batch::is_open() && send_batch::hold(shared_from_this()); }),
      handler_(std::move(handler)),
      reader_(std::min(core_->options().max_hello_bytes, core_->options().max_frame_bytes)) {
  touch();
}

link_connection::~link_connection() = default;

result<> link_connection::send(frame_type type, std::span<const std::uint8_t> payload, lane credit) {
  return queue_.put(type, payload, credit);
}

void link_connection::trust() {
  is_trusted_.store(true, std::memory_order_relaxed);
  reader_.limit(core_->options().max_frame_bytes);
}

void link_connection::close(const std::string& reason) {
  queue_.seal(reason, [this, &reason] {
    core_->loop().post([self = shared_from_this(), reason] {
      if (self->stage_ == stage::ended || !self->close_reason_.empty())
        return;
      self->close_reason_ = reason.empty() ? "the link was closed" : reason;
      if (self->stage_ == stage::open)
        self->begin_close();
    });
  });
}

std::chrono::steady_clock::time_point link_connection::last_received() const noexcept {
  using clock = std::chrono::steady_clock;
  return clock::time_point{clock::duration{last_received_.load(std::memory_order_relaxed)}};
}

std::size_t link_connection::queued_bytes() const noexcept {
  return queue_.queued_bytes();
}

void link_connection::write_out() { queue_.write_out(); }

void link_connection::touch() noexcept {
  last_received_.store(std::chrono::steady_clock::now().time_since_epoch().count(), std::memory_order_relaxed);
}

caf::behavior link_connection::broker(caf::io::broker* self, std::shared_ptr<link_connection> connection) {
  if (connection->stage_ == stage::ended)
    return {};
  connection->start(self);
  return {
    [connection](const caf::io::connection_closed_msg&) { connection->lost(); },
    [connection](deadline_atom, int kind) { connection->deadline(kind); },
  };
}

void link_connection::start(caf::io::broker* self) {
  auto guard = shared_from_this();
  stage_ = stage::open;
  broker_ = caf::actor_cast<caf::actor>(self);
  job_ = caf::make_counted<pump_job>(weak_from_this());
  scribe_ = caf::make_counted<link_scribe>(core_->loop(), socket_, guard, core_);
  self->add_scribe(scribe_);
  scribe_->ack_writes(true);
  scribe_->configure_read(caf::io::receive_policy::at_most(read_bytes));
  caf::delayed_anon_send(broker_, core_->options().hello_deadline, deadline_atom::value, hello_deadline);
  try {
    handler_->on_open(guard);
  } catch (const std::exception& thrown) {
    end(std::string("the link's owner failed in on_open: ") + thrown.what());
  }
  if (stage_ == stage::open && !close_reason_.empty())
    begin_close();
}

bool link_connection::hand_over(link_handler& handler, frame_type type, std::span<const std::uint8_t> payload) {
  try {
    handler.on_frame(type, payload);
  } catch (const std::exception& thrown) {
    end(std::string("the link's owner failed with a frame: ") + thrown.what());
  }
  return stage_ != stage::ended;
}

bool link_connection::received(std::span<const std::uint8_t> bytes) {
  if (stage_ == stage::ended)
    return false;
  auto guard = shared_from_this();
  auto handler = handler_;
  touch();
  handler->on_piece_begin();
  const auto fed = reader_.feed(
    bytes, [&](frame_type type, std::span<const std::uint8_t> payload) { return hand_over(*handler, type, payload); });
  handler->on_piece_end();
  if (!fed) {
    end(fed.error().text);
    return false;
  }
  return stage_ != stage::ended && receive_body();
}

bool link_connection::receive_body() {
  auto handler = handler_;
  std::size_t taken = 0;
  while (reader_.missing().size() >= read_bytes && taken < turn_bytes) {
    const auto room = reader_.missing();
    const auto count = ::recv(socket_, room.data(), room.size(), MSG_DONTWAIT);
    if (count <= 0)
      break; // CAF's next read tells what it is
    touch();
    taken += static_cast<std::size_t>(count);
    reader_.filled(static_cast<std::size_t>(count), [&](frame_type type, std::span<const std::uint8_t> payload) {
      return hand_over(*handler, type, payload);
    });
    if (stage_ == stage::ended)
      return false;
  }
  return true;
}

void link_connection::pump() {
  if (caf_writes_ || !scribe_ || stage_ == stage::ended || stage_ == stage::half_closed)
    return;
  std::size_t turn = 0;
  for (;;) {
    if (current_.is_empty() && !queue_.next(current_)) {
      if (stage_ == stage::closing)
        finish_flush();
      return;
    }
    if (turn >= turn_bytes) {
      job_->ref();
      core_->loop().exec_later(job_.get());
      return;
    }
    const auto before = sent_bytes_;
    if (!write_current())
      return;
    turn += sent_bytes_ - before;
  }
}

bool link_connection::write_current() {
  const auto piece = current_.unsent().first(std::min(slice_bytes, current_.unsent().size()));
  const auto count = ::send(socket_, piece.data(), piece.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count >= 0) {
    current_.begin += static_cast<std::size_t>(count);
    sent_bytes_ += static_cast<std::size_t>(count);
    queue_.sent(static_cast<std::size_t>(count));
    return true;
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK)
    give_slice();
  else if (errno != EINTR)
    write_failed(errno);
  else
    return true;
  return false;
}

void link_connection::give_slice() {
  const auto piece = current_.unsent().first(std::min(slice_bytes, current_.unsent().size()));
  auto& buffer = scribe_->wr_buf();
  buffer.insert(buffer.end(), piece.begin(), piece.end());
  current_.begin += piece.size();
  caf_writes_ = true;
  scribe_->flush();
}

void link_connection::transferred(std::size_t written, std::size_t remaining) {
  sent_bytes_ += written;
  queue_.sent(written);
  if (remaining > 0)
    return;
  caf_writes_ = false;
  auto guard = shared_from_this();
  pump();
}

void link_connection::write_failed(int failure) {
  const auto guard = shared_from_this();
  drain();
  end(close_reason_.empty() ? "the peer is gone: " + errno_text(failure) : close_reason_);
}

void link_connection::lost() {
  if (stage_ == stage::ended)
    return;
  const auto guard = shared_from_this();
  const int failure = drain();
  if (stage_ == stage::ended)
    return;
  has_peer_ended_ = true;
  if (close_reason_.empty())
    close_reason_ = reader_.is_inside_frame()               ? "the peer closed the connection in the middle of a frame"
                    : failure != 0 && failure != ECONNRESET ? "the connection failed: " + errno_text(failure)
                                                            : std::string("the peer closed the connection");
  if (stage_ == stage::half_closed || queue_.queued_bytes() == 0) {
    end(close_reason_);
  } else if (stage_ == stage::open) {
    // A peer that closes in order still reads what waits for it; a dead one fails the first write.
    queue_.seal(close_reason_, [] {});
    begin_close();
  }
}

int link_connection::drain() {
  std::vector<std::uint8_t> buffer(read_bytes);
  for (std::size_t taken = 0; taken < drain_bytes && stage_ != stage::ended;) {
    const auto count = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return count == 0 || errno == EAGAIN || errno == EWOULDBLOCK ? 0 : errno;
    taken += static_cast<std::size_t>(count);
    received({buffer.data(), static_cast<std::size_t>(count)});
  }
  return 0;
}

void link_connection::begin_close() {
  stage_ = stage::closing;
  sent_at_deadline_ = sent_bytes_;
  caf::delayed_anon_send(broker_, core_->options().close_grace, deadline_atom::value, close_deadline);
  pump();
}

void link_connection::finish_flush() {
  // The peer reads on to the end and then closes too: by that we learn that it has everything.
  if (has_peer_ended_)
    return end(close_reason_);
  stage_ = stage::half_closed;
  ::shutdown(socket_, SHUT_WR);
}

void link_connection::deadline(int kind) {
  if (stage_ == stage::ended)
    return;
  if (kind == hello_deadline) {
    if (!is_trusted_.load(std::memory_order_relaxed) && stage_ == stage::open)
      end("the peer did not say a valid hello within " + std::to_string(core_->options().hello_deadline.count()) +
          " ms");
  } else if (stage_ == stage::closing && sent_bytes_ != sent_at_deadline_) {
    sent_at_deadline_ = sent_bytes_;
    caf::delayed_anon_send(broker_, core_->options().close_grace, deadline_atom::value, close_deadline);
  } else {
    const auto unsent = queue_.queued_bytes();
    end(unsent == 0 ? close_reason_
                    : close_reason_ + " (" + std::to_string(unsent) + " bytes were not sent: the peer does not read)");
  }
}

void link_connection::end(const std::string& reason) {
  if (stage_ == stage::ended)
    return;
  const bool had_started = stage_ != stage::starting;
  stage_ = stage::ended;
  const auto guard = shared_from_this();
  queue_.close(reason);
  if (had_started) {
    ::shutdown(socket_, SHUT_RDWR);
  } else {
    ::close(socket_);
    core_->closed();
  }
  try {
    std::exchange(handler_, nullptr)->on_closed(reason);
  } catch (const std::exception& thrown) {
    core_->log(std::string("the owner of a link failed in on_closed: ") + thrown.what());
  }
  core_->ended(guard);
  if (had_started)
    // Not here: this may run inside of the broker's handler or of a call of the stream.
    core_->loop().post([guard] { guard->release(); });
}

void link_connection::release() {
  if (auto* self = caf::actor_cast<caf::abstract_actor*>(broker_)) {
    auto* broker = static_cast<caf::io::broker*>(self);
    broker->context(&core_->loop());
    broker->quit();
    broker->finalize();
  }
  broker_ = nullptr;
  scribe_ = nullptr;
  current_ = {};
}

} // namespace troupe
