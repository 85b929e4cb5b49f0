// How long a run waits for its environment: one that is there, and a new one, made with uv and with Python's own module;
// beside `python3 -m venv`.
#include "tests/bench/support/bench_line.hpp"
#include "tests/process/venv/builder_alone.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include <unistd.h>

namespace {

using namespace bench;
using steady = std::chrono::steady_clock;

constexpr auto python = "/usr/bin/python3";

double ms_since(steady::time_point begin) {
  return std::chrono::duration<double, std::milli>(steady::now() - begin).count();
}

/// One builder with a tool, in a folder that goes with it.
class bench_builder {
public:
  explicit bench_builder(const std::string& tool, const std::string& uv = "uv") {
    char name[] = "/tmp/troupe-bench-venv-XXXXXX";
    root_ = ::mkdtemp(name);
    troupe::venv_ports ports;
    ports.folder = root_ + "/venvs";
    ports.tools = {tool, uv, python, "", "", true};
    ports.environment = {{"PATH", "/usr/bin:/bin"}, {"HOME", root_}};
    builder_ = std::make_unique<troupe::builder_alone>(std::move(ports), TROUPE_OBSERVER);
  }
  ~bench_builder() {
    builder_.reset();
    std::filesystem::remove_all(root_);
  }

  /// From the question of a run to the answer that its environment is ready.
  double acquire(const std::string& name) {
    const auto begin = steady::now();
    const auto answer = builder_->ask("acquire_venv", {{"name", name}, {"run", std::to_string(++asked_)}});
    if (answer.command() != "venv_is_ready") {
      throw std::runtime_error("no environment: " + answer.body().dump());
    }
    return ms_since(begin);
  }
  double acquire_new() { return acquire("new_" + std::to_string(++made_)); }
  std::string python_of(const std::string& name) const { return root_ + "/venvs/" + name + "/bin/python"; }
  std::string folder() const { return root_; }

private:
  std::string root_;
  std::unique_ptr<troupe::builder_alone> builder_;
  int made_ = 0;
  int asked_ = 0;
};

double run(const std::string& command) {
  const auto begin = steady::now();
  if (std::system((command + " >/dev/null 2>&1").c_str()) != 0) {
    throw std::runtime_error("this fails: " + command);
  }
  return ms_since(begin);
}

void ready() {
  bench_builder builder{"pip"};
  builder.acquire("there");
  const auto both = measure_in_turn(
    51, [&] { return builder.acquire("there"); }, [&] { return run("'" + builder.python_of("there") + "' -c pass"); });
  print_line("venv_ready_ms", both.value, "ms", "its Python started once", both.baseline);
}

void create(const std::string& figure, const std::string& tool, const std::string& uv) {
  bench_builder builder{tool, uv};
  int count = 0;
  const auto both = measure_in_turn(
    3, [&] { return builder.acquire_new(); },
    [&] { return run(std::string{python} + " -m venv '" + builder.folder() + "/plain_" + std::to_string(++count) + "'"); });
  print_line(figure, both.value, "ms", "python3 -m venv", both.baseline);
}

std::string find_uv() {
  const char* path = std::getenv("PATH");
  return troupe::find_program("uv", std::string{TROUPE_TOOLS} + ":" + (path == nullptr ? "" : path));
}

} // namespace

int main(int argc, char** argv) {
  set_wanted(argc, argv);
  try {
    if (is_wanted("venv_ready_ms")) {
      ready();
    }
    if (is_wanted("venv_create_uv_ms")) {
      if (const auto uv = find_uv(); uv.empty()) {
        std::fprintf(stderr, "venv_create_uv_ms is left out: there is no uv in %s or on PATH\n", TROUPE_TOOLS);
      } else {
        create("venv_create_uv_ms", "uv", uv);
      }
    }
    if (is_wanted("venv_create_pip_ms")) {
      create("venv_create_pip_ms", "pip", "");
    }
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "venv_bench: %s\n", problem.what());
    return 1;
  }
  return 0;
}
