#pragma once

#include "runtime/access/access_keeper.hpp"
#include "web/bridge/bridge_server.hpp"
#include "web/port/web_port.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace troupe {

struct http_request;

/// One open port of the bridge with its clients. All on the bridge's thread, except `open` and what `web_port` says.
class bridge_door final : public web_port {
public:
  static result<std::shared_ptr<bridge_door>> open(std::shared_ptr<boost::asio::io_context> loop, access_keeper& access,
                                                   const bridge_server_options& options, const listener_options& wish);
  /// A door without a port: for clients that came in elsewhere.
  static std::shared_ptr<bridge_door> inner(std::shared_ptr<boost::asio::io_context> loop, access_keeper& access,
                                            const bridge_server_options& options);
  /// Takes over a client whose opening was admitted for the task `pid`.
  void adopt(int socket, const http_request& opening, std::string pid);

  const access_keeper& access() const noexcept { return access_; }
  const bridge_limits& limits() const noexcept { return options_.limits; }
  const std::string& runs_folder() const noexcept { return options_.runs_folder; }

  /// Room for one more client whose task is awaited.
  bool begin_waiting();
  void end_waiting() noexcept { --waiting_; }

private:
  bridge_door(std::shared_ptr<boost::asio::io_context> loop, access_keeper& access, const bridge_server_options& options);
  void serve(tcp::socket socket, session_slot slot) override;
  void on_refused(const std::string& text) override { log(log_level::info, text); }
  void log(log_level level, const std::string& text) const;

  const bridge_server_options options_;
  access_keeper& access_;
  std::size_t waiting_ = 0;
};

/// A place among the clients of a door; left when destroyed.
class bridge_slot {
public:
  bridge_slot(std::shared_ptr<bridge_door> owner, session_slot slot) : owner_(std::move(owner)), slot_(std::move(slot)) {}
  bridge_door& owner() const noexcept { return *owner_; }
  std::uint64_t number() const noexcept { return slot_.number(); }

private:
  std::shared_ptr<bridge_door> owner_;
  session_slot slot_;
};

} // namespace troupe
