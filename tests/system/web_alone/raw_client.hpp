#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

/// A plain TCP client that says exactly what a test gives it. Each wait has a deadline.
class raw_client {
public:
  explicit raw_client(std::uint16_t port);
  raw_client(raw_client&& other) noexcept : socket_(other.socket_), bytes_(std::move(other.bytes_)) { other.socket_ = -1; }
  ~raw_client();
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;
  raw_client& operator=(raw_client&&) = delete;

  /// False if the other side has closed.
  bool send(std::string_view bytes);
  void half_close();
  void close();

  struct answer {
    int status = 0; ///< 0: the connection ended, or the deadline passed, before an answer was complete
    std::string head;
    std::string body;
    /// The first field of this (lower-case) name, or empty.
    std::string field(std::string_view name) const;
  };
  /// The next answer; chunked bodies are put together. `head_only` for answers to HEAD.
  answer read_answer(bool head_only = false);

  /// Waits until the other side closes; false if it did not in time.
  bool is_closed_within(std::chrono::milliseconds time);

  /// Waits for `text` in what was received and not consumed, then consumes up to its end.
  std::string read_until(std::string_view text);
  std::string read_bytes(std::size_t count);
  const std::string& pending() const noexcept { return bytes_; }

  std::chrono::milliseconds deadline{10'000};

private:
  bool receive(std::chrono::steady_clock::time_point until);
  int socket_ = -1;
  std::string bytes_;
};

} // namespace troupe
