#pragma once

#include "tests/process/venv/builder_alone.hpp"
#include "tests/process/venv/wheel.hpp"

#include <runtime/observer/process_tree.hpp>
#include <runtime/venv/venv_tools.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

namespace troupe {

using namespace std::chrono_literals;

/// uv, where the bootstrap has put it or on PATH; empty: there is none.
inline std::string find_uv() {
  const char* path = std::getenv("PATH");
  return find_program("uv", std::string{TROUPE_TOOLS} + ":" + (path == nullptr ? "" : path));
}

/// A folder of environments and one of wheels: `small` 1.0 and 2.0, and `needy`, which needs `small`.
class venv_fixture : public testing::Test {
protected:
  venv_fixture() {
    char name[] = "/tmp/troupe-venv-XXXXXX";
    root_ = ::mkdtemp(name);
    write_wheel(root_ + "/wheels", "small", "1.0");
    write_wheel(root_ + "/wheels", "small", "2.0");
    write_wheel(root_ + "/wheels", "needy", "0.1", "small>=1");
  }

  ~venv_fixture() override {
    builder_.reset();
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!(descendants_of(::getpid()).empty() && ::waitpid(-1, nullptr, WNOHANG) < 0)) {
      if (std::chrono::steady_clock::now() > deadline) {
        ADD_FAILURE() << "a process is left";
        break;
      }
      ::usleep(2'000); // sleep: the pause of a wait with a deadline
    }
    std::filesystem::remove_all(root_);
  }

  venv_ports ports(const std::string& tool) {
    venv_ports out;
    out.folder = root_ + "/venvs";
    out.tools = {tool, find_uv().empty() ? "uv" : find_uv(), "/usr/bin/python3", "", root_ + "/wheels", true};
    out.environment = {{"PATH", "/usr/bin:/bin"}, {"HOME", root_}};
    out.wait_interval_s = 0.01;
    out.requirements = root_ + "/requirements.txt";
    return out;
  }

  builder_alone& make(const venv_ports& with) {
    builder_ = std::make_unique<builder_alone>(with, TROUPE_OBSERVER);
    return *builder_;
  }

  command_end python(const std::string& venv, const std::string& code) {
    return run_command("'" + root_ + "/venvs/" + venv + "/bin/python' -c '" + code + "'");
  }

  std::string root_;
  std::unique_ptr<builder_alone> builder_;
};

} // namespace troupe
