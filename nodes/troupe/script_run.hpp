#pragma once

#include "nodes/troupe/command_context.hpp"
#include "nodes/troupe/output_reader.hpp"

#include <mutex>
#include <stop_token>
#include <string>

namespace troupe::cli {

/// One run of a script, joined to this program's standard streams. Made, executed once and thrown away; the task's
/// actor is removed at its end.
class script_run {
public:
  script_run(const gateway& system, command_context& context);

  /// `task` is the body for a POST to `target`. Returns what the program ends with.
  attempt<int> execute(const json& task, const std::string& target = "/api/v1/tasks");

private:
  void take_interrupt(int signal);
  void obey_interrupts(int from, int to);
  bool take_record(const output_record& record);
  attempt<json> follow();
  cli_error lost(const cli_error& why) const;
  int leave(const std::string& what_is_left);
  int finish(const json& state);
  void remove_actor();

  const gateway& system_;
  command_context& context_;
  output_reader reader_;
  std::string stdout_; ///< kept for `--json` only, as is stderr_
  std::string stderr_;
  std::string id_;
  std::mutex mutex_; ///< for is_created_, interrupts_ and first_signal_
  bool is_created_ = false;
  int interrupts_ = 0;
  int first_signal_ = 0;
  bool reader_gone_ = false;
  std::stop_source leave_;
};

} // namespace troupe::cli
