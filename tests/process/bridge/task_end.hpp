#pragma once

#include "runtime/bridge/bridge_frame.hpp"
#include "runtime/process/unique_fd.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace troupe {

/// The task's end of one bridge, as ompy is: blocking, with a deadline of 20 s for each step.
class task_connection {
public:
  explicit task_connection(unique_fd socket);

  struct received {
    int kind = 0; ///< 0: the connection ended
    std::string payload;
    std::uint16_t code = 0;
  };
  /// The next whole message, or the close.
  received receive();
  bool send(bridge_kind kind, const std::string& payload);
  bool send_bytes(const std::string& bytes);
  void close(std::uint16_t code, const std::string& reason) { send_bytes(make_close_frame(code, reason)); }
  void drop() { socket_.reset(); }

private:
  unique_fd socket_;
  bridge_decoder decoder_;
};

/// The folder of a task whose script listens for the bridge.
class task_end {
public:
  /// Makes `<runs>/<pid>/work`, however long the path is.
  task_end(std::string runs, std::string pid);

  void listen(int backlog = 64);
  /// Waits for a client.
  std::optional<task_connection> accept();
  /// Writes the run's result.
  void end();
  std::string work() const { return runs_ + "/" + pid_ + "/work"; }

private:
  std::string runs_;
  std::string pid_;
  unique_fd listener_;
};

} // namespace troupe
