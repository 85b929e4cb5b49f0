// A run from a prepared interpreter beside the same run started in the usual way.
#include "tests/process/warm/warm_fixture.hpp"

#include <troupe/json.hpp>

#include <regex>

namespace troupe {
namespace {

class WarmRun : public warm_fixture {
protected:
  /// Both ways, with ids of the same length that differ in nothing else.
  std::pair<outcome, outcome> both(const run_plan& what, const std::string& input = {}) {
    warm_up(what);
    auto warm = what;
    auto cold = script(what.script);
    const auto id = cold.id;
    const auto folder = cold.folder;
    cold = what;
    cold.id = id;
    cold.folder = folder;
    cold.warm = false;
    return {fed(warm, input), fed(cold, input)};
  }

  outcome fed(const run_plan& what, const std::string& input) {
    auto& one = start(what);
    if (what.stdin_open) {
      if (!input.empty()) {
        EXPECT_TRUE(one.write(input));
      }
      (void)one.close_input();
    }
    auto out = end_of(one);
    out.out = without(out.out, what);
    out.err = without(out.err, what);
    return out;
  }

  static std::string without(std::string text, const run_plan& what) {
    text = std::regex_replace(text, std::regex{"0x[0-9a-f]{6,}"}, "0x");
    for (auto at = text.find(what.id); at != std::string::npos; at = text.find(what.id, at)) {
      text.replace(at, what.id.size(), "ID");
    }
    return text;
  }

  static void expect_same(const outcome& warm, const outcome& cold) {
    EXPECT_TRUE(warm.warm);
    EXPECT_FALSE(cold.warm);
    EXPECT_EQ(to_string(warm.how), std::string{to_string(cold.how)});
    EXPECT_EQ(warm.code, cold.code);
    EXPECT_EQ(warm.signal, cold.signal);
    EXPECT_EQ(warm.out, cold.out);
    EXPECT_EQ(warm.err, cold.err);
  }

