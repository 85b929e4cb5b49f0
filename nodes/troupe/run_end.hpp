#pragma once

#include <troupe/json.hpp>

#include <string>

namespace troupe::cli {

/// How `troupe run` ends: its exit code, and one sentence if the code alone does not say it.
struct run_end {
  int exit_code = 0;
  std::string reason;
};

/// What the end state of a task means. `interrupt` is the signal that made this program cancel it, 0 if none did.
run_end judge_end(const json& task_state, int interrupt = 0);

/// What the next interrupt (Ctrl-C, SIGTERM, SIGHUP) does to the task.
enum class interrupt_step { cancel, kill, leave };

/// `count` interrupts have come, this one included.
constexpr interrupt_step step_of_interrupt(int count) {
  return count <= 1 ? interrupt_step::cancel : count == 2 ? interrupt_step::kill : interrupt_step::leave;
}

/// `9 (SIGKILL)`.
std::string signal_text(int signal);

} // namespace troupe::cli
