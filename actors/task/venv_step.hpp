#pragma once

#include <actors/task/start_request.hpp>
#include <actors/task/task_ports.hpp>

#include <runtime/observer/run_host.hpp>

#include <troupe/context.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// The environment of one run: asked for before its script starts, given back after its end. While it is being made, its
/// builder's lines are the run's output so far; they become the first records of the run's spool. Belongs to a task and
/// works in its turn.
class venv_step {
public:
  /// The environment, or why there is none.
  using done = std::function<void(result<>)>;

  /// False: the run needs no environment, and `ended` is not called. `told` is called when the builder first says that it
  /// is at work; an environment that is there already is lent without it.
  bool begin(context& where, const task_ports& ports, const start_request& wish, const std::string& run,
             std::function<void()> told, done ended);
  /// It has what it asked for, or asked for nothing.
  bool is_settled() const noexcept { return !held_ || !path_.empty(); }
  bool is_waiting() const noexcept { return waiting_ != nullptr; }
  const std::string& name() const noexcept { return name_; } ///< empty: the run has none

  /// The builder's `venv_progress`.
  void progress(const message& what);
  /// A line of others, before the script runs.
  void say(const std::string& line);
  /// Lays the environment into a plan: its programs first on PATH, its Python for Python scripts.
  void apply(run_plan& plan) const;

  const std::vector<std::string>& lines() const noexcept { return lines_; }
  /// What was said so far; waits for more, as a run does. Not after `settle`.
  void read(context& where, const output_query& query, std::function<void(output_page)> answer);
  /// The page of a run that never came to be.
  output_page last_page(const output_query& query) const;
  /// Nothing more comes from here: who still reads is handed on.
  void settle(const std::function<void(const output_query&, std::function<void(output_page)>)>& next);

  /// Gives the environment back, also one that is still waited for. The second time nothing.
  void release(context& where);

  json save() const;
  void load(const json& value);

private:
  struct reader {
    output_query query;
    std::function<void(output_page)> answer;
  };

  void ask(context& where, int tries_left);
  void answered(context& where, const message& answer, int tries_left);
  void add(const std::string& line);
  void serve_readers();
  output_page page(const output_query& query) const;

  std::string name_; ///< empty: none
  bool held_ = false; ///< asked for, and not given back
  std::string run_;
  std::string builder_;
  bool clean_ = false;
  double patience_s_ = 0;
  std::string bin_;
  std::string path_;
  std::string python_;
  std::vector<std::string> lines_;
  std::size_t bytes_ = 0;
  std::function<void()> told_;
  std::shared_ptr<done> waiting_; ///< shared with what may come late, which then finds it gone
  std::vector<std::shared_ptr<reader>> readers_;
};

} // namespace troupe
