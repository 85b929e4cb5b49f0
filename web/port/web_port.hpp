#pragma once

#include "runtime/listener/listener.hpp"
#include "web/port/loop_gate.hpp"
#include "web/port/web_session.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace troupe {

class web_port;

/// A place among the open connections of a port; left when destroyed.
class session_slot {
public:
  session_slot() = default;
  session_slot(std::shared_ptr<web_port> owner, std::uint64_t number) : owner_(std::move(owner)), number_(number) {}
  session_slot(session_slot&& other) noexcept = default;
  session_slot& operator=(session_slot&& other) noexcept = default;
  ~session_slot();
  std::uint64_t number() const noexcept { return number_; }

private:
  std::shared_ptr<web_port> owner_;
  std::uint64_t number_ = 0;
};

/// What a port is called in messages, and what its connections may cost.
struct port_plan {
  std::string name;            ///< `the gateway`
  std::string scheme = "http"; ///< of its address
  std::string port_setting;    ///< what gives it another port
  std::size_t max_connections = 256;
  std::chrono::milliseconds close_grace{1'000};
};

/// One open port: its acceptor and its connections. Lives until the last connection has ended. All on the thread of its
/// loop, except what opens it, `address`, `login` and the posting of `close`.
class web_port : public std::enable_shared_from_this<web_port> {
public:
  using tcp = boost::asio::ip::tcp;

  virtual ~web_port();

  const std::string& address() const noexcept { return address_; }
  std::uint16_t number() const noexcept { return number_; }
  /// As `open_listener::login`.
  virtual std::string login() const { return {}; }

  void start_accepting();
  /// No more connections; those that are there end within the grace.
  void close();
  bool is_closing() const noexcept { return closing_; }

  boost::asio::io_context& loop() noexcept { return *loop_; }
  const std::shared_ptr<loop_gate>& gate() const noexcept { return gate_; }

  /// A place for a connection, also one that came in elsewhere; nothing if there is no room.
  std::optional<session_slot> take_place();
  /// The session that uses the slot, or took it over.
  void enter(std::uint64_t number, std::weak_ptr<web_session> session) { sessions_[number] = std::move(session); }
  void leave(std::uint64_t number);

protected:
  web_port(std::shared_ptr<boost::asio::io_context> loop, port_plan plan);

  /// Binds and listens. Fails with `conflict` for a busy port, `io_error` for what else the system refuses.
  result<> bind(const boost::asio::ip::address& host, const listener_options& wish);

  /// A new connection, which keeps its slot.
  virtual void serve(tcp::socket socket, session_slot slot) = 0;
  virtual void on_connections(std::size_t) {}
  /// A connection was not taken, or an older one was closed for it; `text` says why.
  virtual void on_refused(const std::string&) {}
  virtual void on_close() {}

private:
  void accept_next();
  void admit(tcp::socket socket);
  bool make_room();
  void finish();

  std::shared_ptr<boost::asio::io_context> loop_; ///< outlives the sockets, also those of a handle that is kept too long
  const port_plan plan_;
  std::shared_ptr<loop_gate> gate_;
  tcp::acceptor acceptor_;
  boost::asio::steady_timer grace_;
  boost::asio::steady_timer accept_pause_;
  std::string address_;
  std::uint16_t number_ = 0;
  std::map<std::uint64_t, std::weak_ptr<web_session>> sessions_; ///< in the order of their arrival
  std::uint64_t next_session_ = 1;
  bool closing_ = false;
};

/// Reads the `host` of a wish: empty and `localhost` mean 127.0.0.1. `bad_request` for what is no address.
result<boost::asio::ip::address> listening_address(const std::string& host);

/// `name:port`, the name in brackets if it needs them; an empty one is 127.0.0.1.
std::string shown_place(const std::string& host, std::uint16_t port);

} // namespace troupe
