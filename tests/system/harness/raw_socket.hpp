#pragma once

#include "tests/system/harness/deadline.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace system_test {

/// A stream socket for bytes that no honest client would send.
class raw_socket {
public:
  static raw_socket tcp(std::uint16_t port);
  static raw_socket unix_path(const std::filesystem::path& file);
  raw_socket(raw_socket&& other) noexcept;
  raw_socket& operator=(raw_socket&&) = delete;
  ~raw_socket();

  bool is_open() const noexcept { return fd_ >= 0; }
  /// False if the peer has closed. Gives up (true) when the peer takes nothing more for a second.
  bool write(std::string_view bytes) const;
  /// What comes until it holds `end`, the peer closes, or `limit` is over.
  std::string read_until(std::string_view end, milliseconds limit) const;
  /// Waits for the peer to close.
  bool is_closed_within(milliseconds limit) const;
  void half_close() const;

private:
  explicit raw_socket(int fd) : fd_(fd) {}
  int fd_ = -1;
};

} // namespace system_test
