#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/wait.h>

namespace troupe {

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

} // namespace troupe
