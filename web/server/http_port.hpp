#pragma once

#include "web/port/web_port.hpp"
#include "web/routes/site.hpp"
#include "web/server/task_joiner.hpp"
#include "web/server/web_limits.hpp"
#include "web/server/work_thread.hpp"

#include <troupe/context.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace troupe {

/// What a port that speaks HTTP is like.
struct http_plan {
  std::string name;         ///< `the gateway`
  std::string port_setting; ///< what gives it another port
  std::string log_name;     ///< begins its lines in the log
  std::function<void(log_level, const std::string&)> log; ///< thread-safe; may be empty
  web_limits limits;
};

/// A port whose connections speak HTTP: what its sessions may cost, and what they need to know about their requests. On
/// the thread of its loop.
class http_port : public web_port, private web_timer {
public:
  /// Where a request goes, or the answer that refuses it, decided from its head. `peer` is the connection's.
  virtual std::variant<admission, http_response> admit(http_request& request, http_peer& peer, bool version_11) = 0;
  virtual void run(const admission& where, http_request request, sink_ptr sink) = 0;
  /// A connection whose request was admitted as a websocket.
  virtual void upgrade(tcp::socket, const http_request&, session_slot) {}

  /// The way of a connection to the socket of a task; null or empty: there is none.
  virtual const task_joiner* joiner() const noexcept { return nullptr; }

  web_counters& counters() noexcept { return counters_; }
  const web_limits& limits() const noexcept { return plan_.limits; }

  /// Room for bodies that are being read.
  bool reserve_body(std::size_t bytes);
  void release_body(std::size_t bytes) noexcept { body_bytes_ -= bytes; }

  /// One line about a client; only so many a second are kept.
  void log_client(const std::string& text);

protected:
  http_port(std::shared_ptr<boost::asio::io_context> loop, http_plan plan);

  web_timer& timer() noexcept { return *this; }
  work_thread& background() noexcept { return *background_; }
  /// To be called by the destructor of a class whose members are used in the background: late callers come to nothing.
  void stop_work();

private:
  void serve(tcp::socket socket, session_slot slot) override;
  void on_connections(std::size_t open) override { counters_.connections_open = open; }
  void on_refused(const std::string& text) override;
  void after(std::chrono::milliseconds time, std::function<void()> done) override;

  const http_plan plan_;
  web_counters counters_;
  std::optional<work_thread> background_;
  std::size_t body_bytes_ = 0;
  std::chrono::steady_clock::time_point log_second_;
  int logged_ = 0;
};

http_peer peer_of(const http_port::tcp::socket& socket);

/// Whether the other end sends nothing any more: it has closed the connection, or at least its half of it.
bool has_left(const http_port::tcp::socket& socket);

} // namespace troupe
