// A builder in a process of its own, to be killed: makes the environment whose folder, requirements and packages are
// given, and prints what came of it.
#include "tests/process/venv/builder_alone.hpp"

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("venv_victim OBSERVER FOLDER REQUIREMENTS FIND_LINKS\n", stderr);
    return 2;
  }
  troupe::venv_ports ports;
  ports.folder = argv[2];
  ports.requirements = argv[3];
  ports.tools = {"pip", "uv", "/usr/bin/python3", "", argv[4], true};
  ports.environment = {{"PATH", "/usr/bin:/bin"}, {"HOME", argv[2]}};
  ports.wait_interval_s = 0.01;
  troupe::builder_alone builder{std::move(ports), argv[1]};
  std::puts("begins");
  std::fflush(stdout);
  const auto answer = builder.ask("acquire_venv", {{"run", "a"}});
  std::puts(answer.command().c_str());
  return 0;
}
