#include "run_fixture.hpp"

#include <runtime/observer/control_frame.hpp>

#include <sys/socket.h>

namespace troupe {
namespace {

class ObserverEnd : public run_fixture {};

TEST_F(ObserverEnd, ExitCodeIsReportedAndKept) {
  auto what = shell("exit 7");
  auto& one = start(what);
  const auto end = one.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->outcome, run_outcome::exited);
  EXPECT_EQ(end->exit_code, 7);
  EXPECT_FALSE(end->signal);
  std::ifstream file{result_file_of(what.folder)};
  const auto kept = json::parse(file);
  EXPECT_EQ(kept["exit_code"], 7);
  EXPECT_EQ(kept["id"], what.id);
}

TEST_F(ObserverEnd, SignalIsAnotherFactThanAnExitCode) {
  auto& one = start(shell("kill -9 $$"));
  const auto end = one.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->outcome, run_outcome::signalled);
  EXPECT_EQ(end->signal, SIGKILL);
  EXPECT_FALSE(end->exit_code);
}

TEST_F(ObserverEnd, TimeLimitEndsTheWholeTreeAlsoWhenItIgnoresSigterm) {
  auto what = shell("trap '' TERM; echo $$; sh -c 'trap \"\" TERM; echo $$; while :; do sleep 1; done' & "
                    "while :; do sleep 1; done");
  what.timeout = 300ms;
  what.stop_grace = 200ms;
  auto& one = start(what);
  const auto end = one.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->outcome, run_outcome::timed_out);
  EXPECT_EQ(end->signal, SIGKILL);
  EXPECT_NE(end->reason.find("0.3 s"), std::string::npos) << end->reason;
  EXPECT_LT(end->duration_s, 5.0);
  EXPECT_TRUE(processes_of_run(what.id, one.started()->pid).empty());
}

TEST_F(ObserverEnd, ScriptMayEndByItselfAfterSigterm) {
  auto what = shell("trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.01; done");
  what.timeout = 300ms;
  auto& one = start(what);
  const auto end = one.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->outcome, run_outcome::timed_out);
  EXPECT_EQ(end->exit_code, 3);
  EXPECT_EQ(one.all(spool_stream::out), "ready\nbye\n");
}

TEST_F(ObserverEnd, CancelStopsAndSaysSo) {
  auto& one = start(shell("sleep 100"));
  ASSERT_TRUE(one.started());
  one.handle->cancel();
  const auto end = one.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->outcome, run_outcome::cancelled);
  EXPECT_EQ(end->signal, SIGTERM);
}

TEST_F(ObserverEnd, StoppedScriptCanBeCancelled) {
  auto& one = start(shell("kill -STOP $$; sleep 100"));
  ASSERT_TRUE(one.started());
  one.handle->cancel();
  const auto end = one.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->outcome, run_outcome::cancelled);
}

TEST_F(ObserverEnd, DoubleForkedDaemonDiesWithItsRun) {
  auto& one = start(python(R"(
import os, time, signal
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.environ.clear()
        for fd in range(3): os.close(fd)
        time.sleep(100)
    os._exit(0)
os.wait()
print("left")
)"));
  const auto end = one.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->exit_code, 0);
  EXPECT_NE(end->reason.find("left behind"), std::string::npos) << end->reason;
  EXPECT_TRUE(eventually([] { return descendants_of(::getpid()).empty(); }));
}

TEST_F(ObserverEnd, GrandchildThatKeepsThePipeOpenDoesNotHangTheRun) {
  const auto before = std::chrono::steady_clock::now();
  auto& one = start(shell("sleep 100 & echo done"));
  const auto end = one.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->exit_code, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
  EXPECT_EQ(one.all(spool_stream::out), "done\n");
}

TEST_F(ObserverEnd, ChildThatFinishesShortlyAfterTheScriptIsHeard) {
  auto& one = start(shell("(sleep 0.1; echo late) & echo early"));
  const auto end = one.ended();
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->reason.empty()) << end->reason;
  EXPECT_EQ(one.all(spool_stream::out), "early\nlate\n");
}

TEST_F(ObserverEnd, MissingInterpreterIsRejectedWithTheReason) {
  auto& one = start(plan({"/no/such/python3", "x.py"}));
  const auto why = one.rejected();
  ASSERT_TRUE(why);
  EXPECT_NE(why->find("/no/such/python3"), std::string::npos) << *why;
  EXPECT_NE(why->find("No such file"), std::string::npos) << *why;
}

TEST_F(ObserverEnd, MissingScriptIsRejectedWithTheReason) {
  auto what = plan({"/usr/bin/python3", "/no/such/script.py"});
  what.script = "/no/such/script.py";
  auto& one = start(what);
  ASSERT_TRUE(one.rejected());
  EXPECT_NE(one.rejected()->find("/no/such/script.py"), std::string::npos);
}

TEST_F(ObserverEnd, UnknownCommandIsRejectedWithTheReason) {
  auto& one = start(plan({"no-such-command-anywhere"}));
  ASSERT_TRUE(one.rejected());
  EXPECT_NE(one.rejected()->find("no folder of PATH"), std::string::npos);
}

