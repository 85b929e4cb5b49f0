#include <actors/task/task_actor.hpp>

#include <runtime/observer/observer_run_host.hpp>
#include <runtime/observer/process_tree.hpp>
#include <runtime/process/io_thread.hpp>
#include <runtime/process/posix_process_host.hpp>
#include <runtime/sdk/testing/fake_context.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <sys/wait.h>
#include <unistd.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

/// The Task actor over real observers and scripts, without an engine: the test's thread is the actor's turn.
class TaskProcess : public testing::Test {
protected:
  TaskProcess() : host_(io_.loop(), processes_, TROUPE_OBSERVER) {
    char name[] = "/tmp/troupe-task-XXXXXX";
    folder_ = ::mkdtemp(name);
    ports_.runs = &host_;
    ports_.runs_folder = folder_ + "/runs";
    ports_.python = "/usr/bin/python3";
    ports_.environment.emplace(); // output must come at once also with an empty environment
    ctx_.own_name = "task_" + std::to_string(::getpid()) + "_" + std::to_string(++made);
    make();
  }

  ~TaskProcess() override {
    if (task_) {
      const auto gone = ctx_.run_hook(task_->exit());
      EXPECT_TRUE(ctx_.run_until([&] { return gone->ready(); }));
      task_.reset();
    }
    EXPECT_TRUE(
      ctx_.run_until([] { return descendants_of(::getpid()).empty() && ::waitpid(-1, nullptr, WNOHANG) < 0; }))
      << "a process is left";
    std::filesystem::remove_all(folder_);
  }

  void make() {
    table_ = make_task_class(ports_);
    task_ = table_.make();
    task_->bind(&ctx_);
    (void)ctx_.run_hook(task_->pre_run());
  }

  std::string file(const std::string& name, const std::string& text) {
    auto path = folder_ + "/" + name;
    std::ofstream{path} << text;
    return path;
  }

  reply ask(std::string command, json body = nullptr) {
    const auto answer = ctx_.tell(*task_, table_, std::move(command), std::move(body));
    EXPECT_TRUE(ctx_.run_until([&] { return answer->ready(); }, 60s));
    return answer->get();
  }

  json end() { return ask("wait_end").body(); }

  std::string all(const std::string& stream) {
    std::string out;
    for (std::uint64_t next = 0;;) {
      const auto page = ask("read_output", {{"from", next}, {"wait", 10}});
      EXPECT_EQ(page.command(), "output");
      for (const auto& record : page.body()["records"]) {
        if (record["stream"] == stream && record["data"].is_string()) {
          out += record["data"].get<std::string>();
        }
      }
      next = page.body()["next"];
      if (page.body()["ended"] == true) {
        return out;
      }
    }
  }

  static inline int made = 0;
  std::string folder_;
  io_thread io_;
  posix_process_host processes_;
  observer_run_host host_;
  task_ports ports_;
  fake_context ctx_;
  class_info table_;
  std::unique_ptr<actor> task_;
};

TEST_F(TaskProcess, PythonScriptSeesItsParametersArgumentsAndFolder) {
  const auto script = file("a.py", "import json, os, sys\n"
                                   "p = json.loads(os.environ['TASK_PARAMS'])\n"
                                   "print(p['scriptParams']['n'], sys.argv[1:], os.getcwd() == p['outputPath'])\n");
  EXPECT_EQ(ask("start", {{"script", script}, {"params", {{"n", 5}}}, {"args", {"x", "y z"}}}).command(),
            "task_started");
  EXPECT_EQ(end()["state"], "succeeded");
  EXPECT_EQ(all("stdout"), "5 ['x', 'y z'] True\n");
}

TEST_F(TaskProcess, ShellScriptEndsWithItsCode) {
  ASSERT_EQ(ask("start", {{"script", file("a.sh", "echo out; echo err >&2; exit 4")}}).command(), "task_started");
  const auto state = end();
  EXPECT_EQ(state["state"], "failed");
  EXPECT_EQ(state["exit_code"], 4);
  EXPECT_EQ(state["signal"], nullptr);
  EXPECT_EQ(state["stdout_bytes"], 4);
  EXPECT_EQ(state["stderr_bytes"], 4);
  EXPECT_EQ(all("stdout"), "out\n");
  EXPECT_EQ(all("stderr"), "err\n");
}

