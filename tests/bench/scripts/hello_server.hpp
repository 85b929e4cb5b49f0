#pragma once

#include <cstdint>
#include <memory>

namespace bench {

/// The smallest server that Beast makes: answers every request with the same short text, on one thread.
class hello_server {
public:
  explicit hello_server(std::size_t body_bytes);
  ~hello_server();
  std::uint16_t port() const;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace bench
