#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace cli_test {

struct seen_request {
  std::string method;
  std::string target;
  std::string head; ///< the fields as they came
  std::string body;
};

/// The connection of one request, as its handler uses it. A handler that wrote nothing leaves it cut.
class connection {
public:
  explicit connection(int fd) : fd_(fd) {}

  void respond(int status, std::string_view content_type, std::string_view body);
  void json(int status, std::string_view body) {
    respond(status, status < 400 ? "application/json" : "application/problem+json", body);
  }
  void begin_chunks(std::string_view content_type);
  bool chunk(std::string_view bytes); ///< false: the client has gone
  void end_chunks() { write("0\r\n\r\n"); }
  bool write(std::string_view bytes);

private:
  int fd_;
};

/// A small HTTP server for tests: each connection carries one request and has a thread. Ends all connections with
/// itself.
class fake_gateway {
public:
  using handler = std::function<void(const seen_request&, connection&)>;

  explicit fake_gateway(handler on_request);
  ~fake_gateway();

  std::string address() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::uint16_t port() const noexcept { return port_; }

  std::vector<seen_request> requests() const;
  /// The first request that begins with `METHOD target`; waits for it.
  std::optional<seen_request> wait_for(std::string_view method_and_target) const;
  std::size_t count(std::string_view method_and_target) const;

  /// Breaks all connections that are open now, in the middle of what they carry.
  void cut_connections();
  /// Takes no more connections: the next ones are refused by the kernel.
  void close_door();

private:
  struct session {
    int fd = -1;
    std::thread thread;
  };
  void accept_loop();
  void serve(int fd);

  handler on_request_;
  std::atomic<int> listener_{-1};
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<seen_request> requests_;
  std::list<session> sessions_;
  std::vector<int> open_;
  bool ending_ = false;
  std::thread acceptor_;
};

} // namespace cli_test
