#include <runtime/process/adopt_child.hpp>
#include <runtime/process/posix_process_host.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace std::chrono_literals;

namespace troupe {
namespace {

/// What one child did, for waiting with a deadline.
class diary {
public:
  child_events events() {
    return {[this](child_end how) { note([&] { ended_ = how; }); },
            [this](child_stream which, std::string line) {
              note([&] { (which == child_stream::out ? out : err).push_back(std::move(line)); });
            }};
  }

  std::optional<child_end> end(std::chrono::seconds limit = 20s) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, limit, [&] { return ended_.has_value(); });
    return ended_;
  }

  bool has_ended() {
    std::lock_guard guard{mutex_};
    return ended_.has_value();
  }

  template <class Condition>
  bool wait(Condition&& condition) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, 20s, condition);
  }

  std::vector<std::string> out;
  std::vector<std::string> err;

private:
  template <class Change>
  void note(Change&& change) {
    std::lock_guard guard{mutex_};
    change();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<child_end> ended_;
};

class ProcessHost : public testing::Test {
protected:
  ProcessHost() : descriptors_before_(open_descriptors()) { host_.emplace(); }

  void TearDown() override {
    host_.reset();
    EXPECT_EQ(open_descriptors(), descriptors_before_);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child or zombie is left";
  }

  static std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all{"/proc/self/fd"};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  static spawn_request shell(std::string script) {
    spawn_request what;
    what.argv = {"/bin/sh", "-c", std::move(script)};
    what.capture_output = true;
    return what;
  }

  posix_process_host& host() { return *host_; }

private:
  std::size_t descriptors_before_;
  std::optional<posix_process_host> host_;
};

TEST_F(ProcessHost, ExitCodeIsReportedAfterTheLastLine) {
  diary seen;
  auto started = host().spawn(shell("echo one; echo two >&2; printf three; exit 7"), seen.events());
  ASSERT_TRUE(started) << started.error().text;
  ASSERT_TRUE(seen.end());
  EXPECT_EQ(std::get<child_exited>(*seen.end()).code, 7);
  EXPECT_EQ(seen.out, (std::vector<std::string>{"one", "three"}));
  EXPECT_EQ(seen.err, (std::vector<std::string>{"two"}));
}

TEST_F(ProcessHost, DeathBySignalIsAnotherFactThanAnExitCode) {
  diary seen;
  auto started = host().spawn(shell("kill -9 $$"), seen.events());
  ASSERT_TRUE(seen.end());
  EXPECT_EQ(std::get<child_signalled>(*seen.end()).signal, SIGKILL);
}

TEST_F(ProcessHost, MissingProgramIsAnErrorThatNamesItAndLeavesNothing) {
  diary seen;
  spawn_request what;
  what.argv = {"/no/such/program"};
  auto started = host().spawn(what, seen.events());
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().text.find("/no/such/program"), std::string::npos);
  EXPECT_NE(started.error().text.find("No such file"), std::string::npos);
  EXPECT_FALSE(seen.has_ended());
}

TEST_F(ProcessHost, MissingWorkingFolderIsAnErrorThatNamesIt) {
  auto what = shell("true");
  what.cwd = "/no/such/folder";
  auto started = host().spawn(what, {});
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().text.find("/no/such/folder"), std::string::npos);
}