TEST_F(TaskProcess, LineOfPythonComesAtOnceWithAnEmptyEnvironment) {
  const auto script = file("a.py", "import time\nprint('first')\ntime.sleep(30)\n");
  ASSERT_EQ(ask("start", {{"script", script}}).command(), "task_started");
  const auto page = ask("read_output", {{"wait", 10}}).body();
  ASSERT_FALSE(page["records"].empty());
  EXPECT_EQ(page["records"][0]["data"].get<std::string>().substr(0, 5), "first");
  EXPECT_LT(page["records"][0]["at"].get<double>(), 5.0);
  EXPECT_EQ(ask("get_state").body()["state"], "running");
}

TEST_F(TaskProcess, InteractiveScriptIsFedPieceByPiece) {
  const auto script = file("a.py", "while True:\n  try: print('got', input('> '))\n  except EOFError: break\n");
  ASSERT_EQ(ask("start", {{"script", script}, {"stdin", "open"}}).command(), "task_started");
  auto page = ask("read_output", {{"wait", 10}}).body();
  EXPECT_EQ(page["records"][0]["data"], "> ");
  EXPECT_EQ(ask("write_stdin", {{"data", "one\n"}}).body()["bytes"], 4);
  EXPECT_EQ(ask("write_stdin", {{"data", "two\n"}}).body()["bytes"], 4);
  EXPECT_EQ(ask("close_stdin").command(), "stdin_is_closed");
  EXPECT_EQ(end()["state"], "succeeded");
  EXPECT_EQ(all("stdout"), "> got one\n> got two\n> ");
  EXPECT_EQ(ask("write_stdin", {{"data", "x"}}).command(), "task_is_rejected");
}

TEST_F(TaskProcess, MissingInterpreterIsRejectedWithTheReason) {
  ports_.python = "/no/such/python3";
  make();
  const auto answer = ask("start", {{"script", file("a.py", "")}});
  EXPECT_EQ(answer.command(), "task_is_rejected");
  EXPECT_NE(answer.body()["reason"].get<std::string>().find("/no/such/python3"), std::string::npos);
  EXPECT_EQ(ask("get_state").body()["state"], "rejected");
  EXPECT_TRUE(std::filesystem::is_empty(ports_.runs_folder));
}

TEST_F(TaskProcess, MissingScriptIsRejectedWithTheReason) {
  const auto answer = ask("start", {{"script", "/no/such.py"}});
  EXPECT_EQ(answer.command(), "task_is_rejected");
  EXPECT_NE(answer.body()["reason"].get<std::string>().find("/no/such.py"), std::string::npos);
}

TEST_F(TaskProcess, MissingObserverIsRejectedWithTheReason) {
  observer_run_host broken{io_.loop(), processes_, "/no/such/troupe-observer"};
  ports_.runs = &broken;
  make();
  const auto answer = ask("start", {{"command", {"true"}}});
  EXPECT_EQ(answer.command(), "task_is_rejected");
  EXPECT_NE(answer.body()["reason"].get<std::string>().find("troupe-observer"), std::string::npos);
  task_.reset();
}

TEST_F(TaskProcess, TimeLimitIsAStateOfItsOwn) {
  ports_.stop_grace_s = 0.2;
  make();
  ASSERT_EQ(
    ask("start", {{"script", file("a.sh", "trap '' TERM; while :; do sleep 1; done")}, {"timeout", 0.2}}).command(),
    "task_started");
  const auto state = end();
  EXPECT_EQ(state["state"], "timed_out");
  EXPECT_EQ(state["signal"], SIGKILL);
  EXPECT_NE(state["reason"].get<std::string>().find("0.2 s"), std::string::npos);
}

TEST_F(TaskProcess, SignalAndCancelReachTheScript) {
  ASSERT_EQ(
    ask("start", {{"script", file("a.sh", "trap 'echo usr' USR1; echo up; while :; do sleep 0.01; done")}}).command(),
    "task_started");
  auto page = ask("read_output", {{"wait", 10}}).body();
  EXPECT_EQ(ask("signal", {{"signal", "SIGUSR1"}}).command(), "task_is_signalled");
  page = ask("read_output", {{"from", page["next"]}, {"wait", 10}}).body();
  EXPECT_EQ(page["records"][0]["data"], "usr\n");
  EXPECT_EQ(ask("cancel").command(), "task_is_stopping");
  EXPECT_EQ(end()["state"], "cancelled");
}

