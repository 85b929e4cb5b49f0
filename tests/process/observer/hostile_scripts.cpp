#include "hostile_scripts.hpp"

namespace troupe {

// Each run has: 60 MB, 64 processes, 2 s of wall time, 100 open files, 30 MB of disk, 4 MB of kept output, 0.2 s of grace.
const std::vector<hostile_script>& hostile_scripts() {
  static const auto& all = *new std::vector<hostile_script>{
    {"fork_bomb", "sh", "b() { b | b & }; b; while :; do sleep 1; done", {"timed_out", "signalled", "exited", "memory_exceeded"}},
    {"fork_bomb_in_python", "python", "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
     {"timed_out", "signalled", "memory_exceeded"}},
    {"threads_without_end", "python",
     "import threading, time\nwhile True:\n    try: threading.Thread(target=time.sleep, args=(99,), daemon=True).start()\n"
     "    except RuntimeError: time.sleep(0.01)",
     {"timed_out", "signalled", "memory_exceeded"}},
    {"memory_alone", "python", "hog = []\nwhile True: hog.append(bytearray(1 << 20))", {"memory_exceeded"}, "try memoryLimit"},
    {"memory_in_one_piece", "python", "hog = bytearray(3 << 30)", {"memory_exceeded", "exited"}},
    {"memory_in_forks", "python",
     "import os, time\nfor _ in range(6):\n    if os.fork() == 0:\n        hog = bytearray(os.urandom(1 << 20) * 20)\n"
     "        time.sleep(99)\ntime.sleep(99)",
     {"memory_exceeded"}, "memory limit 60 MB"},
    {"memory_in_an_orphan", "python",
     "import os, time\nif os.fork() == 0:\n    os.setsid()\n    hog = []\n    while True: hog.append(bytearray(1 << 20))\n"
     "time.sleep(99)",
     {"memory_exceeded"}, "memory limit"},
    {"memory_mapped_and_shared", "python",
     "import mmap, os, time\nm = mmap.mmap(-1, 200 << 20)\nfor _ in range(2): os.fork()\n"
     "for i in range(0, len(m), 4096): m[i] = 1\ntime.sleep(99)",
     {"memory_exceeded"}, "memory limit"},
    {"shared_memory_file", "python",
     "import os\nf = open('/dev/shm/troupe_hostile', 'wb')\nos.unlink(f.name)\nwhile True: f.write(bytes(1 << 20))",
     {"memory_exceeded", "exited", "signalled"}},
    {"string_that_doubles", "python", "s = 'x'\nwhile True: s += s", {"memory_exceeded", "exited"}},
    {"many_files", "python", "n = 0\nwhile n < 100000:\n    open(f'f{n}', 'w').write('x')\n    n += 1",
     {"signalled", "timed_out", "exited", "memory_exceeded"}},
    {"large_file", "sh", "head -c 100000000 /dev/zero > large", {"exited", "signalled"}},
    {"sparse_file", "python", "open('sparse', 'wb').truncate(1 << 40)", {"exited", "signalled"}},
    {"many_large_files", "sh", "i=0; while :; do i=$((i+1)); head -c 5000000 /dev/zero > f$i; done", {"signalled"}, "30 MB"},
    {"deep_folders", "python",
     "import os\nfor _ in range(3000):\n    os.mkdir('d' * 200)\n    os.chdir('d' * 200)", {"exited", "signalled", "timed_out"}},
    {"names_that_are_no_text", "python", "open(b'\\xff\\n\\x01', 'w').write('x')\nopen('*', 'w').write('x')", {"exited"}},
    {"open_files_without_end", "python", "kept = []\nwhile True: kept.append(open('/dev/null'))", {"exited"}},
    {"endless_output", "sh", "yes", {"timed_out"}, "cut"},
    {"endless_output_on_both", "sh", "yes >&2 & yes", {"timed_out"}, "cut"},
    {"output_without_newlines", "python", "import sys\nwhile True: sys.stdout.write('x' * 65536)", {"timed_out"}, "cut"},
    {"binary_output", "sh", "head -c 2000000 /dev/urandom; head -c 1000000 /dev/zero", {"exited"}},
    {"half_characters", "python", "import os\nfor _ in range(1000): os.write(1, b'\\xe2\\x82')", {"exited"}},
    {"ignores_sigterm", "sh", "trap '' TERM; while :; do sleep 1; done", {"timed_out"}, "ran longer"},
    {"ignores_all_signals", "python",
     "import signal, time\nfor s in range(1, 65):\n    try: signal.signal(s, signal.SIG_IGN)\n    except (OSError, ValueError): pass\n"
     "while True: time.sleep(1)",
     {"timed_out"}},
    {"daemonises", "python",
     "import os, time\nif os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\ntime.sleep(99)", {"exited"},
     "left behind"},
    {"daemon_without_mark", "python",
     "import os\nif os.fork(): os._exit(0)\nos.setsid()\nos.execve('/bin/sleep', ['sleep', '99'], {})", {"exited"}, "left behind"},
    {"daemon_that_closes_all", "python",
     "import os, time, signal\nif os.fork(): os._exit(0)\nos.setsid()\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
     "os.closerange(0, 64)\ntime.sleep(99)",
     {"exited"}, "left behind"},
    {"stops_itself", "sh", "kill -STOP $$", {"timed_out"}},
    {"stops_its_children", "sh", "sleep 99 & kill -STOP $!; wait", {"timed_out"}},
    {"kills_itself", "sh", "kill -9 $$", {"signalled"}, "SIGKILL"},
    {"kills_its_parent", "python", "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)", {"exited", "signalled", "lost"}},
    {"kills_its_group", "sh", "kill -9 0", {"signalled"}},
    {"kills_number_one", "python", "import os\nos.kill(1, 9) if os.getpid() < 50 else None", {"exited"}},
    {"crashes", "python", "import ctypes\nctypes.string_at(0)", {"signalled"}, "SIGSEGV"},
    {"aborts", "python", "import os\nos.abort()", {"signalled"}, "SIGABRT"},
    {"recursion", "python", "def f(): f()\nimport sys\nsys.setrecursionlimit(10**9)\nf()", {"signalled", "memory_exceeded", "exited", "timed_out"}},
    {"busy", "sh", "while :; do :; done", {"timed_out"}},
    {"waits_for_input", "sh", "cat", {"timed_out"}, "ran longer", true},
    {"closed_input", "sh", "read line; echo end $?", {"exited"}},
    {"closes_its_output", "sh", "exec >&- 2>&-; sleep 99", {"timed_out"}},
    {"writes_to_its_input", "python", "import os\ntry: os.write(0, b'x')\nexcept OSError: print('no')", {"exited"}},
    {"child_keeps_the_pipe", "sh", "sleep 99 & exit 0", {"exited"}, "left behind"},
    {"huge_arguments", "python",
     "import os\ntry: os.execv('/bin/echo', ['echo', 'x' * 3_000_000])\nexcept OSError as e: print(e)", {"exited"}},
    {"zombies", "python", "import os, time\nfor _ in range(60):\n    if os.fork() == 0: os._exit(0)\ntime.sleep(99)", {"timed_out"}},
    {"removes_its_folder", "sh", "cd ..; rm -rf work; ls work; mkdir work; exit 3", {"exited"}},
    {"removes_its_spool", "sh", "echo before; rm -f ../spool ../attach ../call; echo after", {"exited"}},
    {"makes_a_false_result", "sh", "echo '{\"outcome\": \"exited\"}' > ../result.json; exit 4", {"exited"}},
    {"makes_its_folder_read_only", "sh", "chmod 0 . ; exit 5", {"exited"}},
    {"floods_the_channel", "python",
     "import os, socket\nfor _ in range(200):\n    s = socket.socket(socket.AF_UNIX)\n    s.connect(os.environ['TROUPE_OBSERVER'])\n"
     "    try:\n        for _ in range(50): s.sendall(b'{\"id\": 1, \"call\": \"x\"}\\n' * 100)\n    except OSError: pass",
     {"exited", "timed_out", "memory_exceeded"}},
    {"never_ends_a_line_to_the_channel", "python",
     "import os, socket\ns = socket.socket(socket.AF_UNIX)\ns.connect(os.environ['TROUPE_OBSERVER'])\n"
     "try:\n    while True: s.sendall(b'x' * 65536)\nexcept OSError: print('closed')",
     {"exited"}},
  };
  return all;
}

} // namespace troupe
