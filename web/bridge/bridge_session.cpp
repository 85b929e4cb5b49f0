#include "web/bridge/bridge_session.hpp"

#include "runtime/bridge/bridge_frame.hpp"
#include "runtime/text_json/text_json.hpp"
#include "web/routes/ws_handshake.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace troupe {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::system::error_code;
using local = asio::local::stream_protocol;
using place = task_socket::place;

constexpr std::chrono::milliseconds first_pause{2};
constexpr std::chrono::milliseconds longest_pause{50};

/// A websocket and the unix socket of a task. In each direction one piece is under way at a time, so the slower side
/// holds the faster one back.
class bridge_session final : public web_session, public std::enable_shared_from_this<bridge_session> {
public:
  bridge_session(bridge_door::tcp::socket socket, std::string pid, task_socket task, bridge_slot slot)
    : client_(std::move(socket)), task_(slot.owner().loop()), timer_(slot.owner().loop()), pid_(std::move(pid)),
      slot_(std::move(slot)), waiting_(task.where != place::connected) {
    use(std::move(task));
  }
  ~bridge_session() override { end_waiting(); }

  void start(const http_request& opening);

  void close_soon() override;
  void close_now() override {
    closing_ = true;
    timer_.cancel();
    drop_task();
    beast::get_lowest_layer(client_).close();
  }
  bool is_evictable() const override { return false; }

private:
  void use(task_socket found);
  void end_waiting() {
    if (std::exchange(waiting_, false)) {
      slot_.owner().end_waiting();
    }
  }
  void await_task();
  void join();
  void read_client();
  void on_client_piece(std::size_t size);
  void on_client_gone(const error_code& fault);
  void read_task();
  void on_task_piece(const bridge_piece& piece);
  void leave();
  void say_goodbye(std::uint16_t code, std::string_view reason);
  void drop_task() {
    error_code ignored;
    task_.close(ignored);
  }
  void end_at(std::chrono::milliseconds time);

  websocket::stream<beast::tcp_stream> client_;
  local::socket task_;
  asio::steady_timer timer_;
  std::string pid_;
  bridge_slot slot_;
  http::request<http::empty_body> opening_;
  std::vector<char> from_client_;
  bridge_header header_{}; ///< of the piece that is on its way to the task
  std::string close_frame_;
  std::optional<bridge_decoder> from_task_;
  std::chrono::steady_clock::time_point patience_end_;
  std::chrono::milliseconds pause_ = first_pause;
  bool waiting_;
  bool open_ = false;            ///< the upgrade is done
  bool writing_to_task_ = false;
  bool leaving_ = false;         ///< the door closes
  bool closing_ = false;         ///< nothing more is passed on
};

void bridge_session::use(task_socket found) {
  if (found.where == place::connected) {
    error_code fault;
    task_.assign(local(), found.socket.release(), fault);
  }
}

void bridge_session::start(const http_request& opening) {
  auto& owner = slot_.owner();
  owner.enter(slot_.number(), weak_from_this());
  // No time-out for a quiet bridge: while a slow task holds its client back, pongs are not read either.
  client_.set_option(
    websocket::stream_base::timeout{owner.limits().head_time, websocket::stream_base::none(), false});
  client_.read_message_max(0); // messages pass in pieces
  const std::string protocol = choose_ws_protocol(opening);
  client_.set_option(websocket::stream_base::decorator([protocol](websocket::response_type& response) {
    response.set(http::field::server, "troupe");
    if (!protocol.empty()) {
      response.set(http::field::sec_websocket_protocol, protocol);
    }
  }));
  opening_.method(http::verb::get);
  opening_.version(11);
  opening_.target(opening.target);
  for (const auto& field : opening.fields) {
    opening_.insert(field.name, field.value);
  }
  patience_end_ = std::chrono::steady_clock::now() + owner.limits().wait_time;
  client_.async_accept(opening_, [self = shared_from_this()](const error_code& fault) {
    if (fault || self->closing_) {
      self->close_now();
      return;
    }
    self->open_ = true;
    self->opening_.clear();
    if (self->waiting_) {
      self->await_task();
    } else {
      self->join();
    }
  });
}

void bridge_session::await_task() {
  auto found = connect_to_task(slot_.owner().runs_folder(), pid_);
  if (found.where == place::connected) {
    use(std::move(found));
    end_waiting();
    join();
    return;
  }
  if (found.where != place::not_listening) {
    say_goodbye(bridge_close::task_over, "the task ended before it listened");
    return;
  }
  if (std::chrono::steady_clock::now() >= patience_end_) {
    say_goodbye(bridge_close::not_listening, "the task did not listen in time");
    return;
  }
  timer_.expires_after(pause_);
  pause_ = std::min(pause_ * 2, longest_pause);
  timer_.async_wait([self = shared_from_this()](const error_code& fault) {
    if (!fault && !self->closing_) {
      self->await_task();
    }
  });
}

void bridge_session::join() {
  from_client_.resize(most_bridge_payload);
  from_task_.emplace();
  read_client();
  read_task();
}

