#pragma once

#include "run_fixture.hpp"

#include <runtime/observer/orphan_sweep.hpp>

#include <random>

namespace troupe {

/// Rounds of killing at random what belongs to a run: afterwards nothing that carries the run's mark may be alive.
class orphan_rounds : public run_fixture {
protected:
  void play(int rounds) {
    const auto given = std::getenv("TROUPE_TEST_SEED");
    const auto seed = given != nullptr ? std::strtoul(given, nullptr, 10) : std::random_device{}();
    SCOPED_TRACE("TROUPE_TEST_SEED=" + std::to_string(seed));
    std::printf("seed %lu\n", static_cast<unsigned long>(seed));
    std::mt19937 random{static_cast<std::mt19937::result_type>(seed)};
    for (int round = 0; round < rounds && !testing::Test::HasFailure(); ++round) {
      SCOPED_TRACE("round " + std::to_string(round));
      play_one(random);
    }
  }

private:
  /// Daemons that have left the session, ignore SIGTERM, and make more of their kind.
  static constexpr const char* clinging = R"(
import os, signal, sys, time
def cling(depth):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if depth and os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            cling(depth - 1)
            while True: time.sleep(0.01)
        os._exit(0)
for _ in range(3): cling(2)
print("ready")
while True:
    if os.fork() == 0:
        os.setsid()
        time.sleep(5)
        os._exit(0)
    time.sleep(0.02)
)";

  void play_one(std::mt19937& random) {
    auto what = python(clinging);
    what.orphan_grace = 100ms;
    what.stop_grace = 100ms;
    what.process_limit = 200;
    what.own_pid_namespace = random() % 2 == 0;
    what.guard = random() % 2 == 0 ? "" : "polling";
    auto& one = start(what);
    ASSERT_TRUE(one.started()) << one.rejected().value_or("");
    ASSERT_FALSE(one.read(0).records.empty());
    ::usleep(random() % 30'000); // sleep: the random moment of the blow
    const auto script = one.started()->pid;
    const auto observer = parent_of(script);
    const auto how = random() % 5;
    SCOPED_TRACE("blow " + std::to_string(how) + (what.own_pid_namespace ? ", namespace, " : ", ") + what.guard);
    switch (how) {
    case 0: // the observer
      ::kill(observer, SIGKILL);
      ASSERT_TRUE(one.ended());
      break;
    case 1: // the observer, its user gone: the next start sweeps
      one.handle.reset();
      ::kill(observer, SIGKILL);
      ASSERT_TRUE(eventually([&] { return !is_alive(observer); }));
      sweep_dead_runs(std::filesystem::path{what.folder}.parent_path());
      break;
    case 2: // its user is gone
      one.handle.reset();
      break;
    case 3: // the script alone, and its observer a moment later
      ::kill(script, SIGKILL);
      ::usleep(random() % 5'000); // sleep: the random moment of the second blow
      ::kill(observer, SIGKILL);
      ASSERT_TRUE(one.ended());
      break;
    default: // everything that can be seen at once
      for (const auto& entry : processes_of_run(what.id, script)) {
        ::kill(entry.pid, SIGKILL);
      }
      ASSERT_TRUE(one.ended());
    }
    EXPECT_TRUE(eventually([&] { return processes_of_run(what.id, 0).empty(); }))
      << processes_of_run(what.id, 0).size() << " processes are left";
  }
};

} // namespace troupe
