#pragma once

#include "nodes/troupe/exit_code.hpp"
#include "nodes/troupe/wake_fd.hpp"

#include <stop_token>
#include <string>
#include <thread>

namespace troupe::cli {

class gateway;

/// Hands what this program reads to a task's standard input, piece by piece, and closes it at the end. The task's pace
/// is the pump's: a piece is read only when the one before was taken. Ends by itself when the task takes no more.
class stdin_pump {
public:
  /// Starts at once; `system` outlives the pump.
  stdin_pump(const gateway& system, std::string task, int fd);
  ~stdin_pump();

  /// Whether `fd` has something to give a task: not if it is closed, /dev/null, or the terminal of another foreground
  /// job.
  static bool is_worth_reading(int fd);

  /// Stops wherever it is. Why the task's input could not be delivered, empty if it could as far as it was wanted.
  std::string stop();

  /// What an answer means for a piece: delivered, to be sent again, not wanted any more, or refused.
  enum class delivery { done, again, over, refused };
  static delivery judge(const attempt<>& written);

private:
  void pump();
  bool deliver(const std::string& bytes, bool close);

  const gateway& system_;
  std::string task_;
  int fd_;
  wake_fd end_;
  std::stop_source stop_;
  std::string problem_; ///< for the reader of `stop`
  std::thread thread_;
};

} // namespace troupe::cli