void bridge_session::read_client() {
  client_.async_read_some(asio::buffer(from_client_),
                          [self = shared_from_this()](const error_code& fault, std::size_t size) {
                            if (self->closing_) {
                              return;
                            }
                            if (fault) {
                              self->on_client_gone(fault);
                            } else {
                              self->on_client_piece(size);
                            }
                          });
}

void bridge_session::on_client_piece(std::size_t size) {
  const bool more = !client_.is_message_done();
  if (size == 0 && more) {
    read_client();
    return;
  }
  header_ = make_bridge_header(client_.got_text() ? bridge_kind::text : bridge_kind::binary, more, size);
  const std::array<asio::const_buffer, 2> bytes{asio::buffer(header_), asio::buffer(from_client_.data(), size)};
  writing_to_task_ = true;
  asio::async_write(task_, bytes, [self = shared_from_this()](const error_code& fault, std::size_t) {
    self->writing_to_task_ = false;
    if (self->leaving_) {
      self->leave();
    } else if (!fault && !self->closing_) {
      self->read_client(); // a fault is seen by the reading side
    }
  });
}

/// The client closed, broke the protocol or vanished. The task hears of it behind everything that was sent to it.
void bridge_session::on_client_gone(const error_code& fault) {
  closing_ = true;
  const bool closed = fault == websocket::error::closed;
  const auto& why = client_.reason();
  const std::uint16_t code = !closed ? bridge_close::lost
                             : why.code == websocket::close_code::none ? bridge_close::normal
                                                                       : static_cast<std::uint16_t>(why.code);
  close_frame_ = make_close_frame(code, closed ? std::string_view(why.reason.data(), why.reason.size())
                                               : std::string_view("the client went without a close"));
  end_at(slot_.owner().limits().close_time);
  asio::async_write(task_, asio::buffer(close_frame_),
                    [self = shared_from_this()](const error_code&, std::size_t) { self->close_now(); });
}

void bridge_session::read_task() {
  auto next = from_task_->next();
  if (!next) {
    say_goodbye(bridge_close::bad_frame, "not a frame from the task: " + next.error().text);
  } else if (*next) {
    on_task_piece(**next);
  } else {
    const auto room = from_task_->prepare();
    task_.async_read_some(asio::buffer(room.data, room.size),
                          [self = shared_from_this()](const error_code& fault, std::size_t size) {
                            if (self->closing_) {
                              return;
                            }
                            if (fault) {
                              self->say_goodbye(bridge_close::task_left, "the task dropped the connection");
                            } else {
                              self->from_task_->commit(size);
                              self->read_task();
                            }
                          });
  }
}

void bridge_session::on_task_piece(const bridge_piece& piece) {
  if (piece.kind == bridge_kind::close) {
    const bool fits = can_close_with(piece.code) && is_utf8(piece.payload);
    say_goodbye(fits ? piece.code : bridge_close::bad_frame, fits ? piece.payload : "the task gave a code that is none");
    return;
  }
  if (piece.first) {
    client_.text(piece.kind == bridge_kind::text);
  }
  client_.async_write_some(!piece.more, asio::buffer(piece.payload.data(), piece.payload.size()),
                           [self = shared_from_this()](const error_code& fault, std::size_t) {
                             if (!fault && !self->closing_) {
                               self->read_task(); // a fault is seen by the reading side
                             }
                           });
}

void bridge_session::say_goodbye(std::uint16_t code, std::string_view reason) {
  if (closing_) {
    return;
  }
  closing_ = true;
  end_waiting();
  drop_task();
  end_at(slot_.owner().limits().close_time);
  websocket::close_reason why(static_cast<websocket::close_code>(code));
  reason = reason.substr(0, most_close_reason);
  why.reason.assign(reason.data(), reason.size());
  client_.async_close(why, [self = shared_from_this()](const error_code&) { self->close_now(); });
}

void bridge_session::close_soon() {
  if (!open_) {
    close_now();
  } else if (writing_to_task_ && !closing_) {
    leaving_ = true; // behind the piece that is on its way, if the task takes it soon
    timer_.expires_after(slot_.owner().limits().close_grace / 2);
    timer_.async_wait([self = shared_from_this()](const error_code& fault) {
      if (!fault) {
        self->leave();
      }
    });
  } else {
    leave();
  }
}

void bridge_session::leave() {
  constexpr const char* why = "the bridge closes";
  if (task_.is_open() && !writing_to_task_ && !closing_) {
    error_code ignored; // a full socket tells the task enough by its end
    task_.non_blocking(true, ignored);
    task_.write_some(asio::buffer(make_close_frame(bridge_close::going_away, why)), ignored);
  }
  say_goodbye(bridge_close::going_away, why);
}

void bridge_session::end_at(std::chrono::milliseconds time) {
  timer_.expires_after(time);
  timer_.async_wait([self = shared_from_this()](const error_code& fault) {
    if (!fault) {
      self->close_now();
    }
  });
}

} // namespace

void start_bridge_session(bridge_door::tcp::socket socket, const http_request& opening, std::string pid,
                          task_socket task, bridge_slot slot) {
  std::make_shared<bridge_session>(std::move(socket), std::move(pid), std::move(task), std::move(slot))->start(opening);
}

} // namespace troupe
