// Prepared interpreters against what scripts, users and accidents do to them.
#include "tests/process/warm/warm_fixture.hpp"

#include <csignal>
#include <map>

namespace troupe {
namespace {

class WarmPool : public warm_fixture {};

TEST_F(WarmPool, FirstRunOfAKindIsColdAndLaterOnesAreWarm) {
  const auto path = file("a.py", "print('hello')\n");
  const auto first = run(script(path));
  EXPECT_FALSE(first.warm);
  EXPECT_EQ(first.out, "hello\n");
  warm_up(script(path));
  const auto second = run(script(path));
  EXPECT_TRUE(second.warm);
  EXPECT_EQ(second.out, "hello\n");
  EXPECT_FALSE(run(script(path, {}, false)).warm);
}

TEST_F(WarmPool, ManyAtOnceAreServedOnceEach) {
  const auto path = file("a.py", "import os, sys\nprint(sys.argv[1], os.environ['N'])\n");
  warm_up(script(path));
  std::map<int, observed*> runs;
  for (int n = 0; n < 40; ++n) {
    auto what = script(path, {std::to_string(n)});
    what.env["N"] = std::to_string(n * 7);
    runs[n] = &start(what);
  }
  for (const auto& [n, one] : runs) {
    const auto end = end_of(*one);
    EXPECT_EQ(end.out, std::to_string(n) + " " + std::to_string(n * 7) + "\n");
    EXPECT_EQ(end.err, "");
  }
}

TEST_F(WarmPool, KilledParentTakesNothingAlongAndIsReplaced) {
  const auto path = file("a.py", "print('up')\nprint(input())\n");
  auto what = script(path);
  what.stdin_open = true;
  warm_up(what);
  auto& one = start(what);
  ASSERT_TRUE(one.started()->warm);
  EXPECT_FALSE(one.read(0).records.empty());
  const auto before = parents();
  ASSERT_EQ(before.size(), 1u);
  ::kill(before.front(), SIGKILL);
  EXPECT_TRUE(one.write("still here\n"));
  EXPECT_EQ(end_of(one).out, "up\nstill here\n");
  warm_up(what);
  ASSERT_EQ(parents().size(), 1u);
  EXPECT_NE(parents().front(), before.front());
}

TEST_F(WarmPool, StoppedParentIsDoneWithout) {
  warm_pool_options options;
  options.patience = 200ms;
  make_pool(options);
  const auto path = file("a.py", "print('x')\n");
  warm_up(script(path));
  ::kill(parents().front(), SIGSTOP);
  for (int n = 0; n < 3; ++n) { // two wait already, the third is waited for in vain
    auto& one = start(script(path));
    EXPECT_EQ(one.ended()->exit_code, 0);
  }
  // The end of the pool, which is the end of this test, ends the parent too.
}

TEST_F(WarmPool, NothingOfARunOutlivesIt) {
  const auto path = file("a.py", "import os, signal, time\n"
                                 "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                                 "if os.fork() == 0:\n"
                                 "  os.setsid()\n"
                                 "  if os.fork() == 0:\n"
                                 "    os.environ.clear()\n"
                                 "    for fd in range(3): os.close(fd)\n"
                                 "    time.sleep(100)\n"
                                 "  os._exit(0)\n"
                                 "os.wait()\n");
  for (const bool space : {true, false}) {
    auto what = script(path);
    what.own_pid_namespace = space;
    what.stop_grace = 200ms;
    warm_up(what);
    auto& one = start(what);
    ASSERT_TRUE(one.started()->warm);
    EXPECT_EQ(one.ended()->exit_code, 0);
    EXPECT_TRUE(eventually([&] { return processes_of_run(what.id, one.started()->pid).empty(); }));
  }
}

TEST_F(WarmPool, RunCarriesItsMark) {
  auto what = script(file("a.py", "import os\nif os.fork() == 0:\n  os.setsid()\ninput()\n"));
  what.stdin_open = true;
  what.own_pid_namespace = false;
  what.guard = "polling";
  warm_up(what);
  auto& one = start(what);
  ASSERT_TRUE(one.started()->warm);
  EXPECT_TRUE(eventually([&] { return processes_of_run(what.id, 0).size() == 2; }));
  EXPECT_TRUE(marked_runs().contains(what.id));
  (void)one.close_input();
  EXPECT_TRUE(one.ended());
}

TEST_F(WarmPool, ScriptDiesWithItsObserver) {
  for (const bool space : {true, false}) {
    SCOPED_TRACE(space);
    auto what = script(file("a.py", "import os, time\nif os.fork() == 0:\n  os.setsid()\ntime.sleep(100)\n"));
    what.own_pid_namespace = space;
    warm_up(what);
    auto& one = start(what);
    const auto begun = one.started();
    ASSERT_TRUE(begun->warm);
    ::kill(run_fixture::parent_of(begun->pid), SIGKILL);
    EXPECT_EQ(one.ended()->outcome, run_outcome::lost);
    EXPECT_TRUE(eventually([&] { return processes_of_run(what.id, begun->pid).empty() && !is_alive(begun->pid); }));
  }
}

TEST_F(WarmPool, LimitsHold) {
  auto slow = script(file("slow.py", "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(100)\n"));
  slow.timeout = 300ms;
  slow.stop_grace = 200ms;
  warm_up(slow);
  const auto late = run(slow);
  EXPECT_TRUE(late.warm);
  EXPECT_EQ(late.how, run_outcome::timed_out);
  for (const auto* guard : {"", "polling"}) {
    auto greedy = script(file("greedy.py", "x = bytearray(300 << 20)\nimport time\ntime.sleep(30)\n"));
    greedy.memory_limit = 100u << 20;
    greedy.guard = guard;
    const auto end = run(greedy);
    EXPECT_TRUE(end.warm);
    EXPECT_EQ(end.how, run_outcome::memory_exceeded) << guard;
  }
}

TEST_F(WarmPool, InputThatIsNotReadAndOutputInFloods) {
  auto what = script(file("a.py", "import os, sys\nos.close(0)\nsys.stdout.write('y' * 3000000)\n"));
  what.stdin_open = true;
  warm_up(what);
  auto& one = start(what);
  (void)one.write(std::string(100'000, 'x'));
  const auto end = end_of(one);
  EXPECT_TRUE(end.warm);
  EXPECT_EQ(end.out.size(), 3'000'000u);
  EXPECT_EQ(end.code, 0);
}

TEST_F(WarmPool, WhatDoesNotFitStartsInTheUsualWay) {
  const auto path = file("a.py", "import sys\nprint(len(sys.argv[-1]))\n");
  warm_up(script(path));
  EXPECT_EQ(run(script(path, {std::string(130'000, 'x')})).out, "130000\n");
  EXPECT_FALSE(run(script(path, std::vector(11, std::string(100'000, 'x')))).warm);
  auto& huge = start(script(path, {std::string(200'000, 'x')}));
  EXPECT_TRUE(huge.rejected()) << "the kernel's limit is told as for any run";
  auto options = script(path);
  options.argv.insert(options.argv.begin() + 1, "-O");
  EXPECT_FALSE(run(options).warm);

  // Its observer has a prepared interpreter, which finds out that it cannot be used.
  auto shadowed = script(path);
  file("early/sitecustomize.py", "print('early')\n");
  shadowed.env["PYTHONPATH"] = folder() + "/early";
  const auto end = run(shadowed);
  EXPECT_FALSE(end.warm);
  EXPECT_EQ(end.out, "early\n" + std::to_string(path.size()) + "\n");
  auto nowhere = script(path);
  nowhere.cwd = folder() + "/none";
  const auto why = start(nowhere).rejected();
  ASSERT_TRUE(why);
  EXPECT_NE(why->find("cannot be entered"), std::string::npos) << *why;
}

TEST_F(WarmPool, ChangedEnvironmentGetsANewParent) {
  ASSERT_EQ(std::system(("/usr/bin/python3 -m venv --without-pip --symlinks " + folder() + "/venv").c_str()), 0);
  python = folder() + "/venv/bin/python";
  const auto path = file("a.py", "import sys\nprint(sys.prefix, 'added' in sys.modules)\n");
  warm_up(script(path));
  EXPECT_EQ(run(script(path)).out, folder() + "/venv False\n");
  std::string packages;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{folder() + "/venv/lib"}) {
    packages = entry.path().filename() == "site-packages" ? entry.path().string() : packages;
  }
  std::ofstream{packages + "/added.py"} << "pass\n";
  std::ofstream{packages + "/added.pth"} << "import added\n";
  EXPECT_EQ(run(script(path)).out, folder() + "/venv True\n");
  warm_up(script(path));
  EXPECT_EQ(run(script(path)).out, folder() + "/venv True\n");
  const auto before = parents();
  std::filesystem::remove_all(folder() + "/venv");
  ASSERT_EQ(std::system(("/usr/bin/python3 -m venv --without-pip --symlinks " + folder() + "/venv").c_str()), 0);
  const auto fresh = run(script(path));
  EXPECT_FALSE(fresh.warm);
  EXPECT_EQ(fresh.out, folder() + "/venv False\n");
  EXPECT_TRUE(eventually([&] { return !is_alive(before.front()); }));
}

TEST_F(WarmPool, ParentsEndWithThePoolAndAreFew) {
  auto options = patient();
  options.most_parents = 2;
  make_pool(options);
  for (const auto* name : {"A", "B", "C"}) {
    auto what = script(file("a.py", "pass\n"));
    what.env["PYTHONUSERBASE"] = name;
    warm_up(what);
    EXPECT_TRUE(eventually([&] { return parents().size() <= 2; }));
  }
  pool().close();
  EXPECT_TRUE(eventually([&] { return descendants_of(::getpid()).empty(); }));
  EXPECT_FALSE(run(script(file("a.py", "pass\n"))).warm);
}

TEST_F(WarmPool, BrokenInterpreterIsLeftAlone) {
  const auto broken = file("broken", "#!/bin/sh\ncase \"$1\" in *warm_parent.py) exit 3;; *) exec /usr/bin/python3 \"$@\";; esac\n");
  std::filesystem::permissions(broken, std::filesystem::perms::owner_all);
  python = broken;
  const auto path = file("a.py", "print('x')\n");
  for (int n = 0; n < 3; ++n) {
    const auto end = run(script(path));
    EXPECT_FALSE(end.warm);
    EXPECT_EQ(end.out, "x\n");
  }
  EXPECT_TRUE(eventually([&] { return log().find("exit code 3") != std::string::npos; }));
}

} // namespace
} // namespace troupe
