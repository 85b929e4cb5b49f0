// What a guard costs a script: its start, its output, its end; beside the same script without one.
#include "tests/bench/support/bench_line.hpp"

#include <runtime/observer/observer_run_host.hpp>
#include <runtime/observer/process_tree.hpp>
#include <runtime/process/io_thread.hpp>
#include <runtime/process/posix_process_host.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <future>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace {

using namespace bench;
using namespace troupe;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr double gib = 1u << 30;

double ms_since(steady::time_point begin) {
  return std::chrono::duration<double, std::milli>(steady::now() - begin).count();
}

/// A node's half of the runs, in a folder of its own.
class guarded_runs {
public:
  guarded_runs() {
    char name[] = "/tmp/troupe-runs-bench-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~guarded_runs() { std::filesystem::remove_all(folder_); }

  run_plan plan(std::vector<std::string> argv) {
    run_plan out;
    out.id = "bench_" + std::to_string(::getpid()) + "_" + std::to_string(++count_);
    out.folder = folder_ + "/" + out.id;
    out.argv = std::move(argv);
    out.env = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}};
    out.memory_limit = 100u << 20; // as every task has one
    return out;
  }

  struct one_run {
    std::shared_ptr<run> handle;
    std::shared_ptr<std::promise<pid_t>> started = std::make_shared<std::promise<pid_t>>();
    std::shared_ptr<std::promise<run_result>> ended = std::make_shared<std::promise<run_result>>();
  };

  one_run start(const run_plan& what) {
    one_run out;
    run_events events;
    events.on_started = [started = out.started](run_started how) { started->set_value(how.pid); };
    events.on_rejected = [started = out.started](const std::string& why) {
      started->set_exception(std::make_exception_ptr(std::runtime_error(why)));
    };
    events.on_end = [ended = out.ended](run_result how) { ended->set_value(std::move(how)); };
    out.handle = host_.start(what, std::move(events));
    return out;
  }

private:
  std::string folder_;
  int count_ = 0;
  io_thread io_;
  posix_process_host processes_;
  observer_run_host host_{io_.loop(), processes_, TROUPE_OBSERVER};
};

/// Starts a program whose output goes to the returned descriptor.
std::pair<pid_t, int> start_bare(std::vector<std::string> argv) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  std::vector<char*> words;
  for (auto& word : argv) {
    words.push_back(word.data());
  }
  words.push_back(nullptr);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, ends[1], 1);
  pid_t pid = -1;
  const int problem = ::posix_spawnp(&pid, words[0], &files, nullptr, words.data(), environ);
  ::posix_spawn_file_actions_destroy(&files);
  ::close(ends[1]);
  if (problem != 0) {
    throw std::runtime_error("cannot start " + argv[0]);
  }
  return {pid, ends[0]};
}

const std::vector<std::string> trivial{"/usr/bin/python3", "-I", "-S", "-u", "-c", "print('x')"};

double first_byte_bare() {
  const auto begin = steady::now();
  const auto [pid, out] = start_bare(trivial);
  char byte = 0;
  (void)!::read(out, &byte, 1);
  const auto took = ms_since(begin);
  while (::read(out, &byte, 1) > 0) {
  }
  ::close(out);
  ::waitpid(pid, nullptr, 0);
  return took;
}

double first_byte_guarded(guarded_runs& runs) {
  std::promise<double> took;
  const auto begin = steady::now();
  auto one = runs.start(runs.plan(trivial));
  one.handle->read_output({0, 10s, 1024}, [&](const output_page&) { took.set_value(ms_since(begin)); });
  const auto out = took.get_future().get();
  one.ended->get_future().wait();
  return out;
}

const std::vector<std::string> flood{"head", "-c", "1073741824", "/dev/zero"};

double drain_bare() {
  const auto begin = steady::now();
  const auto [pid, out] = start_bare(flood);
  std::vector<char> buffer(64 * 1024);
  while (::read(out, buffer.data(), buffer.size()) > 0) {
  }
  const auto took = ms_since(begin);
  ::close(out);
  ::waitpid(pid, nullptr, 0);
  return gib / 1e6 / (took / 1e3);
}

double drain_guarded(guarded_runs& runs, bool keep, double& most_memory) {
  auto what = runs.plan(flood);
  what.keep_stdout = keep;
  what.spool_limit = 256u << 20;
  const auto begin = steady::now();
  auto one = runs.start(what);
  const auto script = one.started->get_future().get();
  pid_t observer = 0;
  for (const auto& entry : process_table()) {
    observer = entry.pid == script ? entry.parent : observer;
  }
  auto ended = one.ended->get_future();
  double first = 0;
  while (ended.wait_for(5ms) != std::future_status::ready) {
    const auto now = resident_bytes(observer) / (1 << 20);
    first = first == 0 ? now : first;
    most_memory = std::max(most_memory, now - first);
  }
  const auto took = ms_since(begin);
  std::filesystem::remove(spool_file_of(what.folder));
  return gib / 1e6 / (took / 1e3);
}

/// How long after its limit a script is dead.
double kill_delay_guarded(guarded_runs& runs) {
  constexpr auto limit = 200ms;
  auto what = runs.plan({"sleep", "100"});
  what.timeout = limit;
  auto one = runs.start(what);
  const auto end = one.ended->get_future().get();
  return end.duration_s * 1e3 - limit.count();
}

double kill_delay_bare() {
  constexpr auto limit = 200ms;
  const auto begin = steady::now();
  const auto [pid, out] = start_bare({"sleep", "100"});
  std::this_thread::sleep_for(limit - (steady::now() - begin));
  ::kill(pid, SIGTERM);
  ::waitpid(pid, nullptr, 0);
  const auto took = ms_since(begin) - limit.count();
  ::close(out);
  return took;
}

void run_all() {
  guarded_runs runs;
  if (is_wanted("task_first_byte_ms")) {
    const auto both = measure_in_turn(31, [&] { return first_byte_guarded(runs); }, first_byte_bare);
    print_line("task_first_byte_ms", both.value, "ms", "python3 -I -S, bare", both.baseline);
  }
  if (is_wanted("stdout_drain_mb_s") || is_wanted("stdout_drain_memory_mib")) {
    double memory = 0;
    const auto both = measure_in_turn(5, [&] { return drain_guarded(runs, false, memory); }, drain_bare);
    print_line("stdout_drain_mb_s", both.value, "MB/s, 1 GiB thrown away", "a reader of the pipe", both.baseline);
    const auto kept = measure_in_turn(3, [&] { return drain_guarded(runs, true, memory); }, drain_bare);
    print_line("stdout_drain_kept_mb_s", kept.value, "MB/s, 256 MiB of 1 GiB kept", "a reader of the pipe", kept.baseline);
    print_line("stdout_drain_memory_mib", memory, "MiB more in the observer", "the limit", 8);
  }
  if (is_wanted("task_kill_delay_ms")) {
    const auto both = measure_in_turn(9, [&] { return kill_delay_guarded(runs); }, kill_delay_bare);
    print_line("task_kill_delay_ms", both.value, "ms after the limit", "a sleep and a kill", both.baseline);
  }
}

} // namespace

int main(int argc, char** argv) {
  set_wanted(argc, argv);
  try {
    run_all();
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "runs_bench: %s\n", problem.what());
    return 1;
  }
  return 0;
}
