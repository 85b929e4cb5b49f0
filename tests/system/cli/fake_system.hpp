#pragma once

#include "tests/system/cli/fake_gateway.hpp"
#include "tests/system/harness/temp_folder.hpp"

#include <troupe/json.hpp>

#include <functional>
#include <string>
#include <vector>

namespace cli_test {

using troupe::json;

/// A system as the command line sees it: a state folder with `ready.json` and a gateway that has one task, `t1`, whose
/// output and end the test decides.
class fake_system {
public:
  fake_system();
  ~fake_system();

  std::string state_dir() const { return folder_.path().string(); }
  const system_test::temp_folder& folder() const noexcept { return folder_; }
  fake_gateway& gateway() noexcept { return gateway_; }

  /// Before the program runs: the answers to what is no task's business, by `METHOD target`.
  void answer(const std::string& method_and_target, int status, const json& body);
  /// Called with each order to the task: `cancel` or `signal`.
  std::function<void(const std::string& order)> on_order;
  /// What `POST .../stdin` is answered; 200 unless the test says otherwise.
  std::function<int(const std::string& bytes)> on_stdin;

  void print(const std::string& stream, const json& data);
  void end(const json& state);
  void end_succeeded() { end({{"state", "succeeded"}, {"exit_code", 0}, {"signal", nullptr}, {"reason", ""}}); }
  /// From now on, each stream of output breaks once it has sent what there is.
  void break_streams();

  std::string input() const; ///< what came to the task's stdin so far
  bool input_closed() const;
  bool wait_input_closed() const;
  bool wait_input(const std::string& text) const;

private:
  void handle(const seen_request& request, connection& peer);
  void handle_task(const seen_request& request, connection& peer);
  void stream_output(const seen_request& request, connection& peer);
  void take_stdin(const seen_request& request, connection& peer);

  system_test::temp_folder folder_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::pair<std::string, std::pair<int, json>>> answers_;
  std::vector<std::string> lines_;
  json end_;
  std::string input_;
  bool input_closed_ = false;
  bool breaks_ = false;
  bool ending_ = false;
  fake_gateway gateway_;
};

} // namespace cli_test
