#pragma once

#include <runtime/observer/call_book.hpp>
#include <runtime/process/event_loop.hpp>
#include <runtime/process/unique_fd.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace troupe {

/// The socket by which processes of the run reach their task: lines of JSON for a `call_book`, which keeps the calls.
/// Nobody who does not read his answers holds more than their limit here.
class call_desk {
public:
  static constexpr std::size_t line_limit = 16u << 20;
  static constexpr std::size_t connection_limit = 64;
  static constexpr std::size_t answer_limit = 64u << 20; ///< unread answers of a connection, which is closed above it

  struct handlers {
    std::function<void(const run_call&)> on_call;
    std::function<void(std::uint64_t id)> on_call_gone;
  };

  call_desk(event_loop& loop, handlers what);
  ~call_desk();

  result<> listen(const std::string& folder);
  void close();
  call_book& book() noexcept { return book_; }

private:
  struct connection {
    unique_fd socket;
    std::string incoming;
    std::string outgoing;
    std::size_t searched = 0; ///< of `incoming`: no line ends there
    bool waits_for_room = false;
  };

  void accept();
  void serve(std::uint64_t number, std::uint32_t events);
  bool read(std::uint64_t number);
  bool take_lines(std::uint64_t number);
  void send(std::uint64_t number, std::string line);
  bool write(std::uint64_t number);
  void drop(std::uint64_t number);

  event_loop& loop_;
  std::string path_;
  unique_fd listener_;
  std::map<std::uint64_t, connection> connections_;
  std::uint64_t last_number_ = 0;
  call_book book_;
};

} // namespace troupe
