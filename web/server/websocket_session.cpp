#include "web/server/websocket_session.hpp"

#include "web/routes/message_routes.hpp"
#include "web/routes/ws_conversation.hpp"
#include "web/routes/ws_handshake.hpp"

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace troupe {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::system::error_code;

constexpr std::size_t kept_buffer = 1u << 20;
constexpr std::size_t frame_read_size = 16u << 10;

/// One websocket: at most one read and one write at a time, and one answer that waits to be written.
class websocket_session final : public web_session,
                                public ws_sink,
                                public std::enable_shared_from_this<websocket_session> {
public:
  websocket_session(gateway::tcp::socket socket, std::shared_ptr<gateway> owner, session_slot slot)
    : stream_(std::move(socket)), owner_(std::move(owner)), slot_(std::move(slot)) {
    ++owner_->counters().websockets_open;
  }
  ~websocket_session() override { --owner_->counters().websockets_open; }

  void start(const http_request& opening);

  void close_soon() override {
    closing_ = true; // seen when the opening, or the write under way, is through
    if (open_ && !writing_) {
      say_goodbye();
    }
  }
  void close_now() override {
    const auto kept = std::move(self_);
    open_ = false;
    beast::get_lowest_layer(stream_).close();
  }
  bool is_evictable() const override { return false; }

  void send_text(std::string text, std::function<void()> done) override;
  void resume_reading() override {
    if (!reading_ && open_) {
      read_next();
    }
  }

private:
  void read_next();
  void on_read(const error_code& fault);
  void say_goodbye();

  websocket::stream<beast::tcp_stream> stream_;
  std::shared_ptr<gateway> owner_;
  session_slot slot_;
  std::shared_ptr<ws_conversation> conversation_;
  http::request<http::empty_body> opening_;
  beast::flat_buffer buffer_;
  std::shared_ptr<websocket_session> self_; ///< while it is open: nothing else may hold it when reading pauses
  std::string outgoing_;
  bool open_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool closing_ = false;
};

void websocket_session::start(const http_request& opening) {
  owner_->enter(slot_.number(), weak_from_this());
  conversation_ = std::make_shared<ws_conversation>(owner_->routes().world(), std::weak_ptr<ws_sink>(shared_from_this()));
  stream_.set_option(websocket::stream_base::timeout{std::chrono::seconds(10), owner_->limits().websocket_idle, true});
  stream_.read_message_max(max_frame_text(owner_->routes().world()));
  stream_.write_buffer_bytes(64u << 10);
  const std::string protocol = choose_ws_protocol(opening);
  stream_.set_option(websocket::stream_base::decorator([protocol](websocket::response_type& response) {
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
  stream_.async_accept(opening_, [self = shared_from_this()](const error_code& fault) {
    if (fault) {
      return;
    }
    self->open_ = true;
    self->self_ = self;
    if (self->closing_) {
      self->say_goodbye();
    } else {
      self->read_next();
    }
  });
}

void websocket_session::read_next() {
  reading_ = true;
  buffer_.reserve(frame_read_size);
  stream_.async_read(buffer_, [self = shared_from_this()](const error_code& fault, std::size_t) { self->on_read(fault); });
}

void websocket_session::on_read(const error_code& fault) {
  reading_ = false;
  if (fault) {
    open_ = false;
    self_.reset(); // the caller holds another reference
    if (fault != websocket::error::closed && fault != asio::error::eof && fault != asio::error::operation_aborted) {
      owner_->log_client("a websocket ended: " + fault.message());
    }
    return;
  }
  std::string text = beast::buffers_to_string(buffer_.data());
  buffer_.consume(buffer_.size());
  if (buffer_.capacity() > kept_buffer) {
    buffer_.shrink_to_fit();
  }
  if (stream_.got_text()) {
    conversation_->on_text(std::move(text));
  } else {
    conversation_->on_binary();
  }
  if (conversation_->wants_more() && !reading_) {
    read_next();
  }
}

void websocket_session::send_text(std::string text, std::function<void()> done) {
  if (!open_ || writing_ || closing_) {
    return; // the socket ends: whoever waits for this answer is gone
  }
  outgoing_ = std::move(text);
  writing_ = true;
  stream_.text(true);
  stream_.async_write(asio::buffer(outgoing_),
                      [self = shared_from_this(), done = std::move(done)](const error_code& fault, std::size_t) {
                        self->writing_ = false;
                        std::string().swap(self->outgoing_);
                        if (fault) {
                          self->close_now();
                        } else if (self->closing_) {
                          self->say_goodbye();
                        } else {
                          done();
                        }
                      });
}

void websocket_session::say_goodbye() {
  open_ = false;
  stream_.async_close(websocket::close_code::going_away, [self = shared_from_this()](const error_code&) { self->close_now(); });
}

} // namespace

void start_websocket_session(gateway::tcp::socket socket, const http_request& opening, std::shared_ptr<gateway> owner,
                             session_slot slot) {
  std::make_shared<websocket_session>(std::move(socket), std::move(owner), std::move(slot))->start(opening);
}

} // namespace troupe
