#include "nodes/troupe/run_end.hpp"

#include "nodes/troupe/exit_code.hpp"
#include "nodes/troupe/typed_value.hpp"

#include <csignal>
#include <cstring>
#include <optional>
#include <utility>

namespace troupe::cli {

namespace {

constexpr int time_limit_code = 124;
constexpr int memory_limit_code = 137;

std::string text_of(const json& state, const char* key) {
  const auto found = state.find(key);
  return found != state.end() && found->is_string() ? printable(found->get_ref<const std::string&>()) : std::string{};
}

std::optional<int> number_of(const json& state, const char* key) {
  const auto found = state.find(key);
  return found != state.end() && found->is_number_integer() ? std::optional{found->get<int>()} : std::nullopt;
}

/// The system's own words, which say more; else ours.
std::string reason_or(const std::string& reason, std::string sentence) {
  return reason.empty() ? std::move(sentence) : reason;
}

int cancelled_code(const json& state, int interrupt) {
  if (interrupt != 0) {
    return 128 + interrupt;
  }
  if (const auto signal = number_of(state, "signal")) {
    return 128 + *signal;
  }
  const int code = number_of(state, "exit_code").value_or(0);
  return code != 0 ? code : 128 + SIGTERM;
}

} // namespace

std::string signal_text(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return std::to_string(signal) + (name == nullptr ? std::string{} : " (SIG" + std::string{name} + ")");
}

run_end judge_end(const json& task_state, int interrupt) {
  const json state = task_state.is_object() ? task_state : json::object();
  const auto word = text_of(state, "state");
  const auto reason = text_of(state, "reason");
  if (word == "succeeded") {
    return {0, {}};
  }
  if (word == "failed") {
    // without an exit code the script never ran, and only the reason tells why
    const auto code = number_of(state, "exit_code");
    return {code.value_or(exit_failure), code ? std::string{} : reason_or(reason, "the task failed")};
  }
  if (word == "signalled") {
    const int signal = number_of(state, "signal").value_or(0);
    return {128 + signal, reason_or(reason, "the script was ended by signal " + signal_text(signal))};
  }
  if (word == "timed_out") {
    return {time_limit_code, reason_or(reason, "the time limit ended the script")};
  }
  if (word == "memory_exceeded") {
    return {memory_limit_code, reason_or(reason, "the memory limit ended the script")};
  }
  if (word == "cancelled") {
    return {cancelled_code(state, interrupt), reason_or(reason, "the task was cancelled")};
  }
  if (word == "lost") {
    return {exit_connection_lost, reason_or(reason, "nobody knows how the script ended")};
  }
  return {exit_failure, reason_or(reason, word.empty() ? "the task's end has no state" : "the task is " + word)};
}

} // namespace troupe::cli
