#include "tests/system/harness/test_system.hpp"

#include "tests/system/harness/proc_table.hpp"
#include "tests/system/harness/program_paths.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <set>
#include <stdexcept>

namespace system_test {

namespace fs = std::filesystem;

std::ostream& operator<<(std::ostream& out, const answer& what) {
  const auto text =
    what.message.is_null() ? what.problem : what.message.dump(-1, ' ', false, json::error_handler_t::replace);
  return out << "[" << what.command << " after " << what.took.count() << " ms: " << text.substr(0, 600) << "]";
}

json make_config(const json& overrides) {
  // Tests whose scripts need environments say so; the others do not wait for one.
  json config{{"gateway", {{"port", 0}}}, {"venvs", {{"use", false}}}, {"folders", {{"packages", {programs().packages, programs().test_packages}}}}};
  config.merge_patch(overrides);
  return config;
}

std::vector<std::string> daemon_command(const fs::path& config, const fs::path& state_dir) {
  return {programs().trouped, "--config", config.string(), "--state-dir", state_dir.string()};
}

json actor_body(const std::string& name, const std::string& class_name, const std::string& package) {
  return {{"class_desc", {{"requires_dist", package}, {"class", class_name}}}, {"name", name}};
}

json params_body(const json& name_to_value) {
  json list = json::array();
  for (const auto& [name, value] : name_to_value.items()) {
    list.push_back({{"name", name}, {"value", value}});
  }
  return {{"params", std::move(list)}};
}

namespace {

/// The marks of the systems that live now: a test may have several.
std::set<std::string>& live_marks() {
  static std::set<std::string> marks;
  return marks;
}

/// Leaves out what belongs to the living systems, with their zombies.
std::vector<process_entry> without_other_systems(std::vector<process_entry> all) {
  std::set<pid_t> theirs;
  for (const auto& mark : live_marks()) {
    for (const auto& entry : processes_that_name(mark)) {
      theirs.insert(entry.pid);
    }
  }
  std::erase_if(all,
                [&](const auto& entry) { return theirs.count(entry.pid) != 0 || theirs.count(entry.parent) != 0; });
  return all;
}

} // namespace

test_system::test_system(system_options options) {
  become_subreaper();
  descriptors_before_ = open_descriptors();
  state_dir_ = options.state_dir.empty() ? folder_.path() / "state" : options.state_dir;
  // Unix sockets end at 107 bytes: with a state folder of our own the sockets lie in ours too, where they are looked
  // for.
  json overrides = options.state_dir.empty() ? json{{"folders", {{"run", folder_.path() / "r"}}}} : json::object();
  overrides.merge_patch(options.config);
  const fs::path config = folder_.write("config.json", make_config(overrides).dump(2));
  command_.argv = daemon_command(config, state_dir_);
  command_.argv.insert(command_.argv.end(), options.arguments.begin(), options.arguments.end());
  // Everything of the system carries the folder's name in its environment.
  command_.environment = options.environment;
  command_.environment.insert({"SYSTEM_TEST_MARK", folder_.path()});
  command_.folder = folder_.path();
  daemon_ = std::make_unique<program>(command_);
  wait_until_ready(options.ready_limit);
  live_marks().insert(folder_.path());
}

void test_system::kill_daemon() {
  expect_killed();
  daemon_->signal(SIGKILL);
  EXPECT_EQ(daemon_->wait_exit(5s), (exit_state{true, SIGKILL}));
}

milliseconds test_system::start_daemon(milliseconds limit) {
  const auto begin = clock::now();
  daemon_ = std::make_unique<program>(command_);
  EXPECT_TRUE(becomes_ready(limit)) << "the daemon did not get ready again; " << report();
  return since(begin);
}

void test_system::expect_no_process(milliseconds limit) const {
  EXPECT_TRUE(eventually(limit, [this] {
    reap_orphans();
    return processes_that_name(folder_.path().string()).empty();
  })) << to_string(processes_that_name(folder_.path().string()));
}

bool test_system::becomes_ready(milliseconds limit) {
  const auto is_ready = [&] {
    ready_ = json::parse(read_text(state_dir_ / "ready.json"), nullptr, false);
    return ready_.is_object() && ready_.value("pid", 0) == daemon_->pid() && ready_.contains("api") &&
           ready_["api"].is_string();
  };
  if (!eventually(limit, [&] { return is_ready() || daemon_->wait_exit(0ms); }) || !is_ready()) {
    return false;
  }
  gateway_ = gateway_address::parse(ready_.at("api").get<std::string>());
  token_ = read_text(fs::path(ready_.value("token_file", (state_dir_ / "token").string())));
  while (!token_.empty() && (token_.back() == '\n' || token_.back() == '\r')) {
    token_.pop_back();
  }
  return true;
}

void test_system::wait_until_ready(milliseconds limit) {
  if (!becomes_ready(limit)) {
    const std::string text = report();
    daemon_.reset();
    eventually(12s, [] {
      reap_orphans();
      return without_other_systems(processes_below_us()).empty();
    });
    throw std::runtime_error("the system did not get ready; " + text);
  }
}

test_system::~test_system() {
  const bool had_failed = testing::Test::HasFailure();
  if (!daemon_->wait_exit(0ms)) {
    const auto state = quit();
    if (!was_killed_) {
      EXPECT_TRUE(state && *state == (exit_state{false, 0})) << "the daemon did not end in order: " << to_string(state);
    }
  }
  check_nothing_is_left();
  if (testing::Test::HasFailure() && !had_failed) {
    std::cerr << report() << "\n";
  } else if (had_failed) {
    std::cerr << "--- of the failed test: " << report() << "\n";
  }
}

std::optional<exit_state> test_system::quit(milliseconds limit) {
  send(head_node, "quit");
  auto state = daemon_->wait_exit(limit);
  if (!state) {
    ADD_FAILURE() << "the daemon still runs " << limit.count() << " ms after quit:" << to_string(processes_below_us());
    daemon_->signal(SIGKILL);
    state = daemon_->wait_exit(5s);
    was_killed_ = true;
  }
  return state;
}

void test_system::check_nothing_is_left() {
  const std::string mark = folder_.path();
  live_marks().erase(mark);
  if (was_killed_) {
    eventually(12s, [&] {
      reap_orphans();
      return processes_that_name(mark).empty() && without_other_systems(processes_below_us()).empty();
    });
  }
  // Whatever the daemon left is our child by now; nothing gets a second chance.
  const auto named = processes_that_name(mark);
  auto below = without_other_systems(processes_below_us());
  below.erase(
    std::remove_if(below.begin(), below.end(), [&](const auto& entry) { return entry.pid == daemon_->pid(); }),
    below.end());
  EXPECT_TRUE(named.empty()) << "processes of the system are left:" << to_string(named);
  EXPECT_TRUE(below.empty()) << "processes or zombies are left to the test:" << to_string(below);
  for (const auto& entry : named) {
    kill(entry.pid, SIGKILL);
  }
  eventually(2s, [&] {
    reap_orphans();
    return without_other_systems(processes_below_us()).empty();
  });
  if (!was_killed_) {
    for (const auto& folder : {folder_.path(), state_dir_}) {
      for (const auto& socket : sockets_below(folder)) {
        ADD_FAILURE() << "a socket is left: " << socket;
      }
    }
  }
}

answer test_system::ask(const json& recipient, std::string_view command, const json& body, milliseconds timeout) const {
  const json question{{"type", "ask"},
                      {"recipient", recipient},
                      {"command", command},
                      {"body", body},
                      {"timeout", static_cast<double>(timeout.count()) / 1000}};
  const auto begin = clock::now();
  const auto got = http("POST", "/api/v1/messages", question.dump(), timeout + 5s);
  answer out;
  out.took = since(begin);
  out.http_status = got.status;
  const json message = json::parse(got.body, nullptr, false);
  if (got.status == 200 && message.is_object() && message.contains("command")) {
    out.command = message["command"];
    out.body = message.value("body", json());
    out.message = message;
  } else {
    out.problem = "HTTP " + std::to_string(got.status) + ": " + got.body.substr(0, 400);
  }
  return out;
}

http_answer test_system::send(const json& recipient, std::string_view command, const json& body) const {
  const json what{{"type", "send"}, {"recipient", recipient}, {"command", command}, {"body", body}};
  return http("POST", "/api/v1/messages", what.dump());
}

http_call test_system::call(std::string_view method, std::string_view target, std::string_view body) const {
  http_call out;
  out.method = method;
  out.target = target;
  out.body = body;
  out.headers["Authorization"] = "Bearer " + token_;
  if (!body.empty()) {
    out.headers["Content-Type"] = "application/json";
  }
  return out;
}

http_answer test_system::http(std::string_view method, std::string_view target, std::string_view body,
                              milliseconds limit) const {
  auto what = call(method, target, body);
  what.limit = limit;
  return http_request(gateway_, what);
}

std::string test_system::create_process() const {
  const auto got = ask(head_node, "create_process", nullptr, 10s);
  EXPECT_EQ(got.command, "actor_is_created") << got;
  return got.body.is_object() ? got.body.value("node", std::string()) : std::string();
}

void test_system::create_actor(const std::string& node, const std::string& name, const std::string& class_name,
                               const std::string& package) const {
  const auto got = ask(node, "create_actor", actor_body(name, class_name, package), 10s);
  EXPECT_EQ(got.command, "actor_is_created") << got;
}

void test_system::set_params(const std::string& actor, const json& name_to_value) const {
  const auto got = ask(actor, "set_params", params_body(name_to_value));
  EXPECT_EQ(got.command, "params_are_set") << got;
}

pid_t test_system::pid_of(const std::string& node) const {
  for (const auto& entry : processes_below_us()) {
    if (entry.state != 'Z' && entry.command.find(node) != std::string::npos &&
        entry.command.find("troupe-node") != std::string::npos) {
      return entry.pid;
    }
  }
  return 0;
}

std::string test_system::report() const {
  const auto tail = [](const std::string& text) { return text.size() > 6000 ? text.substr(text.size() - 6000) : text; };
  return "the daemon: " + to_string(daemon_->wait_exit(0ms)) + "\n--- its output\n" + tail(daemon_->out().text()) +
         "--- its errors\n" + tail(daemon_->err().text()) + "--- its log\n" +
         tail(read_text(state_dir_ / "log" / "troupe.log")) + "---";
}

} // namespace system_test
