#include "nodes/troupe/run_end.hpp"

#include "nodes/troupe/exit_code.hpp"
#include "nodes/troupe/typed_value.hpp"

#include <csignal>
#include <cstring>
#include <optional>

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

std::string with_reason(std::string sentence, const std::string& reason) {
  return reason.empty() ? sentence : sentence + ": " + reason;
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
    return {code.value_or(exit_failure), code ? std::string{} : with_reason("the task failed", reason)};
  }
  if (word == "signalled") {
    const int signal = number_of(state, "signal").value_or(0);
    return {128 + signal, with_reason("the script was ended by signal " + signal_text(signal), reason)};
  }
  if (word == "timed_out") {
    return {time_limit_code, with_reason("the time limit ended the script", reason)};
  }
  if (word == "memory_exceeded") {
    return {memory_limit_code, with_reason("the memory limit ended the script", reason)};
  }
  if (word == "cancelled") {
    return {cancelled_code(state, interrupt), with_reason("the task was cancelled", reason)};
  }
  if (word == "lost") {
    return {exit_connection_lost, with_reason("nobody knows how the script ended", reason)};
  }
  return {exit_failure, with_reason(word.empty() ? "the task's end has no state" : "the task is " + word, reason)};
}

} // namespace troupe::cli
