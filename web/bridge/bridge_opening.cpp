#include "web/bridge/bridge_opening.hpp"

#include "web/bridge/bridge_request.hpp"
#include "web/bridge/bridge_session.hpp"
#include "web/routes/problem.hpp"
#include "web/routes/raw_head.hpp"
#include "web/server/answer_head.hpp"
#include "web/server/head_end.hpp"
#include "web/server/http_messages.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <optional>

namespace troupe {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

/// One client until it is known which task it wants.
class bridge_opening final : public web_session, public std::enable_shared_from_this<bridge_opening> {
public:
  bridge_opening(bridge_door::tcp::socket socket, bridge_slot slot)
    : stream_(std::move(socket)), slot_(std::move(slot)) {}

  void start();
  void join(const http_request& request, std::string pid);
  void close_soon() override { close_now(); }
  void close_now() override { stream_.close(); }
  bool is_evictable() const override { return true; }

private:
  void on_head(const error_code& fault, std::size_t size);
  void decide(const http_request& request, bool version_11);
  void refuse(http_response answer);
  void linger();
  bool from_loopback() const;

  beast::tcp_stream stream_;
  bridge_slot slot_;
  std::string head_;
  std::array<char, 1024> rubbish_{};
};

void bridge_opening::start() {
  slot_.owner().enter(slot_.number(), weak_from_this());
  stream_.expires_after(slot_.owner().limits().head_time);
  asio::async_read_until(
    stream_, asio::dynamic_buffer(head_, slot_.owner().limits().max_head_bytes), head_end{},
    [self = shared_from_this()](const error_code& fault, std::size_t size) { self->on_head(fault, size); });
}

void bridge_opening::on_head(const error_code& fault, std::size_t size) {
  if (fault == asio::error::not_found) {
    refuse(problem(431, "the head of the request is too long"));
    return;
  }
  if (fault) {
    return;
  }
  const auto raw = std::string_view(head_).substr(0, size);
  if (const auto refusal = check_raw_head(raw)) {
    refuse(problem(refusal->status, refusal->detail));
    return;
  }
  http::request_parser<http::string_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(slot_.owner().limits().max_head_bytes + 1));
  error_code bad;
  parser.put(asio::buffer(raw.data(), raw.size()), bad);
  if (bad || !parser.is_header_done()) {
    refuse(problem(400, "the head of the request cannot be read: " + bad.message()));
    return;
  }
  if (size < head_.size()) {
    refuse(problem(400, "nothing may follow the opening of a websocket before it is answered"));
    return;
  }
  decide(read_request_head(parser.get()), parser.get().version() == 11);
}

bool bridge_opening::from_loopback() const {
  error_code fault;
  const auto client = stream_.socket().remote_endpoint(fault);
  if (fault) {
    return false;
  }
  const auto where = client.address();
  const bool is_mapped = where.is_v6() && where.to_v6().is_v4_mapped();
  return where.is_loopback() || (is_mapped && asio::ip::make_address_v4(asio::ip::v4_mapped, where.to_v6()).is_loopback());
}

void bridge_opening::decide(const http_request& request, bool version_11) {
  auto& owner = slot_.owner();
  auto wish = read_bridge_request(request, version_11, from_loopback(), owner.access());
  if (auto* refusal = std::get_if<http_response>(&wish)) {
    refuse(std::move(*refusal));
    return;
  }
  join(request, std::move(std::get<std::string>(wish)));
}

void bridge_opening::join(const http_request& request, std::string pid) {
  auto& owner = slot_.owner();
  auto task = connect_to_task(owner.runs_folder(), pid);
  if (task.where == task_socket::place::unknown) {
    refuse(problem(404, "there is no task with this pid"));
  } else if (task.where == task_socket::place::over) {
    refuse(problem(410, "the task has ended"));
  } else if (task.where == task_socket::place::not_listening && !owner.begin_waiting()) {
    auto refusal = problem(503, "the task does not listen yet, and too many clients wait for their tasks already");
    refusal.fields.push_back({"Retry-After", "1"});
    refuse(std::move(refusal));
  } else {
    stream_.expires_never();
    start_bridge_session(stream_.release_socket(), request, std::move(pid), std::move(task), std::move(slot_));
  }
}

void bridge_opening::refuse(http_response answer) {
  auto pieces = pieces_of(std::move(answer), false, true, false);
  auto message = std::make_shared<std::string>(pieces.head + pieces.body);
  stream_.expires_after(slot_.owner().limits().close_time);
  asio::async_write(stream_, asio::buffer(*message), [self = shared_from_this(), message](const error_code& fault, std::size_t) {
    if (!fault) {
      self->linger();
    }
  });
}

/// What is still on its way would make the kernel take the answer back if the socket were closed at once.
void bridge_opening::linger() {
  error_code ignored;
  stream_.socket().shutdown(bridge_door::tcp::socket::shutdown_send, ignored);
  stream_.expires_after(std::chrono::seconds(1));
  stream_.async_read_some(asio::buffer(rubbish_), [self = shared_from_this()](const error_code&, std::size_t) {});
}

} // namespace

void start_bridge_opening(bridge_door::tcp::socket socket, bridge_slot slot) {
  std::make_shared<bridge_opening>(std::move(socket), std::move(slot))->start();
}

void go_on_with_opening(bridge_door::tcp::socket socket, bridge_slot slot, const http_request& opening, std::string pid) {
  std::make_shared<bridge_opening>(std::move(socket), std::move(slot))->join(opening, std::move(pid));
}

} // namespace troupe
