#pragma once

#include "web/script_server/run_answer.hpp"
#include "web/script_server/script_world.hpp"

#include <troupe/message.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// One run as it is asked of a task.
struct script_run_plan {
  std::string id; ///< of the task
  std::string name;
  std::string path;
  std::string input;
  std::vector<std::string> args;
  script_options options;                ///< with all defaults
  std::vector<std::string> requirements; ///< to be had in `options.venv` first
};

/// Runs a script in a task of its own, on this node. A run that may have begun is never begun again. Lives as long as an
/// ask of it is under way.
class script_run : public std::enable_shared_from_this<script_run> {
public:
  struct events {
    std::function<void(const json& facts)> started; ///< {id, name, node, os_pid}; may be empty
    std::function<void(run_outcome)> ended;         ///< once
  };

  /// `wants_output`: else the outcome has none.
  static void start(script_world& world, script_run_plan plan, bool wants_output, events what);

private:
  script_run(script_world& world, script_run_plan plan, bool wants_output, events what)
    : world_(world), plan_(std::move(plan)), wants_output_(wants_output), events_(std::move(what)) {}

  void create();
  void begin();
  void on_begun(const message& answer);
  void look_whether_it_runs();
  void on_state(const message& answer);
  void feed();
  void await_end();
  void fail_with(unsigned status, const std::string& why);
  json start_body() const;
  void ask(address to, const char* command, json body, double timeout_s, void (script_run::*then)(const message&));
  void on_created(const message& answer);

  script_world& world_;
  script_run_plan plan_;
  const bool wants_output_;
  events events_;
};

} // namespace troupe
