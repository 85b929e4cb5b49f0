#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// A web socket client with deadlines; Beast stays in its source.
class bridge_client {
public:
  struct header {
    std::string name;
    std::string value;
  };
  struct received {
    bool text = false;
    std::string payload;
    std::uint16_t code = 0; ///< of a close; then `payload` is its reason
    bool failed = false;    ///< the connection broke, or nothing came in time
  };

  /// Connects; `status()` is 101, how the upgrade was refused, or 0 without an answer.
  bridge_client(std::uint16_t port, const std::string& target, const std::vector<header>& headers = {},
                const std::string& host = "127.0.0.1");
  ~bridge_client();
  bridge_client(bridge_client&&) noexcept;

  unsigned status() const;
  bool send(const std::string& payload, bool text = true);
  /// A part of a message.
  bool send_part(const std::string& payload, bool last, bool text = true);
  received receive();
  void close(std::uint16_t code, const std::string& reason);
  /// Ends without a word.
  void vanish();

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace troupe