TEST_F(ProcessHost, TooLongArgumentIsAnErrorThatSaysWhatToDo) {
  auto what = shell("true");
  what.argv.push_back(std::string(200'000, 'x'));
  auto started = host().spawn(what, {});
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().text.find("128 KiB"), std::string::npos);
}

TEST_F(ProcessHost, ChildHasOnlyDeclaredDescriptorsUnderTheirDeclaredNumbers) {
  int leak[2];
  int wanted[2];
  ASSERT_EQ(::pipe(leak), 0); // without CLOEXEC on purpose
  ASSERT_EQ(::pipe2(wanted, O_CLOEXEC), 0);
  auto what = shell("ls /proc/self/fd | tr '\\n' ' '; echo; echo through >&5");
  what.descriptors = {{wanted[1], 5}};
  diary seen;
  auto started = host().spawn(what, seen.events());
  ASSERT_TRUE(started) << started.error().text;
  ASSERT_TRUE(seen.end());
  ASSERT_FALSE(seen.out.empty());
  EXPECT_EQ(seen.out[0], "0 1 2 3 5 ") << "3 is ls reading the folder";
  char text[16] = {};
  EXPECT_EQ(::read(wanted[0], text, sizeof text), 8);
  EXPECT_STREQ(text, "through\n");
  for (int fd : {leak[0], leak[1], wanted[0], wanted[1]}) {
    ::close(fd);
  }
}

TEST_F(ProcessHost, DescriptorsCanSwapNumbers) {
  int a[2];
  int b[2];
  ASSERT_EQ(::pipe2(a, O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(b, O_CLOEXEC), 0);
  auto what = shell("eval \"echo A >&" + std::to_string(b[1]) + "; echo B >&" + std::to_string(a[1]) + "\"");
  what.argv[0] = "/bin/bash"; // numbers above 9
  what.descriptors = {{a[1], b[1]}, {b[1], a[1]}};
  diary seen;
  ASSERT_TRUE(host().spawn(what, seen.events()));
  ASSERT_TRUE(seen.end());
  char text[3] = {};
  EXPECT_EQ(::read(a[0], text, 2), 2);
  EXPECT_STREQ(text, "A\n");
  EXPECT_EQ(::read(b[0], text, 2), 2);
  EXPECT_STREQ(text, "B\n");
  for (int fd : {a[0], a[1], b[0], b[1]}) {
    ::close(fd);
  }
}

TEST_F(ProcessHost, CleanEnvironmentHoldsDeclaredVariablesOnly) {
  spawn_request what;
  what.argv = {"/usr/bin/env"};
  what.env = {{"ONE", "1"}};
  what.clean_env = true;
  what.capture_output = true;
  diary seen;
  ASSERT_TRUE(host().spawn(what, seen.events()));
  ASSERT_TRUE(seen.end());
  EXPECT_EQ(seen.out, (std::vector<std::string>{"ONE=1"}));
}

TEST_F(ProcessHost, ChildLeadsItsOwnSessionAndReadsNothing) {
  diary seen;
  auto started = host().spawn(shell("cat; cut -d' ' -f6 /proc/$$/stat"), seen.events());
  ASSERT_TRUE(started);
  ASSERT_TRUE(seen.end());
  EXPECT_EQ(seen.out, (std::vector<std::string>{std::to_string((*started)->pid())}));
}

TEST_F(ProcessHost, SignalReachesTheChildAndIsHarmlessAfterItsEnd) {
  diary seen;
  auto started = host().spawn(shell("trap 'exit 3' USR1; echo ready; while :; do sleep 0.01; done"), seen.events());
  ASSERT_TRUE(started);
  ASSERT_TRUE(seen.wait([&] { return !seen.out.empty(); }));
  (*started)->signal(SIGUSR1);
  ASSERT_TRUE(seen.end());
  EXPECT_EQ(std::get<child_exited>(*seen.end()).code, 3);
  (*started)->signal(SIGKILL);
}

TEST_F(ProcessHost, GrandchildThatKeepsThePipeOpenDoesNotHoldUpTheEnd) {
  diary seen;
  const auto before = std::chrono::steady_clock::now();
  ASSERT_TRUE(host().spawn(shell("sleep 5 & echo $!; exit 0"), seen.events()));
  ASSERT_TRUE(seen.end());
  EXPECT_LT(std::chrono::steady_clock::now() - before, 3s);
  ASSERT_EQ(seen.out.size(), 1u);
  ::kill(std::stoi(seen.out[0]), SIGKILL);
}

TEST_F(ProcessHost, FloodOnBothPipesIsReadCompletely) {
  diary seen;
  ASSERT_TRUE(host().spawn(shell("yes out | head -n 200000 & yes err | head -n 200000 >&2; wait"), seen.events()));
  ASSERT_TRUE(seen.end(60s));
  EXPECT_EQ(seen.out.size(), 200'000u);
  EXPECT_EQ(seen.err.size(), 200'000u);
}

TEST_F(ProcessHost, EndlessLineComesInPieces) {
  diary seen;
  ASSERT_TRUE(host().spawn(shell("head -c 1000000 /dev/zero"), seen.events()));
  ASSERT_TRUE(seen.end());
  std::size_t total = 0;
  for (const auto& piece : seen.out) {
    EXPECT_LE(piece.size(), 64u * 1024);
    total += piece.size();
  }
  EXPECT_EQ(total, 1'000'000u);
}

TEST_F(ProcessHost, HundredChildrenAtOnceAllReportTheirOwnEnd) {
  std::vector<diary> seen(100);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(host().spawn(shell("exit " + std::to_string(i)), seen[i].events()));
  }
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(seen[i].end());
    EXPECT_EQ(std::get<child_exited>(*seen[i].end()).code, i);
  }
}

TEST_F(ProcessHost, AnAdoptedProcessGivesItsOutputAndItsEndButNotHow) {
  const std::string script =
    "trap : PIPE; trap \"echo more; exit 4\" USR1; echo ready; while :; do sleep 0.01; done";
  // A pipe that nobody of this host reads: its reader is gone with the daemon before.
  const auto fifo = std::filesystem::temp_directory_path() / ("troupe_adopted_" + std::to_string(::getpid()));
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const int first_reader = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  diary of_parent;
  ASSERT_TRUE(
    host().spawn(shell("/bin/sh -c '" + script + "' > " + fifo.string() + " 2> /dev/null & echo $!"), of_parent.events()));
  ASSERT_TRUE(of_parent.end());
  ASSERT_FALSE(of_parent.out.empty());
  const adopt_request what{std::stoi(of_parent.out[0]), {"/bin/sh", "-c", script}, true};
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  std::string said;
  for (char letter = 0; said != "ready\n" && std::chrono::steady_clock::now() < deadline;) {
    if (::read(first_reader, &letter, 1) == 1) {
      said += letter;
    } else {
      // sleep: the shell has not set its traps yet
      std::this_thread::sleep_for(1ms);
    }
  }
  diary seen;
  auto adopted = host().adopt(what, seen.events());
  ::close(first_reader);
  ::unlink(fifo.c_str());
  ASSERT_TRUE(adopted) << adopted.error().text;
  EXPECT_EQ((*adopted)->pid(), what.pid);
  (*adopted)->signal(SIGUSR1);
  ASSERT_TRUE(seen.end());
  EXPECT_TRUE(std::holds_alternative<child_vanished>(*seen.end()));
  ASSERT_EQ(seen.out.size(), 1u);
  EXPECT_EQ(seen.out[0], "more");
}

TEST_F(ProcessHost, WhatIsGoneOrAnotherProgramIsNotAdopted) {
  diary seen;
  auto started = host().spawn(shell("exec sleep 60"), seen.events());
  ASSERT_TRUE(started);
  while (!command_line_of((*started)->pid())) {
    // sleep: the process is on its way through exec
    std::this_thread::sleep_for(1ms);
  }
  const auto other = host().adopt(adopt_request{(*started)->pid(), {"/bin/sh", "another"}, true}, {});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, error_code::not_found);
  EXPECT_NE(other.error().text.find("another program"), std::string::npos);
  (*started)->signal(SIGKILL);
  ASSERT_TRUE(seen.end());
  EXPECT_FALSE(host().adopt(adopt_request{(*started)->pid(), {"sleep", "60"}, true}, {}));
}

} // namespace
} // namespace troupe
