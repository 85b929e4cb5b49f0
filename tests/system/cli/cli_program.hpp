#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace cli_test {

/// How the program ended and what it wrote, byte by byte.
struct ended_program {
  int code = -1; ///< 128+n for a signal, -1 if it did not end in time
  std::string out;
  std::string err;
};

/// The real `troupe` with pipes at its standard streams; killed with the object if it still runs.
class cli_program {
public:
  struct options {
    std::vector<std::string> arguments;
    std::string program;                  ///< else the one that was built
    bool has_input = false;               ///< else /dev/null
    bool has_terminal_input = false;      ///< a terminal of its own, whose other end `write_input` uses
    std::vector<std::string> environment; ///< NAME=VALUE, added to the test's own
  };

  explicit cli_program(options wanted);
  ~cli_program();
  cli_program(const cli_program&) = delete;
  cli_program& operator=(const cli_program&) = delete;

  void write_input(std::string_view bytes);
  void close_input();
  void close_output(); ///< as a reader that goes away
  void signal(int number) const;

  bool wait_out(std::string_view text); ///< until it wrote that to stdout
  bool wait_err(std::string_view text);
  ended_program wait_end();

private:
  void read(int fd, std::string& into);
  bool wait_text(const std::string& where, std::string_view text);

  int pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  int errors_ = -1;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string out_;
  std::string err_;
  std::thread out_reader_;
  std::thread err_reader_;
  std::optional<int> code_;
};

/// Runs `troupe` to its end, with `input` (if any) at its standard input.
ended_program run_cli(std::vector<std::string> arguments, std::optional<std::string> input = {},
                      std::vector<std::string> environment = {});

} // namespace cli_test
