#pragma once

#include "runtime/applications/application_store.hpp"
#include "web/routes/site.hpp"
#include "web/server/loop_gate.hpp"
#include "web/server/posted_door.hpp"
#include "web/server/web_server.hpp"
#include "web/server/web_session.hpp"
#include "web/server/work_thread.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace troupe {

class gateway;

/// A place among the open connections; left when destroyed.
class session_slot {
public:
  session_slot() = default;
  session_slot(std::shared_ptr<gateway> owner, std::uint64_t number) : owner_(std::move(owner)), number_(number) {}
  session_slot(session_slot&& other) noexcept = default;
  session_slot& operator=(session_slot&& other) noexcept = default;
  ~session_slot();
  std::uint64_t number() const noexcept { return number_; }

private:
  std::shared_ptr<gateway> owner_;
  std::uint64_t number_ = 0;
};

/// One open HTTP door: its acceptor, its connections, its site. Lives until the last connection has ended. All on the
/// web server's thread, except `open`, `address` and the posting of `close`.
class gateway : public std::enable_shared_from_this<gateway>, private web_timer {
public:
  using tcp = boost::asio::ip::tcp;

  static result<std::shared_ptr<gateway>> open(std::shared_ptr<boost::asio::io_context> loop, door& actors,
                                               access_keeper& access, const web_server_options& options,
                                               const listener_options& wish);
  ~gateway() override;

  const std::string& address() const noexcept { return address_; }
  access_keeper& access() noexcept { return access_; }

  void start_accepting();
  /// No more connections; those that are there end within the grace.
  void close();
  bool is_closing() const noexcept { return closing_; }

  site& routes() noexcept { return *site_; }
  web_counters& counters() noexcept { return counters_; }
  const web_limits& limits() const noexcept { return options_.limits; }
  const task_joiner& joiner() const noexcept { return options_.join_task; }
  const std::shared_ptr<loop_gate>& gate() const noexcept { return gate_; }

  /// The session that uses the slot, or took it over.
  void enter(std::uint64_t number, std::weak_ptr<web_session> session) { sessions_[number] = std::move(session); }
  void leave(std::uint64_t number);

  /// Room for bodies that are being read.
  bool reserve_body(std::size_t bytes);
  void release_body(std::size_t bytes) noexcept { body_bytes_ -= bytes; }

  /// One line about a client; only so many a second are kept.
  void log_client(const std::string& text);

private:
  gateway(std::shared_ptr<boost::asio::io_context> loop, door& actors, access_keeper& access,
          const web_server_options& options);
  result<> bind(const listener_options& wish);
  void accept_next();
  void admit(tcp::socket socket);
  bool make_room();
  void after(std::chrono::milliseconds time, std::function<void()> done) override;
  void finish();

  std::shared_ptr<boost::asio::io_context> loop_; ///< outlives the sockets, also those of a handle that is kept too long
  const web_server_options options_;
  access_keeper& access_;
  std::shared_ptr<loop_gate> gate_;
  posted_door door_;
  web_counters counters_;
  application_store applications_;
  work_thread background_;
  tcp::acceptor acceptor_;
  boost::asio::steady_timer grace_;
  boost::asio::steady_timer accept_pause_;
  std::string address_;
  std::optional<site> site_;
  std::map<std::uint64_t, std::weak_ptr<web_session>> sessions_; ///< in the order of their arrival
  std::uint64_t next_session_ = 1;
  std::size_t body_bytes_ = 0;
  bool closing_ = false;
  std::chrono::steady_clock::time_point log_second_;
  int logged_ = 0;
};

} // namespace troupe
