#pragma once

#include "tests/process/venv/wheel.hpp"
#include "tests/system/harness/program_paths.hpp"
#include "tests/system/harness/test_system.hpp"
#include "tests/system/tasks/task_runs.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace system_test {

/// A system whose environments are made with Debian's Python and filled from a folder of wheels: `small` 1.0 and 2.0.
class VenvSystem : public testing::Test {
protected:
  void begin(const json& venvs = json::object()) {
    troupe::write_wheel(wheels(), "small", "1.0");
    troupe::write_wheel(wheels(), "small", "2.0");
    json wanted{{"tool", "pip"},         {"python", "/usr/bin/python3"}, {"find_links", wheels()},
                {"offline", true},       {"requirements", ""},           {"wait_interval_s", 0.05},
                {"creation_timeout_s", 120}};
    wanted.merge_patch(venvs);
    system_options options;
    options.config = {{"venvs", std::move(wanted)}};
    options.state_dir = kept.path() / "state";
    options.config["folders"] = {{"run", kept.path() / "r"}};
    options_ = options;
    system = std::make_unique<test_system>(options);
  }

  /// Ends the system in order and starts it again on its folder.
  void begin_again() {
    ASSERT_EQ(system->quit(), (exit_state{false, 0}));
    system.reset();
    system = std::make_unique<test_system>(options_);
  }

  std::string wheels() const { return kept.path() / "wheels"; }
  std::string script(const std::string& name, const std::string& text) const {
    return kept.write(name, text, true).string();
  }
  answer builder(std::string_view command, const json& body, milliseconds limit = scaled(60s)) const {
    return system->ask("venv_builder", command, body, limit);
  }
  json state(const std::string& name) const { return builder("get_venv", {{"name", name}}).body; }
  bool becomes(const std::string& name, const std::string& wanted) const {
    return eventually(scaled(30s), [&] { return state(name).value("state", "") == wanted; });
  }

  finished troupe_program(std::vector<std::string> words) const {
    program_options command;
    command.argv = {programs().troupe, "--state-dir", system->state_dir()};
    command.argv.insert(command.argv.end(), words.begin(), words.end());
    command.folder = kept.path();
    return run_program(command, scaled(60s));
  }

  /// An interpreter that makes environments only when the file `go` is there.
  std::string slow_python() const {
    return script("slow_python", "#!/bin/sh\nwhile [ ! -e " + (kept.path() / "go").string() +
                                   " ]; do echo waiting for go; sleep 0.05; done\nexec /usr/bin/python3 \"$@\"\n");
  }
  void go() const { (void)kept.write("go", ""); }

  temp_folder kept;
  std::unique_ptr<test_system> system;

private:
  system_options options_;
};

} // namespace system_test
