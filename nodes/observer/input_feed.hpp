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

  /// Bytes from that place of the whole input on. What was received before is skipped; what leaves a gap is refused.
  void add(std::uint64_t place, std::string_view bytes);
  /// End of input once everything is written.
  void close_after_rest();

  std::uint64_t received() const noexcept { return received_; }
  std::uint64_t taken() const noexcept { return total_; }
  /// Why the script takes no more; empty while it does.
  const std::string& closed_reason() const noexcept { return closed_reason_; }

private:
  void serve(std::uint32_t events);
  void write();
  void close();

  event_loop& loop_;
  unique_fd pipe_;
  handlers handlers_;
  std::string waiting_;
  std::size_t written_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t total_ = 0;
  std::string closed_reason_;
  bool closes_ = false;
};

} // namespace troupe
