#pragma once

#include <expected>
#include <string>
#include <utility>

namespace troupe::cli {

/// What the program ends with. `troupe run` ends with the script's own code instead, 124 for the time limit, 137 for
/// the memory limit and 128+n for a signal.
enum exit_code : int {
  exit_ok = 0,
  exit_failure = 1,        ///< the answer is a failure, or the system refused
  exit_usage = 2,          ///< wrong arguments or a wrong config
  exit_not_running = 3,    ///< no system runs on this state folder
  exit_connection_lost = 4 ///< the connection broke in the middle: what was asked may or may not have happened
};

/// Why a command ends early: the exit code and one sentence for the user.
struct cli_error {
  int code = exit_failure;
  std::string text;
  int http_status = 0; ///< 0: the failure is not an HTTP answer
};

template <class T = void>
using attempt = std::expected<T, cli_error>;

inline std::unexpected<cli_error> give_up(int code, std::string text) {
  return std::unexpected<cli_error>(cli_error{code, std::move(text)});
}

template <class T>
attempt<> without_value(const attempt<T>& answer) {
  return answer ? attempt<>{} : std::unexpected(answer.error());
}

} // namespace troupe::cli
