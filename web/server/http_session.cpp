// size: the states of one connection, which know each other
#include "web/server/http_session.hpp"

#include "web/routes/problem.hpp"
#include "web/server/answer_head.hpp"
#include "web/server/head_end.hpp"
#include "web/server/http_messages.hpp"
#include "web/server/http_sink.hpp"
#include "web/server/stream_framing.hpp"

#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace troupe {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
constexpr std::size_t slowest_bytes_a_second = 128u << 10;
constexpr std::size_t request_read_size = 64u << 10;

std::chrono::milliseconds time_for(std::chrono::milliseconds base, std::size_t bytes) {
  return base + std::chrono::seconds(bytes / slowest_bytes_a_second);
}

/// One HTTP connection: head, decision, body, route, answer, and again.
class http_session final : public web_session,
                           public sink_target,
                           public std::enable_shared_from_this<http_session> {
public:
  http_session(http_port::tcp::socket socket, std::shared_ptr<http_port> owner, session_slot slot)
    : stream_(std::move(socket)), owner_(std::move(owner)), slot_(std::move(slot)) {}

  void start() {
    owner_->enter(slot_.number(), weak_from_this());
    peer_ = peer_of(stream_.socket());
    read_head(owner_->limits().head_time);
  }

  ~http_session() override { release_body(); }

  void close_soon() override {
    closing_ = true;
    const bool stream_waits = streaming_ && !piece_done_ && !ending_; // its end may be hours away
    if (phase_ == phase::idle || stream_waits) {
      close_now();
    }
  }
  void close_now() override {
    const auto kept = std::move(self_);
    request_ = 0;
    stream_.close();
    finish_write(false);
  }
  bool is_evictable() const override { return phase_ == phase::idle || phase_ == phase::lingering; }

  void respond(std::uint64_t request, http_response whole) override;
  void begin(std::uint64_t request, http_response head) override;
  void write(std::uint64_t request, std::string piece, std::function<void(bool)> done) override;
  void end(std::uint64_t request) override;
  void join(std::uint64_t request, const std::string& task) override;
  bool is_answering(std::uint64_t request) const override { return request != 0 && request == request_; }
  bool is_open(std::uint64_t request) const override { return is_answering(request) && !has_left(stream_.socket()); }

private:
  enum class phase { idle, reading, answering, lingering };

  void read_head(std::chrono::milliseconds time);
  void on_head(const error_code& problem, std::size_t size);
  void decide();
  void admit(admission where);
  void continue_then_read();
  void read_body();
  void run();
  void keep_rest(); ///< what came behind this request is the beginning of the next
  void refuse(http_response answer);
  void answer(http_response whole);
  void after_answer();
  void linger();
  void throw_away();
  void watch_client();
  void write_raw(asio::const_buffer bytes);
  void finish_write(bool open);
  void release_body();

  beast::tcp_stream stream_;
  std::shared_ptr<http_port> owner_;
  session_slot slot_;
  http_peer peer_;
  phase phase_ = phase::idle;
  bool closing_ = false;       ///< the gateway closes: no further request
  std::string head_;           ///< bytes of the next head, and what came behind them
  beast::flat_buffer buffer_;  ///< bytes behind the head
  std::optional<body_parser> parser_;
  http_request incoming_;
  std::optional<admission> admission_;
  std::size_t reserved_ = 0;
  bool version_11_ = true;
  bool keep_alive_ = false;
  std::uint64_t request_ = 0;  ///< the request that is being answered; 0: none
  std::uint64_t requests_ = 0;
  std::shared_ptr<http_session> self_; ///< nothing else holds the session while it waits for actors
  whole_answer answer_;        ///< that is being written
  std::string piece_;          ///< the part of a stream that is being written
  std::function<void(bool)> piece_done_;
  bool streaming_ = false;     ///< the answer is a stream
  bool ending_ = false;        ///< the last piece is being written
  stream_framing framing_;
  http_request opening_;       ///< the head of a request that may become a websocket
  std::array<char, 4096> rubbish_{};
};

void http_session::read_head(std::chrono::milliseconds time) {
  phase_ = phase::idle;
  stream_.expires_after(time);
  asio::async_read_until(stream_, asio::dynamic_buffer(head_, owner_->limits().max_head_bytes), head_end{},
                         [self = shared_from_this()](const error_code& problem, std::size_t size) {
                           self->on_head(problem, size);
                         });
}

