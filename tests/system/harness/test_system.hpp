#pragma once

#include "tests/system/harness/deadline.hpp"
#include "tests/system/harness/http_client.hpp"
#include "tests/system/harness/program.hpp"
#include "tests/system/harness/temp_folder.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace system_test {

using json = nlohmann::json;

inline const std::string head_node = "first.main.admin";

/// What came back for an ask; `command` is empty and `problem` says why if the gateway gave no message.
struct answer {
  std::string command;
  json body;
  json message;
  int http_status = 0;
  std::string problem;
  milliseconds took{0};

  bool is(std::string_view wanted) const { return command == wanted; }
};

std::ostream& operator<<(std::ostream& out, const answer& what);

struct system_options {
  json config = json::object();       ///< merged over the generated config
  std::filesystem::path state_dir;    ///< empty: `state` in a temporary folder of the system's own
  std::vector<std::string> arguments; ///< added to trouped's
  std::map<std::string, std::string> environment;
  milliseconds ready_limit{10'000};
};

/// One running system: the built `trouped` with a config and a state folder of its own, on a free port. The destructor
/// ends it in order if the test did not, and reports as a test failure every process, zombie, socket and descriptor
/// that is left.
class test_system {
public:
  explicit test_system(system_options options = {});
  ~test_system();
  test_system(const test_system&) = delete;
  test_system& operator=(const test_system&) = delete;

  answer ask(const json& recipient, std::string_view command, const json& body = nullptr,
             milliseconds timeout = 4000ms) const;
  http_answer send(const json& recipient, std::string_view command, const json& body = nullptr) const;
  /// With the token; `Content-Type` is JSON if there is a body.
  http_answer http(std::string_view method, std::string_view target, std::string_view body = {},
                   milliseconds limit = 15'000ms) const;
  http_call call(std::string_view method, std::string_view target, std::string_view body = {}) const;

  /// Creates a process and returns its node's name; a failure of the test and an empty text if there is none.
  std::string create_process() const;
  /// Creates an actor of a test package class (or of `package`) and expects that it worked.
  void create_actor(const std::string& node, const std::string& name, const std::string& class_name,
                    const std::string& package = "test_actors") const;
  void set_params(const std::string& actor, const json& name_to_value) const;

  /// SIGKILL for the daemon alone; its nodes live on for their grace.
  void kill_daemon();
  /// Starts a daemon with the same config on the same folder; gives the time until it is ready. A failure of the test if
  /// it does not get ready.
  milliseconds start_daemon(milliseconds limit = 10'000ms);
  /// Waits until no process of the system is left, zombies collected; what is left is in the failure's text.
  void expect_no_process(milliseconds limit) const;

  /// Sends `quit` and waits for the end of the daemon.
  std::optional<exit_state> quit(milliseconds limit = 15'000ms);

  const gateway_address& gateway() const noexcept { return gateway_; }
  const std::string& token() const noexcept { return token_; }
  const json& ready() const noexcept { return ready_; }
  program& daemon() const noexcept { return *daemon_; }
  const line_log& printed() const noexcept { return daemon_->out(); }
  const std::filesystem::path& state_dir() const noexcept { return state_dir_; }
  const temp_folder& folder() const noexcept { return folder_; }
  /// The process id of a node, found in the process table; 0 if there is none.
  pid_t pid_of(const std::string& node) const;
  /// What the daemon wrote, and the end of its log: for failure messages.
  std::string report() const;
  /// A test that kills things calls this: orphans that the killed program left are collected before the last check.
  void expect_killed() noexcept { was_killed_ = true; }

private:
  bool becomes_ready(milliseconds limit);
  void wait_until_ready(milliseconds limit);
  void check_nothing_is_left();

  std::vector<std::string> descriptors_before_;
  temp_folder folder_;
  std::filesystem::path state_dir_;
  program_options command_;
  std::unique_ptr<program> daemon_;
  json ready_;
  gateway_address gateway_;
  std::string token_;
  bool was_killed_ = false;
};

/// The generated config of a test system, `overrides` merged over it.
json make_config(const json& overrides = json::object());
/// argv of `trouped` for a config file and a state folder.
std::vector<std::string> daemon_command(const std::filesystem::path& config, const std::filesystem::path& state_dir);

/// `{"class_desc": {...}, "name": name}`
json actor_body(const std::string& name, const std::string& class_name, const std::string& package = "test_actors");
/// `{"params": [{"name", "value"}, ...]}` from an object.
json params_body(const json& name_to_value);

} // namespace system_test
