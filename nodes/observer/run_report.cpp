#include "run_report.hpp"

#include <cstdio>
#include <cstring>
#include <string>

#include <sys/wait.h>

namespace troupe {
namespace {

std::string seconds_text(std::chrono::milliseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%g s", static_cast<double>(time.count()) / 1000);
  return text;
}

std::string signal_text(int number) {
  const char* name = ::sigabbrev_np(number);
  return name != nullptr ? std::string{"SIG"} + name : "signal " + std::to_string(number);
}

} // namespace

run_result report_of(const run_plan& plan, const run_facts& facts) {
  run_result out;
  out.duration_s = facts.duration_s;
  out.progress = facts.progress;
  if (facts.wait_status && WIFEXITED(*facts.wait_status)) {
    out.exit_code = WEXITSTATUS(*facts.wait_status);
    out.outcome = run_outcome::exited;
    out.reason = *out.exit_code == 0 ? "" : "the script ended with exit code " + std::to_string(*out.exit_code);
  } else if (facts.wait_status) {
    out.signal = WTERMSIG(*facts.wait_status);
    out.outcome = run_outcome::signalled;
    out.reason = "the script was ended by " + signal_text(*out.signal);
  }
  switch (facts.cause) {
  case stop_cause::timed_out:
    out.outcome = run_outcome::timed_out;
    out.reason = "the script was stopped: it ran longer than its limit of " + seconds_text(*plan.timeout) +
                 " (give it a longer `timeout`, or a negative one for none)";
    break;
  case stop_cause::cancelled:
    out.outcome = run_outcome::cancelled;
    out.reason = "the script was stopped on request";
    break;
  case stop_cause::orphaned:
    out.outcome = run_outcome::cancelled;
    out.reason = "the script was stopped: its node was gone for " + seconds_text(plan.orphan_grace);
    break;
  case stop_cause::none:
    break;
  }
  const auto add = [&](const char* text) { out.reason += (out.reason.empty() ? "" : "; ") + std::string{text}; };
  if (facts.stopped_leftovers) {
    add("processes that the script had left behind were stopped");
  }
  if (facts.gave_up) {
    add("processes of the script could not be killed and are still there");
  }
  if (facts.output_was_cut) {
    add("its output was cut");
  }
  return out;
}

} // namespace troupe
