#pragma once

#include "runtime/access/access_keeper.hpp"
#include "runtime/listener/listener.hpp"
#include "web/bridge/bridge_server.hpp"
#include "web/server/loop_gate.hpp"
#include "web/server/web_session.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace troupe {

struct http_request;

/// One open port of the bridge with its clients. Lives until the last of them has gone. All on the bridge's thread,
/// except `open`, `address` and the posting of `close`.
class bridge_door : public std::enable_shared_from_this<bridge_door> {
public:
  using tcp = boost::asio::ip::tcp;

  static result<std::shared_ptr<bridge_door>> open(std::shared_ptr<boost::asio::io_context> loop, access_keeper& access,
                                                   const bridge_server_options& options, const listener_options& wish);
  /// A door without a port: for clients that came in elsewhere.
  static std::shared_ptr<bridge_door> inner(std::shared_ptr<boost::asio::io_context> loop, access_keeper& access,
                                            const bridge_server_options& options);
  ~bridge_door();

  const std::string& address() const noexcept { return address_; }
  const std::shared_ptr<loop_gate>& gate() const noexcept { return gate_; }

  void start_accepting();
  /// Takes over a client whose opening was admitted for the task `pid`.
  void adopt(int socket, const http_request& opening, std::string pid);
  /// No more clients; those that are there are told, and go within the grace.
  void close();
  bool is_closing() const noexcept { return closing_; }

  boost::asio::io_context& loop() noexcept { return *loop_; }
  const access_keeper& access() const noexcept { return access_; }
  const bridge_limits& limits() const noexcept { return options_.limits; }
  const std::string& runs_folder() const noexcept { return options_.runs_folder; }

  /// The one that now speaks for the connection.
  void enter(std::uint64_t number, std::weak_ptr<web_session> session) { sessions_[number] = std::move(session); }
  void leave(std::uint64_t number);
  /// Room for one more client whose task is awaited.
  bool begin_waiting();
  void end_waiting() noexcept { --waiting_; }

  void log(log_level level, const std::string& text) const;

private:
  bridge_door(std::shared_ptr<boost::asio::io_context> loop, access_keeper& access,
              const bridge_server_options& options);
  result<> bind(const listener_options& wish);
  void accept_next();
  void admit(tcp::socket socket);
  void finish();

  std::shared_ptr<boost::asio::io_context> loop_; ///< outlives the sockets, also those of a handle that is kept too long
  const bridge_server_options options_;
  access_keeper& access_;
  std::shared_ptr<loop_gate> gate_;
  tcp::acceptor acceptor_;
  boost::asio::steady_timer grace_;
  boost::asio::steady_timer accept_pause_;
  std::string address_;
  std::map<std::uint64_t, std::weak_ptr<web_session>> sessions_;
  std::uint64_t next_session_ = 1;
  std::size_t waiting_ = 0;
  bool closing_ = false;
};

/// A place among the clients of a door; left when destroyed.
class bridge_slot {
public:
  bridge_slot(std::shared_ptr<bridge_door> owner, std::uint64_t number) : owner_(std::move(owner)), number_(number) {}
  bridge_slot(bridge_slot&& other) noexcept = default;
  bridge_slot& operator=(bridge_slot&& other) noexcept = default;
  ~bridge_slot() {
    if (owner_) {
      owner_->leave(number_);
    }
  }
  bridge_door& owner() const noexcept { return *owner_; }
  std::uint64_t number() const noexcept { return number_; }

private:
  std::shared_ptr<bridge_door> owner_;
  std::uint64_t number_ = 0;
};

} // namespace troupe