TEST_F(ObserverEnd, HugeArgumentIsRejectedAndManyLargeOnesArePassed) {
  auto& refused = start(plan({"/bin/sh", "-c", "true", std::string(200'000, 'x')}));
  ASSERT_TRUE(refused.rejected());
  EXPECT_NE(refused.rejected()->find("128 KiB"), std::string::npos) << *refused.rejected();
  auto what = plan({"/bin/sh", "-c", "for a; do echo ${#a}; done", "sh"});
  for (int i = 0; i < 10; ++i) {
    what.argv.push_back(std::string(100'000, 'y'));
  }
  auto& one = start(what);
  ASSERT_TRUE(one.ended());
  std::string expected;
  for (int i = 0; i < 10; ++i) {
    expected += "100000\n";
  }
  EXPECT_EQ(one.all(spool_stream::out), expected);
}

TEST_F(ObserverEnd, UsedRunFolderIsRejected) {
  auto what = shell("true");
  ASSERT_TRUE(start(what).ended());
  EXPECT_TRUE(start(what).rejected());
}

TEST_F(ObserverEnd, KilledObserverMakesTheRunLostAndKillsItsTree) {
  auto what = shell("(setsid sleep 100 &) ; sleep 100 & echo ready; sleep 100");
  auto& one = start(what);
  ASSERT_TRUE(one.started());
  ASSERT_FALSE(one.read(0).records.empty());
  const auto script = one.started()->pid;
  ASSERT_TRUE(eventually([&] { return processes_of_run(what.id, script).size() >= 4; }));
  ::kill(parent_of(script), SIGKILL);
  const auto end = one.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->outcome, run_outcome::lost);
  EXPECT_FALSE(end->exit_code);
  EXPECT_FALSE(end->signal);
  EXPECT_NE(end->reason.find("signal 9"), std::string::npos) << end->reason;
  EXPECT_TRUE(processes_of_run(what.id, script).empty());
  EXPECT_EQ(one.all(spool_stream::out), "ready\n");
}

TEST_F(ObserverEnd, LossOfTheNodeEndsTheTreeAfterTheGrace) {
  auto what = shell("(setsid sleep 100 &); sleep 100");
  what.orphan_grace = 300ms;
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  std::promise<child_end> observer_end;
  spawn_request request;
  request.argv = {TROUPE_OBSERVER};
  request.descriptors = {{ends[1], 3}};
  ASSERT_TRUE(processes().spawn(request, {[&](child_end how) { observer_end.set_value(how); }, {}}));
  ::close(ends[1]);
  const auto frame = encode_frame(control_type::plan, to_json(what));
  ASSERT_EQ(::send(ends[0], frame.data(), frame.size(), 0), static_cast<ssize_t>(frame.size()));
  char answer[256];
  ASSERT_GT(::recv(ends[0], answer, sizeof answer, 0), 5);
  EXPECT_EQ(answer[4], static_cast<char>(control_type::started));
  ::close(ends[0]); // as the kernel does it when a node dies
  EXPECT_FALSE(processes_of_run(what.id, 0).empty()) << "the run goes on for the grace";
  EXPECT_EQ(std::get<child_exited>(observer_end.get_future().get()).code, 0);
  EXPECT_TRUE(processes_of_run(what.id, 0).empty());
  std::ifstream file{result_file_of(what.folder)};
  const auto kept = json::parse(file);
  EXPECT_EQ(kept["outcome"], "cancelled");
  EXPECT_NE(kept["reason"].get<std::string>().find("its node was gone"), std::string::npos);
}

TEST_F(ObserverEnd, RunThatIsDroppedGoesOnForItsGrace) {
  auto what = shell("sleep 0.2; echo still here; sleep 100");
  what.orphan_grace = 2s;
  auto& one = start(what);
  ASSERT_TRUE(one.started());
  const auto script = one.started()->pid;
  one.handle.reset();
  EXPECT_TRUE(eventually([&] { return std::filesystem::exists(result_file_of(what.folder)); }));
  EXPECT_FALSE(is_alive(script));
  std::ifstream file{result_file_of(what.folder)};
  const auto kept = json::parse(file);
  EXPECT_EQ(kept["outcome"], "cancelled");
  EXPECT_EQ(kept["stdout_bytes"], 11);
}

TEST_F(ObserverEnd, EndOfTheHostLeavesItsRunsAndLaterHandlesAreHarmless) {
  auto what = shell("trap '' TERM; echo ready; while :; do sleep 1; done");
  what.stop_grace = 200ms;
  what.orphan_grace = 200ms;
  auto& one = start(what);
  ASSERT_FALSE(one.read(0).records.empty());
  const auto script = one.started()->pid;
  end_host();
  EXPECT_TRUE(eventually([&] { return !is_alive(script); }));
  one.handle->cancel();
  one.handle.reset();
}

TEST_F(ObserverEnd, ScriptHasItsOwnSessionFolderAndOnlyDeclaredThings) {
  auto what = shell("test $(cut -d' ' -f6 /proc/$$/stat) = $$ && echo own session; pwd; env | sort; ls /proc/self/fd | tr '\\n' ' '; echo");
  what.env["ONE"] = "1";
  auto& one = start(what);
  ASSERT_TRUE(one.ended());
  EXPECT_EQ(one.all(spool_stream::out), "own session\n" + what.folder + "/work\n" +
                                          "ONE=1\nPATH=/usr/local/bin:/usr/bin:/bin\nPWD=" + what.folder +
                                          "/work\nTROUPE_OBSERVER=" + what.folder + "/call\nTROUPE_RUN=" + what.id +
                                          "\n0 1 2 3 \n");
}

TEST_F(ObserverEnd, TenRunsAtOnceKeepApart) {
  std::vector<observed*> runs;
  for (int i = 0; i < 10; ++i) {
    runs.push_back(&start(shell("echo " + std::to_string(i) + "; exit " + std::to_string(i))));
  }
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(runs[i]->ended());
    EXPECT_EQ(runs[i]->ended()->exit_code, i);
    EXPECT_EQ(runs[i]->all(spool_stream::out), std::to_string(i) + "\n");
  }
}

} // namespace
} // namespace troupe
