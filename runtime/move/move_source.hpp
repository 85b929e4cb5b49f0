#pragma once

#include <troupe/result.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace troupe {

/// The source's side of one move to another node, as a plain state machine: no thread, no clock, no message. Events go
/// in, orders come out; whoever carries the orders out reports their ends as events.
///
///     preparing → freezing → sending → committing → departing → ended
///
/// Before `commit` was ordered any failure ends in `thaw`: the actor works on at the source. After it only the head's
/// verdict decides; while it is missing, the asker has heard `undecided`.
class move_source {
public:
  enum class step : std::uint8_t { preparing, freezing, sending, committing, departing, ended };

  struct order {
    enum class kind : std::uint8_t {
      freeze,           ///< stop the actor between two messages; reported by `frozen`
      send_state,       ///< mailbox and state to the target; reported by `replica_ready`
      flush_senders,    ///< what the actor has sent must have arrived; reported by `senders_flushed`
      commit,           ///< ask the head; reported by `verdict`, or `verdict_is_late`
      thaw,             ///< the actor works on
      drop_replica,     ///< the target may forget it
      depart,           ///< the actor has left: forward what is left and what comes
      enliven,          ///< the target may let it live; reported by `enlivened`
      tell_moved,       ///< the answers to the asker
      tell_not_moved,
      tell_undecided,
    };
    kind what;
    std::string reason;
    bool operator==(const order&) const = default;
  };
  using orders = std::vector<order>;

  orders prepared(const result<>& how);
  orders frozen(const result<>& how);
  orders replica_ready(const result<>& how);
  orders senders_flushed(const result<>& how);

  enum class word : std::uint8_t { committed, refused };
  /// The head's word. Only this one decides.
  orders verdict(word how, const std::string& reason);
  /// The head cannot be reached, or takes long: it has to be asked again.
  orders verdict_is_late(const std::string& reason);

  /// The target lives, or its `moved` failed; then the reason is told.
  orders enlivened(const std::string& problem);

  orders target_is_down(const std::string& reason);
  /// The time for the whole move has passed.
  orders out_of_time();

  step at() const noexcept { return step_; }

private:
  orders give_up(const std::string& reason);
  orders commit_when_complete();

  step step_ = step::preparing;
  bool replica_ready_ = false;
  bool senders_flushed_ = false;
  bool told_ = false;
  std::string failure_; ///< while the freeze is under way
};

} // namespace troupe
