#pragma once

#include "tests/system/move_world/move_world.hpp"

#include <string>
#include <vector>

namespace system_test {

/// One thing that goes wrong in one move.
struct fault {
  std::string party;  ///< `source`, `target` or `head`: where the point is armed
  std::string point;  ///< without `move.<party>.`
  std::string action; ///< `kill`, `stop`, `disconnect`

  std::string name() const { return "move." + party + "." + point; }
};

std::ostream& operator<<(std::ostream& out, const fault& what);

/// AT-12: moves a consumer from one process to another while generators on four nodes ask it, lets the faults happen,
/// and checks that the asker is answered in time and truthfully, that the actor is there exactly once afterwards (or
/// has gone down with its process, if it may), and that no message was doubled, reordered, or lost without a report.
void run_faults(const std::vector<fault>& faults);

/// Every point with every action.
std::vector<fault> all_faults();

} // namespace system_test