TEST_F(TaskProcess, KilledObserverMakesTheTaskLostAndLeavesNoProcess) {
  const auto started = ask("start", {{"command", {"/bin/sh", "-c", "setsid sleep 100 & echo up; sleep 100"}}});
  ASSERT_EQ(started.command(), "task_started");
  (void)ask("read_output", {{"wait", 10}});
  const pid_t script = started.body()["os_pid"];
  for (const auto& entry : process_table()) {
    if (entry.pid == script) {
      ::kill(entry.parent, SIGKILL);
    }
  }
  const auto state = end();
  EXPECT_EQ(state["state"], "lost");
  EXPECT_EQ(state["exit_code"], nullptr);
  EXPECT_EQ(state["signal"], nullptr);
  EXPECT_TRUE(processes_of_run(started.body()["id"], script).empty());
}

TEST_F(TaskProcess, RemovedTaskStopsItsScriptFirst) {
  const auto started = ask("start", {{"command", {"sleep", "100"}}});
  ASSERT_EQ(started.command(), "task_started");
  const auto gone = ctx_.run_hook(task_->exit());
  EXPECT_TRUE(ctx_.run_until([&] { return gone->ready(); }, 4s));
  EXPECT_TRUE(processes_of_run(started.body()["id"], started.body()["os_pid"]).empty());
}

TEST_F(TaskProcess, MillionLinesNeitherBlockNorFillTheMemory) {
  const auto rss = [] {
    std::ifstream statm{"/proc/self/statm"};
    std::size_t total = 0, resident = 0;
    statm >> total >> resident;
    return resident * 4096;
  };
  ASSERT_EQ(ask("start", {{"command", {"seq", "1000000"}}}).command(), "task_started");
  const auto before = rss();
  std::uint64_t lines = 0;
  for (std::uint64_t next = 0;;) {
    const auto page = ask("read_output", {{"from", next}, {"wait", 10}}).body();
    for (const auto& record : page["records"]) {
      const auto& text = record["data"].get_ref<const std::string&>();
      lines += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
    }
    next = page["next"];
    if (page["ended"] == true) {
      break;
    }
  }
  EXPECT_EQ(lines, 1'000'000u);
  EXPECT_LT(rss(), before + 16 * 1024 * 1024);
}

TEST_F(TaskProcess, FirstOutputComesSoonAfterTheStart) {
  double best = 1e9;
  for (int i = 0; i < 10; ++i) {
    ctx_.own_name = "task_" + std::to_string(::getpid()) + "_" + std::to_string(++made);
    make();
    const auto before = std::chrono::steady_clock::now();
    ASSERT_EQ(ask("start", {{"command", {"/bin/sh", "-c", "echo hello"}}}).command(), "task_started");
    const auto page = ask("read_output", {{"wait", 10}}).body();
    best = std::min(best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - before).count());
    ASSERT_EQ(page["records"][0]["data"], "hello\n");
    EXPECT_EQ(end()["state"], "succeeded");
  }
  double bare = 1e9;
  for (int i = 0; i < 10; ++i) {
    std::atomic<bool> seen{false};
    std::atomic<bool> ended{false};
    const auto before = std::chrono::steady_clock::now();
    spawn_request what;
    what.argv = {"/bin/sh", "-c", "echo hello"};
    what.capture_output = true;
    ASSERT_TRUE(processes_.spawn(
      what, {[&](child_end) { ended = true; },
             [&, post = ctx_.make_poster()](child_stream, std::string) { post([&] { seen = true; }); }}));
    ASSERT_TRUE(ctx_.run_until([&] { return seen.load(); }));
    bare = std::min(bare, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - before).count());
    ASSERT_TRUE(ctx_.run_until([&] { return ended.load(); }));
  }
  std::printf("time to first output, best of 10: %.2f ms as a task, %.2f ms bare\n", best, bare);
  EXPECT_LT(best, 250);
}

} // namespace
} // namespace troupe
