#pragma once

#include <troupe/json.hpp>
#include <troupe/result.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace troupe {

/// What a gateway opens.
struct listener_options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0; ///< 0: any free one
  int page_size = 5;      ///< members a console page shows
  std::string console = "/";
};

/// One open HTTP door; closes when destroyed.
class open_listener {
public:
  virtual ~open_listener() = default;
  /// `http://127.0.0.1:9090`
  virtual std::string address() const = 0;
  /// An address that logs a browser in once, new with each call; empty if the door has no login.
  virtual std::string login() const { return {}; }
};

/// Opens HTTP doors: the gateway's port to the web server.
class listener {
public:
  virtual ~listener() = default;
  virtual result<std::unique_ptr<open_listener>> open(const listener_options& options) = 0;
};

} // namespace troupe
