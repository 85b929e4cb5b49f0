#pragma once

#include "tests/system/move_world/chat_run.hpp"

namespace system_test {

/// Chat and moves for `time` on four processes, with a kill or a stop of a process each `harm_period` (0: none), judged
/// by the histories. With harm and `ask_every` 1 every loss must have been reported to its asker; messages that are only
/// sent may vanish with a process, and are counted.
void run_soak(const chat_options& how, milliseconds time, milliseconds harm_period);

} // namespace system_test
