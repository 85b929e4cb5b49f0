#pragma once

#include "tests/system/harness/test_system.hpp"
#include "tests/system/harness/ws_client.hpp"

#include <string>
#include <string_view>

namespace system_test {

/// The console's command form over one web socket: it takes the texts of the form's fields and makes of them what the
/// page does (body and recipient as JSON if they parse as JSON, else as text).
class form {
public:
  explicit form(const test_system& system) : socket_(system.gateway(), system.token()) {}

  /// The button ASK. `answer::problem` holds what came if it was no message.
  answer ask(std::string_view recipient, std::string_view command, std::string_view body = {},
             std::string_view timeout = "10");
  /// The button SEND: the text that came back.
  std::string send(std::string_view recipient, std::string_view command, std::string_view body = {});

  ws_client& socket() noexcept { return socket_; }

private:
  ws_client socket_;
};

} // namespace system_test
