#pragma once

#include "web/port/web_port.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace troupe {

/// The thread on which the ports of one server work; it starts with the first of them. Thread-safe. The destructor closes
/// what is still open within `close_grace`, then ends the thread.
class web_loop {
public:
  web_loop(std::string thread_name, std::chrono::milliseconds close_grace);
  ~web_loop();

  const std::shared_ptr<boost::asio::io_context>& context() const noexcept;

  /// Lets a bound port accept. Destroying the result frees the port at once.
  std::unique_ptr<open_listener> run(std::shared_ptr<web_port> port);
  /// Serves what a port without an acceptor is given by others; the caller owns it.
  void keep(const std::shared_ptr<web_port>& port);

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace troupe
