#pragma once

#include <troupe/context.hpp>

#include "runtime/node/actor_cell.hpp"
#include "runtime/supervision/restart_policy.hpp"
#include "runtime/timer/timer_service.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace troupe {

/// What most actors never have: kept apart so that an idle actor stays small.
struct cell_extras {
  struct ticker {
    ticker_options options;
    std::uint64_t sent = 0;
    timer_service::handle timer = 0;
    std::chrono::steady_clock::time_point due;
  };

  /// A `start_timer` that has not fired.
  struct timer_message {
    json mid;
    timer_service::handle timer = 0;
    std::chrono::steady_clock::time_point due;
  };

  /// How often a cumulative command came and went since the last report.
  struct counters {
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
    std::uint64_t asked = 0;
  };

  std::map<std::string, ticker, std::less<>> tickers;
  std::uint64_t ticker_count = 0;
  std::uint64_t hook_count = 0;
  std::set<timer_service::handle> timers;
  std::map<std::uint64_t, timer_message> timer_messages;
  std::uint64_t timer_count = 0;
  std::map<std::string, std::vector<address>> observers; ///< by command
  std::set<std::string> not_logged;
  std::string last_sent; ///< the newest of `sent_to`
  std::set<std::string> sent_to; ///< names it has sent to since it came to this node
  std::map<std::string, counters> cumulative;
  std::vector<std::function<void()>> on_ended; ///< who waits for the end
  std::function<void(result<frozen_actor>)> on_frozen; ///< who waits for it
  std::vector<std::function<void()>> stashed;         ///< the actor's functions that came while it was frozen
  bool forced = false; ///< something was cut off at the end
  json checkpoint; ///< what the actor can be restarted from
  bool checkpoint_pause = false; ///< one was sent to the directory a moment ago
  bool checkpoint_waits = false; ///< a newer one waits for the end of the pause
  std::string failure;           ///< where and why its code threw, until it is decided what becomes of it
  std::string restart_reason;
  bool restarts_alone = false; ///< the others of its group do not follow
  std::unique_ptr<restart_policy> restarts;
  std::vector<std::function<void(const result<>&)>> on_reborn; ///< who waits for the new object
};

} // namespace troupe
