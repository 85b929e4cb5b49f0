#pragma once

#include "tests/system/harness/deadline.hpp"
#include "tests/system/harness/http_client.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace system_test {

/// One web socket to a gateway. Not thread-safe.
class ws_client {
public:
  /// Throws with the server's answer if the upgrade is refused.
  ws_client(const gateway_address& where, std::string_view token, std::string_view target = "/ws");
  ~ws_client();
  ws_client(const ws_client&) = delete;
  ws_client& operator=(const ws_client&) = delete;

  void send_text(std::string_view text);
  /// The next message; nothing if none came in time or the socket was closed.
  std::optional<std::string> receive(milliseconds limit);

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace system_test