void http_session::on_head(const error_code& problem_code, std::size_t size) {
  if (problem_code == asio::error::not_found) {
    ++owner_->counters().requests_malformed;
    refuse(problem(431, "the head of the request is longer than " + std::to_string(owner_->limits().max_head_bytes) + " bytes"));
    return;
  }
  if (problem_code) {
    if (problem_code == beast::error::timeout && !head_.empty()) {
      ++owner_->counters().requests_malformed;
      owner_->log_client("closed a client that did not complete its request in time");
    }
    return;
  }
  const std::string_view raw(head_.data(), size);
  if (const auto refusal = check_raw_head(raw)) {
    ++owner_->counters().requests_malformed;
    refuse(problem(refusal->status, refusal->detail));
    return;
  }
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(owner_->limits().max_head_bytes + 1));
  parser_->body_limit(boost::none);
  error_code fault;
  parser_->put(asio::buffer(raw.data(), raw.size()), fault);
  if (fault || !parser_->is_header_done()) {
    ++owner_->counters().requests_malformed;
    refuse(problem(400, "the head of the request cannot be read: " + fault.message()));
    return;
  }
  const auto rest = std::string_view(head_).substr(size);
  buffer_.commit(asio::buffer_copy(buffer_.prepare(rest.size()), asio::buffer(rest.data(), rest.size())));
  head_.clear();
  decide();
}

void http_session::decide() {
  ++owner_->counters().requests;
  const auto& message = parser_->get();
  incoming_ = read_request_head(message);
  version_11_ = message.version() == 11;
  keep_alive_ = message.keep_alive();
  auto decision = owner_->admit(incoming_, peer_, version_11_);
  if (auto* refusal = std::get_if<http_response>(&decision)) {
    const bool has_body = incoming_.count("content-length") + incoming_.count("transfer-encoding") > 0;
    if (has_body) {
      refuse(std::move(*refusal));
    } else {
      keep_rest();
      answer(std::move(*refusal));
    }
    return;
  }
  admit(std::move(std::get<admission>(decision)));
}

void http_session::admit(admission where) {
  phase_ = phase::reading;
  if (where.is_upgrade) {
    if (buffer_.size() > 0) {
      refuse(problem(400, "nothing may follow the opening of a websocket before it is answered"));
      return;
    }
    stream_.expires_never();
    owner_->upgrade(stream_.release_socket(), incoming_, std::move(slot_));
    return;
  }
  const std::size_t room = where.body.chunked ? where.where->max_body : where.body.length;
  admission_ = std::move(where);
  if (!owner_->reserve_body(room)) {
    auto refusal = problem(503, "too many large requests are being read at this time; try again");
    refusal.fields.push_back({"Retry-After", "1"});
    refuse(std::move(refusal));
    return;
  }
  reserved_ = room;
  if (admission_->wants_continue && buffer_.size() == 0) {
    continue_then_read();
  } else if (admission_->body.chunked || (room > 0 && !take_body(*parser_, buffer_, room))) {
    read_body();
  } else {
    run();
  }
}

void http_session::continue_then_read() {
  static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  stream_.expires_after(owner_->limits().write_time);
  asio::async_write(stream_, asio::buffer(go_on), [self = shared_from_this()](const error_code& problem_code, std::size_t) {
    if (!problem_code) {
      self->read_body();
    }
  });
}

void http_session::read_body() {
  parser_->body_limit(admission_->where->max_body);
  buffer_.reserve(request_read_size); // Beast reads as much as there is room for
  stream_.expires_after(time_for(owner_->limits().body_time, reserved_));
  http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](const error_code& fault, std::size_t) {
    if (!fault) {
      self->run();
    } else if (fault == http::error::body_limit) {
      self->refuse(problem(413, "the body may have at most " +
                                  std::to_string(self->admission_->where->max_body) + " bytes"));
    } else if (fault == beast::error::timeout) {
      self->owner_->log_client("closed a client that did not send its body in time");
    } else if (fault.category() == make_error_code(http::error::bad_chunk).category() &&
               fault != http::error::partial_message && fault != http::error::end_of_stream) {
      ++self->owner_->counters().requests_malformed;
      self->refuse(problem(400, "the body cannot be read: " + fault.message()));
    }
  });
}

void http_session::run() {
  incoming_.body = std::move(parser_->get().body());
  keep_rest();
  request_ = ++requests_;
  self_ = shared_from_this();
  stream_.expires_never();
  const auto where = std::move(*admission_);
  admission_.reset();
  auto sink = std::make_shared<http_sink>(std::weak_ptr<sink_target>(shared_from_this()), request_, owner_->gate());
  opening_ = incoming_.count("upgrade") > 0 ? incoming_ : http_request{};
  owner_->run(where, std::exchange(incoming_, http_request{.method = incoming_.method}), std::move(sink));
  release_body();
}

void http_session::keep_rest() {
  phase_ = phase::answering;
  parser_.reset();
  head_.assign(static_cast<const char*>(buffer_.data().data()), buffer_.size());
  buffer_.clear();
  buffer_.shrink_to_fit();
}

void http_session::release_body() {
  if (reserved_ > 0) {
    owner_->release_body(std::exchange(reserved_, 0));
  }
}

