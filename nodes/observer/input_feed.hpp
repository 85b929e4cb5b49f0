#pragma once

#include <runtime/process/event_loop.hpp>
#include <runtime/process/unique_fd.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace troupe {

/// Writes what the user sends to the script's standard input, as fast as the script reads. The user keeps what waits
/// here small by counting `on_taken`.
class input_feed {
public:
  struct handlers {
    std::function<void(std::uint64_t total)> on_taken;
    std::function<void(std::string reason)> on_closed; ///< once: the script takes no more; not after `close_after_rest`
  };

  input_feed(event_loop& loop, unique_fd pipe, handlers what);
  ~input_feed();

  void add(std::string_view bytes);
  /// End of input once everything is written.
  void close_after_rest();

private:
  void serve(std::uint32_t events);
  void write();
  void close();

  event_loop& loop_;
  unique_fd pipe_;
  handlers handlers_;
  std::string waiting_;
  std::size_t written_ = 0;
  std::uint64_t total_ = 0;
  bool closes_ = false;
};

} // namespace troupe
