#include <runtime/observer/cgroup_files.hpp>
#include <runtime/observer/resource_guard.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace troupe {
namespace {

/// Plain files in the shape of a cgroup of version 2: what is written there and read from there.
class CgroupV2 : public testing::Test {
protected:
  CgroupV2() {
    char name[] = "/tmp/troupe-cgroup-XXXXXX";
    root_ = ::mkdtemp(name);
    folder_ = root_ + "/" + cgroup_name_of("r1");
    std::filesystem::create_directory(folder_);
    for (const char* file : {"memory.max", "memory.swap.max", "memory.oom.group", "pids.max", "cgroup.procs", "cgroup.kill",
                             "memory.events", "memory.current", "memory.peak", "cpu.stat"}) {
      put(file, "");
    }
  }
  ~CgroupV2() override { std::filesystem::remove_all(root_); }

  void put(const std::string& file, const std::string& text) { std::ofstream{folder_ + "/" + file} << text; }
  std::string get(const std::string& file) { return read_text(folder_ + "/" + file).value_or("none"); }

  std::string root_;
  std::string folder_;
};

TEST_F(CgroupV2, LimitsAreWrittenAndTheUseIsRead) {
  resource_limits limits;
  limits.memory_bytes = 1000;
  limits.processes = 7;
  auto guard = make_cgroup_v2_guard(root_, "r1", limits);
  ASSERT_TRUE(guard) << guard.error().text;
  EXPECT_EQ(get("memory.max"), "1000");
  EXPECT_EQ(get("memory.oom.group"), "1");
  EXPECT_EQ(get("pids.max"), "7");
  put("memory.current", "500\n");
  put("memory.peak", "900\n");
  put("cpu.stat", "usage_usec 1500000\nuser_usec 1\n");
  put("memory.events", "low 0\nhigh 0\nmax 3\noom 1\noom_kill 0\n");
  auto use = (*guard)->look();
  EXPECT_EQ(use.memory_bytes, 500u);
  EXPECT_EQ(use.memory_peak, 900u);
  EXPECT_EQ(use.cpu, std::chrono::milliseconds{1500});
  EXPECT_FALSE(use.out_of_memory);
  put("memory.events", "oom_kill 2\n");
  EXPECT_TRUE((*guard)->look().out_of_memory);
  (*guard)->kill();
  EXPECT_EQ(get("cgroup.kill"), "1");
}

TEST_F(CgroupV2, CgroupWithoutTheMemoryControllerIsNoUse) {
  std::filesystem::remove(folder_ + "/memory.max");
  resource_limits limits;
  limits.memory_bytes = 1000;
  EXPECT_FALSE(make_cgroup_v2_guard(root_, "r1", limits));
}

TEST(CgroupFiles, NumbersAndKeysAreReadAndNonsenseIsNone) {
  const auto file = "/tmp/troupe-cgroup-file-" + std::to_string(::getpid());
  std::ofstream{file} << "oom_kill_disable 0\nunder_oom 1\noom_kill 12\n";
  EXPECT_EQ(read_keyed(file, "oom_kill"), 12u);
  EXPECT_EQ(read_keyed(file, "under_oom"), 1u);
  EXPECT_FALSE(read_keyed(file, "oom"));
  EXPECT_FALSE(read_number(file));
  EXPECT_FALSE(read_number("/no/such/file"));
  std::filesystem::remove(file);
}

} // namespace
} // namespace troupe
