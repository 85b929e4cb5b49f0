// A trivial Python script from a prepared interpreter, beside the same run that starts its own.
#include "tests/bench/support/bench_line.hpp"

#include <runtime/observer/observer_run_host.hpp>
#include <runtime/process/io_thread.hpp>
#include <runtime/process/posix_process_host.hpp>
#include <runtime/warm_pool/node_warm_pool.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <exception>
#include <filesystem>
#include <fstream>
#include <future>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

namespace {

using namespace bench;
using namespace troupe;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

/// The half of a node that runs scripts, in a folder of its own.
class scripts {
public:
  scripts() {
    char name[] = "/tmp/troupe-warm-bench-XXXXXX";
    folder_ = ::mkdtemp(name);
    script_ = folder_ + "/hello.py";
    std::ofstream{script_} << "print('hello')\n";
    pool_ = std::make_unique<node_warm_pool>(io_.loop(), processes_,
                                             warm_programs{TROUPE_OBSERVER, WARM_PARENT, folder_ + "/runs"}, warm_pool_options{});
    host_ = std::make_unique<observer_run_host>(io_.loop(), processes_, TROUPE_OBSERVER, &pool_->observers());
  }
  ~scripts() {
    host_.reset();
    pool_.reset();
    std::filesystem::remove_all(folder_);
  }

  struct running {
    std::shared_ptr<run> handle;
    std::shared_ptr<std::promise<bool>> ended = std::make_shared<std::promise<bool>>();
    std::future<bool> is_warm = ended->get_future();
  };

  running start(bool warm) {
    run_plan plan;
    plan.id = "bench_" + std::to_string(::getpid()) + "_" + std::to_string(++count_);
    plan.folder = folder_ + "/runs/" + plan.id;
    plan.script = script_;
    plan.argv = {"/usr/bin/python3", script_};
    plan.env = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"PYTHONUNBUFFERED", "1"}};
    plan.memory_limit = 100u << 20;
    plan.warm = warm;
    running out;
    auto was_warm = std::make_shared<bool>(false);
    run_events events;
    events.on_started = [was_warm](const run_started& how) { *was_warm = how.warm; };
    events.on_rejected = [ended = out.ended](const std::string& why) {
      ended->set_exception(std::make_exception_ptr(std::runtime_error(why)));
    };
    events.on_end = [ended = out.ended, was_warm](const run_result&) { ended->set_value(*was_warm); };
    out.handle = host_->start(plan, std::move(events));
    return out;
  }

  void warm_up() {
    const auto deadline = steady::now() + 60s;
    while (!start(true).is_warm.get()) {
      if (steady::now() > deadline) {
        throw std::runtime_error("no run becomes warm");
      }
    }
  }

  /// From the request to the whole result.
  double latency_ms(bool warm) {
    const auto begin = steady::now();
    const bool was_warm = start(warm).is_warm.get();
    if (was_warm != warm) {
      throw std::runtime_error("a run was not as it was wished");
    }
    return std::chrono::duration<double, std::milli>(steady::now() - begin).count();
  }

  double per_second(bool warm, std::size_t at_once, int count) {
    const auto begin = steady::now();
    std::deque<running> under_way;
    for (int n = 0; n < count; ++n) {
      if (under_way.size() == at_once) {
        (void)under_way.front().is_warm.get();
        under_way.pop_front();
      }
      under_way.push_back(start(warm));
    }
    for (auto& one : under_way) {
      (void)one.is_warm.get();
    }
    return count / std::chrono::duration<double>(steady::now() - begin).count();
  }

private:
  std::string folder_;
  std::string script_;
  int count_ = 0;
  io_thread io_;
  posix_process_host processes_;
  std::unique_ptr<node_warm_pool> pool_;
  std::unique_ptr<observer_run_host> host_;
};

void run_all() {
  scripts all;
  all.warm_up();
  if (is_wanted("script_warm_p50_ms")) {
    const auto both = measure_in_turn(101, [&] { return all.latency_ms(true); }, [&] { return all.latency_ms(false); });
    print_line("script_warm_p50_ms", both.value, "ms until the whole result", "the same run, cold", both.baseline);
  }
  for (const auto& [name, at_once] : {std::pair{"script_warm_per_s", 1u}, {"script_warm_2_per_s", 2u}}) {
    if (is_wanted(name)) {
      const auto both = measure_in_turn(5, [&] { return all.per_second(true, at_once, 100); },
                                        [&] { return all.per_second(false, at_once, 50); });
      print_line(name, both.value, "runs/s", "the same runs, cold", both.baseline);
    }
  }
}

} // namespace

int main(int argc, char** argv) {
  set_wanted(argc, argv);
  try {
    run_all();
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "warm_bench: %s\n", problem.what());
    return 1;
  }
  return 0;
}