void http_session::refuse(http_response whole) {
  // What follows the head was not read, so the connection cannot go on.
  release_body();
  keep_alive_ = false;
  phase_ = phase::answering;
  if (whole.status == 400 || whole.status == 431 || whole.status == 403 || whole.status == 421) {
    owner_->log_client("refused a request with " + std::to_string(whole.status) + ": " + whole.body);
  }
  answer(std::move(whole));
}

void http_session::respond(std::uint64_t request, http_response whole) {
  if (is_answering(request)) {
    answer(std::move(whole));
  }
}

void http_session::answer(http_response whole) {
  ++owner_->counters().responses[std::min<std::size_t>(whole.status / 100, 5)];
  keep_alive_ = keep_alive_ && !closing_;
  const auto size = whole.body.size();
  answer_ = pieces_of(std::move(whole), incoming_.method == "HEAD", version_11_, keep_alive_);
  const std::array<asio::const_buffer, 2> bytes{asio::buffer(answer_.head), asio::buffer(answer_.body)};
  stream_.expires_after(time_for(owner_->limits().write_time, size));
  asio::async_write(stream_, bytes, [self = shared_from_this()](const error_code& fault, std::size_t) {
    self->answer_ = {};
    if (!fault) {
      self->after_answer();
    } else {
      self->close_now();
    }
  });
}

void http_session::after_answer() {
  request_ = 0;
  streaming_ = false;
  self_.reset(); // the caller holds another reference
  if (!keep_alive_ || closing_) {
    linger();
    return;
  }
  read_head(owner_->limits().idle_time);
}

void http_session::linger() {
  phase_ = phase::lingering;
  error_code ignored;
  stream_.socket().shutdown(http_port::tcp::socket::shutdown_send, ignored);
  stream_.expires_after(owner_->limits().linger_time);
  throw_away();
}

void http_session::throw_away() {
  stream_.async_read_some(asio::buffer(rubbish_), [self = shared_from_this()](const error_code& fault, std::size_t) {
    if (!fault && self->phase_ == phase::lingering) {
      self->throw_away();
    }
  });
}

void http_session::begin(std::uint64_t request, http_response head) {
  if (!is_answering(request)) {
    return;
  }
  ++owner_->counters().responses[std::min<std::size_t>(head.status / 100, 5)];
  keep_alive_ = keep_alive_ && version_11_ && !closing_;
  streaming_ = true;
  framing_.begin(version_11_, incoming_.method == "HEAD");
  piece_ = framing_.head(std::move(head), keep_alive_);
  watch_client();
}

void http_session::write(std::uint64_t request, std::string piece, std::function<void(bool)> done) {
  if (!is_answering(request) || piece_done_) {
    done(false);
    return;
  }
  piece_ += framing_.piece(std::move(piece));
  piece_done_ = std::move(done);
  write_raw(asio::buffer(piece_));
}

void http_session::end(std::uint64_t request) {
  if (!is_answering(request) || piece_done_ || ending_) {
    return;
  }
  keep_alive_ = keep_alive_ && !framing_.is_short();
  piece_ += framing_.end();
  ending_ = true;
  write_raw(asio::buffer(piece_));
}

void http_session::join(std::uint64_t request, const std::string& task) {
  if (!is_answering(request)) {
    return;
  }
  const auto* joiner = owner_->joiner();
  if (joiner == nullptr || !*joiner || !head_.empty()) {
    keep_alive_ = false;
    answer(!head_.empty() ? problem(400, "nothing may follow the opening of a websocket before it is answered")
                            : problem(501, "this gateway has no way to the sockets of tasks"));
    return;
  }
  request_ = 0;
  const auto kept = std::move(self_);
  error_code ignored;
  const int socket = stream_.release_socket().release(ignored);
  if (socket >= 0) {
    (*joiner)(socket, opening_, task);
  }
}

void http_session::write_raw(asio::const_buffer bytes) {
  stream_.expires_after(owner_->limits().stream_write_time);
  asio::async_write(stream_, bytes, [self = shared_from_this()](const error_code& fault, std::size_t) {
    self->piece_.clear();
    if (fault) {
      self->close_now();
    } else {
      self->stream_.expires_never();
      self->finish_write(true);
    }
  });
}

void http_session::finish_write(bool open) {
  const bool ended = std::exchange(ending_, false);
  if (const auto done = std::exchange(piece_done_, {})) {
    done(open);
  } else if (ended && open) {
    after_answer();
  }
}

void http_session::watch_client() {
  stream_.socket().async_wait(http_port::tcp::socket::wait_read, [self = shared_from_this()](const error_code& fault) {
    error_code ignored;
    if (!fault && self->request_ != 0 && self->stream_.socket().available(ignored) == 0) {
      self->close_now(); // the reader of a stream has gone
    }
  });
}

} // namespace

void start_http_session(http_port::tcp::socket socket, std::shared_ptr<http_port> owner, session_slot slot) {
  std::make_shared<http_session>(std::move(socket), std::move(owner), std::move(slot))->start();
}

} // namespace troupe