  void expect_same_view(run_plan what, const std::string& input = {}) {
    const auto [warm, cold] = both(what, input);
    ASSERT_TRUE(warm.warm);
    ASSERT_EQ(warm.code, 0) << warm.err;
    ASSERT_EQ(cold.code, 0) << cold.err;
    const auto one = json::parse(warm.out, nullptr, false);
    const auto other = json::parse(cold.out, nullptr, false);
    ASSERT_TRUE(one.is_object() && other.is_object()) << warm.out.substr(0, 500);
    for (const auto& [key, value] : other.items()) {
      EXPECT_EQ(one.value(key, json(nullptr)), value) << key;
    }
  }
};

const std::string dump = WARM_SCRIPTS "/dump.py";

TEST_F(WarmRun, SeesWhatAColdOneSees) {
  expect_same_view(script(dump, {"a", "b c", "", "\xc3\xa4\xff"}));
}

TEST_F(WarmRun, HasTheSameInputEnvironmentFolderAndLimits) {
  auto what = script(dump, {"x"});
  what.stdin_open = true;
  what.env["TZ"] = "Asia/Tokyo";
  what.env["NAME"] = "v=\xc3\xa4 \xff";
  what.env["LANG"] = "C.UTF-8";
  what.env["PYTHONPATH"] = std::filesystem::path{file("modules/one.py", "pass\n")}.parent_path().string() + ":relative:/usr/lib";
  what.cwd = "/usr";
  what.memory_limit = 300u << 20;
  what.process_limit = 50;
  what.open_file_limit = 77;
  what.cpu_limit = 20s;
  what.disk_limit = 10u << 20;
  expect_same_view(what, "some\ninput \xc3\xa4");
}

TEST_F(WarmRun, IsTheSameWithoutNamespaceAndWithPolling) {
  auto what = script(dump);
  what.own_pid_namespace = false;
  what.guard = "polling";
  what.memory_limit = 300u << 20;
  const auto [warm, cold] = both(what);
  ASSERT_TRUE(warm.warm);
  auto one = json::parse(warm.out, nullptr, false);
  auto other = json::parse(cold.out, nullptr, false);
  ASSERT_TRUE(one.is_object() && other.is_object()) << warm.out << warm.err;
  for (const auto* own : {"pid", "parent", "status", "processes"}) { // numbers of the whole machine
    one.erase(own);
    other.erase(own);
  }
  for (const auto& [key, value] : other.items()) {
    EXPECT_EQ(one.value(key, json(nullptr)), value) << key;
  }
}

TEST_F(WarmRun, KeepsBufferedOutputAsAColdOneDoes) {
  auto what = script(dump);
  what.env.erase("PYTHONUNBUFFERED");
  expect_same_view(what);
}

TEST_F(WarmRun, EndsAsAColdOneEnds) {
  const std::vector<std::string> scripts{
    "import sys; print('x'); sys.exit(3)\n",
    "import sys; sys.exit('words')\n",
    "import sys; sys.exit()\n",
    "import sys; sys.exit(300)\n",
    "raise SystemExit\n",
    "def f(n):\n  return 1 / n\n\ntry:\n  f(0)\nexcept ZeroDivisionError as e:\n  raise KeyError('k') from e\n",
    "x = (\n",
    "print('\xff')\n",
    "import os; print('x', flush=True); os._exit(7)\n",
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)\n",
    "import os, signal; os.kill(os.getpid(), signal.SIGTERM)\n",
    "import os; os.abort()\n",
    "raise KeyboardInterrupt\n",
    "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(5)\n",
    "import atexit, sys\natexit.register(lambda: print('a', sys.argv[1:]))\natexit.register(print, 'b')\nprint('c')\n",
    "import atexit\n@atexit.register\ndef f(): raise ValueError('at the end')\n",
    "import atexit, os\natexit.register(os._exit, 9)\n",
    "import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.1), print('late'))).start()\nprint('main')\n",
    "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\nprint('main')\n",
    "import threading\ndef f(): raise ValueError('in a thread')\nt = threading.Thread(target=f, name='t'); t.start(); t.join()\n",
    "class A:\n  def __del__(self): print('gone')\na = A()\nb = A(); b.b = b\nprint('end')\n",
    "import weakref\nclass A: pass\na = A()\nweakref.finalize(a, print, 'finalized')\n",
    "import sys\nf = open('kept', 'w'); f.write('x' * 100)\nimport atexit\nsys.stdout.write('no end of line')\n",
    "import sys\nsys.excepthook = lambda *a: print('hook', a[0].__name__, a[2].tb_lineno, a[2].tb_next)\nraise ValueError(1)\n",
    "import traceback, inspect, sys\ntraceback.print_stack(); print(len(inspect.stack()))\n"
    "try: sys._getframe(1)\nexcept ValueError as e: print(e)\n",
    "import warnings\nwarnings.warn('a', stacklevel=1); warnings.warn('b', stacklevel=2)\n",
    "import sys\ndef f(): f()\ntry: f()\nexcept RecursionError as e: print(e)\n",
    "import os, sys\nos.execv(sys.executable, [sys.executable, '-c', 'print(\"another\")'])\n",
    "import os\nif os.fork() == 0:\n  print('child')\nelse:\n  os.wait(); print('parent')\n",
    "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'import os; print(os.environ[\"TROUPE_RUN\"])'],"
    " capture_output=True, text=True))\n",
    "import sys; sys.stdout.close(); raise ValueError('no output')\n",
    "import os; os.close(1); print('lost')\n",
    "import gc; gc.collect(); print(gc.garbage)\n",
    "import asyncio\nasync def f():\n  await asyncio.sleep(0.01); print('async')\nasyncio.run(f())\n",
    "from __future__ import annotations\n'the document'\nprint(__doc__, __name__, __package__, __spec__, __annotations__)\nx: int\n",
    "import sys; print('x', file=sys.stderr); raise SystemExit(4)\n",
    "import _socket, _ctypes, functools, socket, ctypes; print(socket.socket().family, ctypes.c_int(3))\n",
    "import builtins; builtins.__dict__.clear()\n",
    "",
  };
  int number = 0;
  for (const auto& text : scripts) {
    SCOPED_TRACE(text);
    const auto [warm, cold] = both(script(file("end" + std::to_string(++number) + ".py", text)));
    expect_same(warm, cold);
  }
}

TEST_F(WarmRun, SpawnsAndForksWorkers) {
  for (const std::string how : {"spawn", "fork", "forkserver"}) {
    SCOPED_TRACE(how);
    const auto path = file("workers_" + how + ".py", "import multiprocessing as m\n"
                                                     "def double(n): return 2 * n\n"
                                                     "if __name__ == '__main__':\n"
                                                     "  with m.get_context('" + how + "').Pool(2) as pool:\n"
                                                     "    print(pool.map(double, range(5)))\n");
    const auto [warm, cold] = both(script(path));
    EXPECT_EQ(warm.out, "[0, 2, 4, 6, 8]\n");
    expect_same(warm, cold);
  }
}

TEST_F(WarmRun, FindsModulesBesideItAndOnThePath) {
  file("place/beside.py", "print('beside', __name__)\n");
  file("modules/far.py", "print('far')\n");
  std::filesystem::create_symlink("place/real.py", folder() + "/linked.py");
  file("place/real.py", "import sys, beside, far\nprint(sys.path[0] == __file__, len(sys.path), __file__)\n");
  auto what = script(folder() + "/linked.py");
  what.env["PYTHONPATH"] = folder() + "/modules";
  const auto [warm, cold] = both(what);
  EXPECT_EQ(warm.out.substr(0, 19), "beside beside\nfar\nF");
  expect_same(warm, cold);
}

} // namespace
} // namespace troupe
