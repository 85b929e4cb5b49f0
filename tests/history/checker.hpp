#pragma once

#include "tests/history/copy_history.hpp"

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace history {

struct check_options {
  /// Processes were killed or stopped in this run. Then a message may be lost if its sender was told so, or if it is of
  /// the last ones that an actor sent in a process that died; without crashes nothing may be lost or reported.
  bool crashes = false;
  /// An ask may have ended in a time-out; what became of its message is then nobody's promise.
  bool timeouts = false;
  /// Losses that the system reported without saying which messages they were (dead letters): so many are forgiven.
  std::uint64_t counted_losses = 0;
  /// So many messages to each receiver the system reported as in doubt when their process died.
  std::map<std::string, std::uint64_t> in_doubt;
  std::size_t most_examples = 5; ///< of each kind
};

/// What was found. A problem has a kind (`lost`, `doubled`, `reordered`, `phantom`, `two_copies`, `after_end`,
/// `sender_gap`, `sender_repeat`, `false_answer`, `reported`, `timed_out`, `torn`, `empty`) and a sentence.
struct verdict {
  std::uint64_t copies = 0;
  std::uint64_t actors = 0;
  std::uint64_t channels = 0;
  std::uint64_t sent = 0;
  std::uint64_t refused = 0;
  std::uint64_t received = 0;
  std::uint64_t reported = 0;
  std::uint64_t lost = 0;             ///< accepted and never received, for whatever reason
  std::uint64_t lost_unreported = 0;  ///< of these, nobody was told
  std::uint64_t lost_with_sender = 0; ///< of these, the last that were sent in a process that died
  std::map<std::string, std::uint64_t> problems;
  std::vector<std::string> examples;

  bool good() const noexcept { return problems.empty(); }
  std::uint64_t count(const std::string& problem) const;
};

std::ostream& operator<<(std::ostream& out, const verdict& what);

/// Proves of a whole run, once everything has come to rest: per channel nothing is lost, nothing doubled, the order
/// kept; the streams of a sender have no gap and no repeat over its copies; and of each actor at most one copy worked at
/// any time. Pure.
verdict check(const std::vector<copy_history>& copies, const check_options& how = {});

} // namespace history
