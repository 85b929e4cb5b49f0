#pragma once

#include "tests/process/venv/builder_alone.hpp"

#include <runtime/observer/process_tree.hpp>
#include <runtime/venv/venv_tools.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

namespace troupe {

using namespace std::chrono_literals;

/// What a command prints, and how it ends.
struct command_end {
  int code = -1;
  std::string out;
};

inline command_end run_command(const std::string& command) {
  command_end how;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> piece{};
  for (std::size_t got = 0; (got = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;) {
    how.out.append(piece.data(), got);
  }
  const int status = ::pclose(pipe);
  how.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return how;
}

/// Writes the wheel of a package of one module, `NAME.version` of which is its version.
inline void write_wheel(const std::string& folder, const std::string& name, const std::string& version,
                        const std::string& needs = {}) {
  std::filesystem::create_directories(folder);
  const auto script = folder + "/../make_wheel.py";
  std::ofstream{script} << R"(import sys, zipfile
folder, name, version, needs = sys.argv[1:]
info = f"{name}-{version}.dist-info"
files = {f"{name}.py": f"version = {version!r}\n",
         f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + (f"Requires-Dist: {needs}\n" if needs else ""),
         f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
files[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
with zipfile.ZipFile(f"{folder}/{name}-{version}-py3-none-any.whl", "w") as wheel:
    for file, text in files.items():
        wheel.writestr(file, text)
)";
  const auto made = run_command("/usr/bin/python3 '" + script + "' '" + folder + "' '" + name + "' '" + version + "' '" + needs + "'");
  ASSERT_EQ(made.code, 0) << made.out;
}

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
