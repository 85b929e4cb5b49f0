#pragma once

#include "web/script_server/run_answer.hpp"
#include "web/script_server/script_world.hpp"

#include <troupe/message.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace troupe {

/// Waits for the end of one task and reads what it has printed, from its actor, or from the history if that is gone. Asks
/// again after failures, since the actor may come back. Lives as long as an ask of it is under way.
class task_reader : public std::enable_shared_from_this<task_reader> {
public:
  using done = std::function<void(run_outcome)>;

  /// `patience_s`: how long the task may take; `wants_output`: else the outcome has none.
  static void start(script_world& world, const std::string& task, double patience_s, bool wants_output, done ended);
  /// The same of a task whose end is known.
  static void read(script_world& world, const std::string& task, const json& state, done ended);

private:
  task_reader(script_world& world, std::string task, done ended)
    : world_(world), task_(std::move(task)), ended_(std::move(ended)) {}

  void await_end();
  void ask_history();
  void on_end(const json& state);
  void ask_output();
  void on_output(const message& answer);
  void on_failure(const message& answer, void (task_reader::*again)());
  void take(const json& record);
  void ask(address to, const char* command, json body, double timeout_s, void (task_reader::*then)(const message&));
  void on_state(const message& answer);

  script_world& world_;
  const std::string task_;
  done ended_;
  double patience_s_ = 0;
  bool wants_output_ = true;
  bool is_past_ = false; ///< the history is asked
  int failures_ = 0;     ///< one after the other
  std::uint64_t next_ = 0;
  run_outcome outcome_;
};

} // namespace troupe
