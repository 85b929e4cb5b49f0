#pragma once

#include "tests/system/harness/deadline.hpp"
#include "tests/system/harness/line_log.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace system_test {

/// How a program ended: an exit code or a signal, never both.
struct exit_state {
  bool by_signal = false;
  int value = 0;
  bool operator==(const exit_state&) const = default;
};

std::string to_string(const std::optional<exit_state>& state);

struct program_options {
  std::vector<std::string> argv;
  std::map<std::string, std::string> environment; ///< added to the test's own
  std::filesystem::path folder;                   ///< empty: the test's own
};

/// One program under test with its output lines. Ends (SIGKILL, if need be) with the object.
class program {
public:
  explicit program(program_options options);
  ~program();
  program(const program&) = delete;
  program& operator=(const program&) = delete;

  pid_t pid() const noexcept { return pid_; }
  const line_log& out() const noexcept { return out_; }
  const line_log& err() const noexcept { return err_; }

  void signal(int number) const;
  void write_input(std::string_view bytes) const;
  void close_input();

  /// Nothing if it still runs after `limit`.
  std::optional<exit_state> wait_exit(milliseconds limit);

private:
  void read_output(int out_fd, int err_fd);

  pid_t pid_ = 0;
  int pid_fd_ = -1;
  int input_ = -1;
  int stop_ = -1;
  line_log out_;
  line_log err_;
  std::thread reader_;
  std::optional<exit_state> ended_;
};

/// Runs a program to its end and gives back what it wrote.
struct finished {
  std::optional<exit_state> state;
  std::string out;
  std::string err;
  milliseconds took{0};
};
finished run_program(program_options options, milliseconds limit, std::string_view input = {});

} // namespace system_test
