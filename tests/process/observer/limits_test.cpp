#include "run_fixture.hpp"

#include <runtime/observer/cgroup_files.hpp>
#include <runtime/observer/resource_guard.hpp>

namespace troupe {
namespace {

constexpr std::uint64_t mib = 1u << 20;

/// The limits under each means that this machine has.
class ObserverLimits : public run_fixture, public testing::WithParamInterface<const char*> {
protected:
  void SetUp() override {
    if (GetParam() == std::string{"cgroup_v1"} && !make_cgroup_v1_guard(find_cgroups(), "probe", {})) {
      GTEST_SKIP() << "no cgroup of version 1 can be made here";
    }
  }

  run_plan limited(run_plan what) {
    what.guard = GetParam();
    return what;
  }
};

TEST_P(ObserverLimits, MemoryHogIsEndedAndTheEndExplainsItself) {
  auto what = limited(python("print('begin')\nhog = []\nwhile True: hog.append(bytearray(1 << 20))"));
  what.memory_limit = 100 * mib;
  auto& one = start(what);
  const auto end = one.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->outcome, run_outcome::memory_exceeded) << end->reason;
  EXPECT_NE(end->reason.find("memory limit 100 MB, peak"), std::string::npos) << end->reason;
  EXPECT_NE(end->reason.find("try memoryLimit "), std::string::npos) << end->reason;
  EXPECT_GT(end->peak_memory, 50 * mib);
  EXPECT_LT(end->peak_memory, 400 * mib);
  EXPECT_EQ(one.all(spool_stream::out), "begin\n");
}

TEST_P(ObserverLimits, ForksThatEachStayBelowTheLimitAreCountedTogether) {
  auto what = limited(python(R"(
import os, time
for _ in range(4):
    if os.fork() == 0:
        hog = bytearray(os.urandom(1 << 20) * 40)
        time.sleep(100)
time.sleep(100)
)"));
  what.memory_limit = 100 * mib;
  const auto end = start(what).ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->outcome, run_outcome::memory_exceeded) << end->reason;
  EXPECT_LT(end->duration_s, 20);
}

TEST_P(ObserverLimits, WhatForksShareCountsOnce) {
  auto what = limited(python(R"(
import os, time
shared = bytearray(os.urandom(1 << 20) * 60)
children = []
for _ in range(4):
    pid = os.fork()
    if pid == 0:
        time.sleep(0.5)
        os._exit(0)
    children.append(pid)
for pid in children: os.waitpid(pid, 0)
print("done")
)"));
  what.memory_limit = 150 * mib;
  auto& one = start(what);
  const auto end = one.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->outcome, run_outcome::exited) << end->reason;
  EXPECT_EQ(one.all(spool_stream::out), "done\n");
}

TEST_P(ObserverLimits, PeakAndProcessorTimeAreInTheResult) {
  auto what = limited(python("import time\nx = bytearray(60 << 20)\nend = time.process_time() + 0.3\n"
                             "while time.process_time() < end: pass"));
  what.memory_limit = 200 * mib;
  what.cpu_limit = 60s;
  const auto end = start(what).ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->exit_code, 0) << end->reason;
  EXPECT_GT(end->peak_memory, 55 * mib);
  EXPECT_LT(end->peak_memory, 150 * mib);
  EXPECT_GT(end->cpu_s, 0.1);
  EXPECT_LT(end->cpu_s, 5.0);
}

TEST_P(ObserverLimits, ProcessorTimeOfTheWholeTreeIsLimited) {
  auto what = limited(shell("for i in 1 2 3; do (while :; do :; done) & done; wait"));
  what.cpu_limit = 500ms;
  const auto end = start(what).ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->outcome, run_outcome::timed_out) << end->reason;
  EXPECT_NE(end->reason.find("0.5 s of processor time"), std::string::npos) << end->reason;
  EXPECT_LT(end->duration_s, 20);
}

TEST_P(ObserverLimits, ForkBombIsHeldAndEnded) {
  auto what = limited(python(R"(
import os, time
while True:
    try:
        if os.fork() == 0: continue
    except OSError:
        time.sleep(0.01)
)"));
  what.process_limit = 50;
  what.timeout = 2s;
  what.stop_grace = 100ms;
  auto& one = start(what);
  const auto end = one.ended();
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->outcome == run_outcome::timed_out || end->outcome == run_outcome::signalled) << end->reason;
  EXPECT_TRUE(processes_of_run(what.id, 0).empty());
}

TEST_P(ObserverLimits, WorkFolderIsLimited) {
  auto what = limited(shell("i=0; while :; do i=$((i+1)); head -c 1000000 /dev/zero > f$i; done"));
  what.disk_limit = 20 * mib;
  const auto end = start(what).ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->outcome, run_outcome::signalled) << end->reason;
  EXPECT_NE(end->reason.find("20 MB"), std::string::npos) << end->reason;
}

TEST_P(ObserverLimits, OneLargeFileAndOpenFilesAreLimited) {
  auto what = limited(shell("ulimit -n; ulimit -c; head -c 50000000 /dev/zero > f; echo $?"));
  what.disk_limit = 20 * mib;
  what.open_file_limit = 64;
  auto& one = start(what);
  ASSERT_TRUE(one.ended());
  EXPECT_TRUE(one.all(spool_stream::out).starts_with("64\n0\n")) << one.all(spool_stream::out);
  std::error_code none;
  EXPECT_LE(std::filesystem::file_size(what.folder + "/work/f", none), 20 * mib);
}

TEST_P(ObserverLimits, SharedMemoryFilesCountUnderCgroups) {
  auto what = limited(python("import os\nf = open('/dev/shm/troupe_hog_%d' % os.getpid(), 'wb')\nos.unlink(f.name)\n"
                             "while True: f.write(bytes(1 << 20))"));
  what.memory_limit = 60 * mib;
  what.timeout = 5s;
  what.disk_limit = 300 * mib;
  const auto end = start(what).ended();
  ASSERT_TRUE(end);
  if (GetParam() == std::string{"polling"}) {
    EXPECT_NE(end->exit_code, 0) << "only the size of the file ends it";
  } else {
    EXPECT_EQ(end->outcome, run_outcome::memory_exceeded) << end->reason;
  }
}

TEST_P(ObserverLimits, TimeLimitIsKeptToATenthOfASecond) {
  auto what = limited(shell("exec sleep 100"));
  what.timeout = 300ms;
  const auto end = start(what).ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->outcome, run_outcome::timed_out);
  EXPECT_GE(end->duration_s, 0.3);
  EXPECT_LT(end->duration_s, 1.3) << "on a busy machine";
}

INSTANTIATE_TEST_SUITE_P(Means, ObserverLimits, testing::Values("", "cgroup_v1", "polling"), [](const auto& info) {
  return std::string{*info.param == 0 ? "best" : info.param};
});

} // namespace
} // namespace troupe
