#include "run_report.hpp"

#include <algorithm>
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

std::string megabytes(std::uint64_t bytes) {
  return std::to_string((bytes + (1u << 19)) >> 20) + " MB";
}

/// With a limit that may do, in round numbers: it wanted more than the peak, and how much more nobody knows.
std::string memory_text(std::uint64_t limit, std::uint64_t peak, const large_library* library) {
  constexpr std::uint64_t room_for_work = 100; // MB beside a library
  const auto least = library != nullptr ? library->megabytes + room_for_work : 0;
  const auto wanted = std::max(std::max(limit * 5 / 2, peak * 3 / 2) >> 20, least);
  const std::uint64_t step = wanted < 1000 ? 50 : 500;
  auto text = "the script was stopped: memory limit " + megabytes(limit) + ", peak " + megabytes(std::max(peak, limit)) +
              " with all its processes; ";
  if (library != nullptr) {
    text += std::string{library->name} + " alone maps more than " + std::to_string(library->megabytes) + " MB, ";
  }
  return text + "try memoryLimit " + std::to_string((wanted + step - 1) / step * step);
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
  out.peak_memory = facts.peak_memory;
  out.cpu_s = facts.cpu_s;
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
  case stop_cause::memory:
    out.outcome = run_outcome::memory_exceeded;
    out.reason = memory_text(*plan.memory_limit, facts.peak_memory, facts.library);
    break;
  case stop_cause::cpu:
    out.outcome = run_outcome::timed_out;
    out.reason = "the script was stopped: its processes used more than their limit of " + seconds_text(*plan.cpu_limit) +
                 " of processor time (give it a larger `cpu_limit`)";
    break;
  case stop_cause::processes:
    out.outcome = run_outcome::signalled;
    out.reason = "the script was stopped: it had more than its limit of " + std::to_string(*plan.process_limit) +
                 " processes and threads (give it a larger `process_limit`)";
    break;
  case stop_cause::disk:
    out.outcome = run_outcome::signalled;
    out.reason = "the script was stopped: its work folder holds more than its limit of " + megabytes(*plan.disk_limit) +
                 " (give it a larger `disk_limit`)";
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
