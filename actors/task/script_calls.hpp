#pragma once

#include <actors/task/task_ports.hpp>

#include <runtime/observer/run_host.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace troupe {

/// Who calls: the task whose script it is.
struct calling_task {
  std::string name; ///< of its actor
  std::string id;
  std::string application;
  int depth = 0; ///< how many tasks are above it
};

/// What a script asks of its task, and what is kept of it: progress, result, children. Messages of a script go out by the
/// door, so that the task can move while an answer is awaited: the answer comes to the task as a message
/// (`call_is_answered`), wherever it is then. In the actor's turn.
class script_calls {
public:
  using clock = std::chrono::system_clock; ///< moves with the task

  static constexpr std::size_t most_children = 10'000; ///< remembered; the oldest are forgotten
  static constexpr std::size_t most_result = 1u << 20;
  static constexpr int most_depth = 64;

  explicit script_calls(const task_ports& ports) : ports_(ports) {}

  /// The answer, or nothing if it comes later. A call that is told again after a move waits on for its answer.
  std::optional<json> take(const run_call& what, const calling_task& who);
  void gone(std::uint64_t id);

  struct answer {
    std::uint64_t id = 0;
    json what;
  };
  /// What came of an answer that came as a message.
  struct outcome {
    std::optional<answer> to_script; ///< if its call is still wanted
    std::string to_cancel;           ///< a child that was started while the whole tree is to end
  };
  outcome finish(const json& body);
  /// No more children: the whole tree is to end.
  void stop_children() { is_stopping_ = true; }

  const std::deque<std::string>& children() const noexcept { return children_; }
  /// The fields of `task_state`: `progress`, `result`, `children` (their number).
  void add_to(json& state) const;

  json save() const;
  void load(const json& value);
  /// Answers are on their way to this object: seconds until the last of them is overdue. Nothing if there are none.
  std::optional<seconds> patience() const;
  /// The calls whose answers are overdue, with what to answer.
  std::deque<answer> overdue();
  /// After the death of a process, not after a move: answers that were on their way are lost, and the calls, which come
  /// again, are done again.
  void forget_answers() { waiting_.clear(); }

private:
  struct waiting_call {
    clock::time_point until;
    std::string child; ///< of `run_script`
  };

  json refuse(const std::string& name, const std::string& text) const;
  std::optional<json> ask(std::uint64_t id, const json& body, const calling_task& who);
  json send(const json& body, const calling_task& who);
  json progress(const json& body);
  json result(const json& body);
  std::optional<json> run_script(std::uint64_t id, const json& body, const calling_task& who);
  std::string child_of(std::uint64_t id);

  const task_ports& ports_;
  std::map<std::uint64_t, waiting_call> waiting_; ///< calls whose answers come as messages
  std::map<std::uint64_t, json> early_;           ///< answers to calls that are still to be told again
  std::set<std::uint64_t> told_;                  ///< calls that this object was told of
  std::map<std::uint64_t, std::string> starting_; ///< children by the call that starts them
  std::deque<std::string> children_;
  json progress_;
  json result_;
  bool is_stopping_ = false;
};

} // namespace troupe
