#include "tests/process/venv/venv_fixture.hpp"

#include <csignal>
#include <random>

#include <fcntl.h>
#include <spawn.h>
#include <sys/prctl.h>

namespace troupe {
namespace {

/// Kills a builder's process, or its tools, at random instants of a build. What is left must not look usable unless it
/// is, and the next builder must be able to build it.
class VenvCrash : public venv_fixture {
protected:
  VenvCrash() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    std::ofstream{root_ + "/requirements.txt"} << "needy==0.1\n";
  }

  pid_t start_victim() {
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    const std::vector<std::string> words{VENV_VICTIM, TROUPE_OBSERVER, root_ + "/venvs", root_ + "/requirements.txt",
                                         root_ + "/wheels"};
    std::vector<char*> argv;
    for (const auto& word : words) {
      argv.push_back(const_cast<char*>(word.c_str()));
    }
    argv.push_back(nullptr);
    pid_t pid = 0;
    EXPECT_EQ(::posix_spawn(&pid, VENV_VICTIM, &files, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&files);
    return pid;
  }

  /// The builder itself, or one of what it has started.
  void kill_something(pid_t victim, std::mt19937& random) {
    const auto below = descendants_of(victim);
    if (below.empty() || random() % 2 == 0) {
      ::kill(victim, SIGKILL);
    } else {
      ::kill(below[random() % below.size()].pid, SIGKILL);
    }
  }

  static bool wait_until(const std::function<bool()>& holds, std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) {
        return false;
      }
      ::usleep(1'000); // sleep: the pause of a wait with a deadline
    }
    return true;
  }

  void reap_all() {
    const auto gone = wait_until(
      [] {
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        return descendants_of(::getpid()).empty();
      },
      60s);
    EXPECT_TRUE(gone) << "something of the build lives on";
  }
};

TEST_F(VenvCrash, NothingThatLooksUsableIsLeft) {
  const char* wanted_kills = std::getenv("TROUPE_VENV_KILLS");
  const char* wanted_seed = std::getenv("TROUPE_SEED");
  const int kills = wanted_kills != nullptr ? std::atoi(wanted_kills) : 10;
  const unsigned seed = wanted_seed != nullptr ? static_cast<unsigned>(std::atoi(wanted_seed)) : std::random_device{}();
  std::mt19937 random{seed};
  std::printf("seed %u (TROUPE_SEED)\n", seed);
  RecordProperty("seed", std::to_string(seed));
  const venv_folder folder{root_ + "/venvs"};

  // How long a whole build takes here, so that the kills fall into one.
  const auto begin = std::chrono::steady_clock::now();
  const pid_t whole = start_victim();
  ASSERT_EQ(::waitpid(whole, nullptr, 0), whole);
  const auto length = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  ASSERT_EQ(folder.look("default"), venv_folder::condition::ready);

  int unfinished = 0;
  for (int round = 0; round < kills; ++round) {
    SCOPED_TRACE("seed " + std::to_string(seed) + " round " + std::to_string(round));
    if (folder.make() && folder.look("default") != venv_folder::condition::absent) {
      const auto aside = folder.set_aside("default");
      ASSERT_TRUE(aside);
      std::filesystem::remove_all(*aside);
      (void)folder.remove_note("default");
    }
    const pid_t victim = start_victim();
    const std::chrono::milliseconds instant{random() % static_cast<unsigned>(length.count() * 11 / 10 + 1)};
    wait_until([&] { return ::waitpid(victim, nullptr, WNOHANG | WNOWAIT) != 0; }, instant);
    kill_something(victim, random);
    // Whatever was killed: as soon as there is a mark, the environment is whole.
    wait_until([&] { return folder.look("default") == venv_folder::condition::ready || descendants_of(::getpid()).empty(); },
               std::chrono::milliseconds{random() % 50});
    if (folder.look("default") == venv_folder::condition::ready) {
      const auto imports = python("default", "import needy, small; print(small.version)");
      const auto mark = folder.mark_of("default");
      ASSERT_TRUE(mark);
      if (mark->missing.empty()) {
        EXPECT_EQ(imports.out, "2.0\n");
      }
    } else {
      ++unfinished;
    }
    ::kill(victim, SIGKILL);
    reap_all();
    if (round % 5 == 4) { // the next builder takes it from there
      auto with = ports("pip");
      auto& next = make(with);
      const auto answer = next.ask("create_venv", {{"name", "default"}});
      EXPECT_EQ(answer.command(), "venv_is_created") << answer.body();
      EXPECT_EQ(answer.body()["missing"], json::array()) << next.state("default");
      EXPECT_EQ(python("default", "import needy, small; print(small.version)").out, "2.0\n");
      builder_.reset();
      reap_all();
    }
  }
  std::printf("%d of %d builds were cut before their mark\n", unfinished, kills);
}

} // namespace
} // namespace troupe
