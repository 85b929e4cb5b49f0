#pragma once

#include <runtime/observer/spool_format.hpp>
#include <runtime/process/event_loop.hpp>
#include <runtime/process/unique_fd.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// Reads one output pipe of the script, always, and hands on what came, at once. A character that arrived in part waits
/// for its rest for some milliseconds, so that text is not cut inside a character.
class output_pump {
public:
  using sink = std::function<void(spool_stream, std::string_view)>;

  output_pump(event_loop& loop, unique_fd pipe, spool_stream stream, sink on_data);
  ~output_pump();

  /// After the end of the run: takes what is in the pipe, at most what a pipe may hold, and closes it.
  void finish();

private:
  bool read_once();
  void take(std::string_view bytes);
  void flush();
  void close();

  event_loop& loop_;
  unique_fd pipe_;
  spool_stream stream_;
  sink on_data_;
  std::string held_;
  std::optional<event_loop::timer_id> hold_ends_;
};

} // namespace troupe
