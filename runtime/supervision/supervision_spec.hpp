#pragma once

#include <troupe/json.hpp>

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>

namespace troupe {

/// What becomes of an actor whose handler failed.
enum class failure_action : std::uint8_t {
  resume,  ///< it goes on with the state as it is
  restart, ///< a new object from the last checkpoint; its mailbox stays
  stop,    ///< it ends, exit hook included
};

/// How often and how fast something may come back.
struct restart_limits {
  std::uint32_t max_restarts = 5; ///< in `window`; the failure after them leads to quarantine
  std::chrono::duration<double> window{10};
  std::chrono::duration<double> backoff{0.1}; ///< wait before the first restart; doubles with each
  std::chrono::duration<double> max_backoff{30};
  bool operator==(const restart_limits&) const = default;
};

/// How an actor is supervised: the `supervision` of a creation.
struct supervision_spec {
  failure_action on_failure = failure_action::resume;
  bool permanent = true; ///< it comes back after the death of its process; else its name is released
  restart_limits limits;
  std::string group; ///< the config's group to which it belongs, or empty
  bool operator==(const supervision_spec&) const = default;

  /// In the shape that `parse_supervision` reads.
  json to_json() const;
};

/// What is wrong with a specification, as in `bad_request`.
struct supervision_problem {
  std::string field;
  std::string expected;
};

/// `{"on_failure": "resume|restart|stop", "restart": "permanent|temporary", "max_restarts", "window_s", "backoff_s",
/// "max_backoff_s", "group"}`, all optional, or null. Unknown keys are problems.
std::expected<supervision_spec, supervision_problem> parse_supervision(const json& from);

} // namespace troupe
