#include "tests/system/harness/program_paths.hpp"
#include "tests/system/tasks/task_runs.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <optional>

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace system_test;

/// A system whose runs are processes of nobody.
class RunUser : public testing::Test {
protected:
  void SetUp() override {
    if (::geteuid() != 0 || ::getpwnam("nobody") == nullptr) {
      GTEST_SKIP() << "only root can give runs to another user, here to nobody";
    }
    uid_ = ::getpwnam("nobody")->pw_uid;
    ::chmod(place_.path().c_str(), 0711); // above the state folder, where the daemon changes nothing
    system_options options;
    options.state_dir = place_.path() / "state";
    options.config = {{"tasks", {{"user", "nobody"}}},
                      {"python", "/usr/bin/python3"},
                      {"venvs", {{"use", true}, {"requirements", ""}}}};
    system_.emplace(options);
  }
  std::string script(const std::string& text) {
    const auto path = place_.path() / "script.py";
    std::ofstream{path} << text;
    ::chmod(path.c_str(), 0644);
    return path.string();
  }

  uid_t uid_ = 0;
  temp_folder place_;
  std::optional<test_system> system_;
};

TEST_F(RunUser, AScriptHasItsEnvironmentItsFolderAndItsTaskAndNothingOfTheSystem) {
  const auto path = script(R"(
import os, sys
from ompy.appmanager.variables import TASK_PARAMS
from ompy.appmanager.communication import run_am_script
print(os.getuid(), os.getgroups(), sys.prefix != sys.base_prefix, os.environ['HOME'] == TASK_PARAMS['outputPath'])
os.makedirs('kept/by/me')
state = os.path.dirname(os.path.dirname(os.path.dirname(TASK_PARAMS['outputPath'])))
for name in ('token', 'system.db', 'log/troupe.log', 'run', 'ready.json'):
    try:
        os.listdir(f'{state}/{name}') if name == 'run' else open(f'{state}/{name}').close()
        print('may read', name)
    except PermissionError:
        pass
    except FileNotFoundError:
        print('absent', name) if name != 'run' else None
print('child', len(run_am_script('child.py', {})) > 0, flush=True)
)");
  std::ofstream{place_.path() / "child.py"} << "import os\nprint(os.getuid())\n";
  const auto task = start_task(*system_, {{"script", path}, {"timeout", 60}});
  const auto output = follow_output(*system_, task.id, 60s);
  EXPECT_EQ(output.out, std::to_string(uid_) + " [] True True\nchild True\n") << output.err;
  EXPECT_EQ(output.end.value("state", ""), "succeeded") << output.end;
}

TEST_F(RunUser, AScriptThatTheUserCannotReadIsRefused) {
  const auto path = place_.write("secret.sh", "echo 1\n").string();
  ::chmod(path.c_str(), 0600);
  const auto refused = system_->http("POST", "/api/v1/tasks", json{{"script", path}}.dump());
  EXPECT_GE(refused.status, 400);
  EXPECT_NE(refused.body.find("Permission denied for the user nobody"), std::string::npos) << refused.body;
}

TEST_F(RunUser, DoctorSaysWhoseTheRunsAre) {
  const auto config = place_.path() / "config.json";
  std::ofstream{config} << R"({"tasks": {"user": "nobody"}})";
  const auto told = run_program({{programs().troupe, "doctor", "--config", config.string()}, {}, {}}, scaled(30s));
  EXPECT_NE(told.out.find("nobody (uid " + std::to_string(uid_) + ")"), std::string::npos) << told.out;
}

TEST(RunUserConfig, AnUnknownUserIsAnErrorOfTheConfig) {
  temp_folder place;
  const auto config = place.write("config.json", R"({"tasks": {"user": "no-such-user"}})");
  const auto told = run_program({{programs().troupe, "config", "check", config.string()}, {}, {}}, scaled(30s));
  EXPECT_NE(told.state, (exit_state{false, 0})) << told.out;
  EXPECT_NE((told.out + told.err).find("there is no user \"no-such-user\" on this machine"), std::string::npos) << told.out << told.err;
}

} // namespace
