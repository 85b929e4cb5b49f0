#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

namespace bench {

/// The plain way to serve files with Beast: one thread, asynchronous sessions, `http::file_body`, keep-alive; no login, no
/// validators, no limits.
class bare_file_server {
public:
  explicit bare_file_server(std::filesystem::path root);
  ~bare_file_server();
  std::uint16_t port() const;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace bench
