# A prepared interpreter: it starts once, and then gives birth to processes that become runs of Python scripts.
#
# `python warm_parent.py OBSERVER DOOR NAMESPACE(0|1)`, with orders on descriptor 3. For each byte a pair is made: an
# observer, which reports at the door, and its child, which waits for its word and is used once. When the orders end, as they
# do with the node that gives them, so does this process.
#
# A script must not see that it was not started as `python script.py`. So this file uses what every interpreter has loaded
# at its start, and what it loads beyond that it hides again; and the script is run by the function of Python's own main
# program, with only C code below it (see `drive`). Of this file no module, no name and no frame is left then.

import sys

if __name__ == "__main__":
    with open(__file__, "rb") as _file:
        _source = _file.read()
    exec(compile(_source, __file__, "exec"), {"__name__": "troupe_warm_parent", "__builtins__": __builtins__})

import _signal
import os
import posix
import stat
import time

ORDERS = 3
CAPABILITIES_VERSION = (0x20080522).to_bytes(4, sys.byteorder)
ARCHIVE_TAIL = 65536 + 22  # the end of a ZIP file, with the longest comment
PR_SET_PDEATHSIG, PR_SET_MM, PR_SET_MM_MAP = 1, 35, 14
NEW_NS, NEW_USER, NEW_PID = 0x20000, 0x10000000, 0x20000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_SLAVE = 2, 4, 8, 0x4000, 0x80000


class Unfit(Exception):
    """The run has to be started in the usual way."""


class Native:
    """C functions of this process."""

    def __init__(self):
        modules, importers = set(sys.modules), dict(sys.path_importer_cache)
        import _ctypes

        def kind(letter):
            return type("kind", (_ctypes._SimpleCData,), {"_type_": letter})

        pointer, integer, long, text = kind("P"), kind("i"), kind("l"), kind("z")
        program = _ctypes.dlopen(None, 0)

        def function(name, result, *arguments, flags=1):
            address = _ctypes.dlsym(program, name)
            out = type("function", (_ctypes.CFuncPtr,), {"_flags_": flags, "_restype_": result})(address)
            out.argtypes = arguments
            return out

        with_lock = 1 | 4
        self.prctl = function("prctl", integer, integer, long, long, long, long)
        self.unshare = function("unshare", integer, integer)
        self.mount = function("mount", integer, text, text, text, long, pointer)
        self.capset = function("capset", integer, text, text)
        self.sbrk = function("sbrk", long, long)
        self.malloc = function("malloc", pointer, long)
        self.memmove = function("memmove", pointer, pointer, text, long)
        self.fdopen = function("fdopen", pointer, integer, text)
        self.run_file = function("PyRun_AnyFileExFlags", integer, pointer, text, integer, pointer, flags=with_lock)
        self.exit = function("Py_Exit", None, integer, flags=with_lock)
        self.leave = function("exit", None, integer)
        import _functools
        import gc

        self.reduce, self.freeze, self.collect = _functools.reduce, gc.freeze, gc.collect
        for now, before in ((sys.modules, modules), (sys.path_importer_cache, importers)):
            for name in set(now) - set(before):
                del now[name]

    def copy(self, data):
        """The address of a copy that is never freed."""
        place = self.malloc(len(data))
        self.memmove(place, data, len(data))
        return place


def write_file(name, data):
    with open(name, "wb", 0) as file:
        file.write(data)


def read_exactly(file, size):
    data = b""
    while len(data) < size:
        piece = posix.read(file, size - len(data))
        if not piece:
            posix._exit(0)
        data += piece
    return data


def find_importer(path):
    """As the interpreter does it, with the same traces."""
    cache = sys.path_importer_cache
    if path not in cache:
        cache[path] = None
        for hook in sys.path_hooks:
            try:
                cache[path] = hook(path)
                break
            except ImportError:
                pass
    return cache[path]


def may_be_archive(path):
    """Whether one of the interpreter's importers could take the script for a container of modules."""
    with open(path, "rb", 0) as file:
        file.seek(max(0, posix.stat(path).st_size - ARCHIVE_TAIL))
        return b"PK\5\6" in file.read(ARCHIVE_TAIL)


def look_at_import_path():
    """What changes when packages come or go: then a new interpreter might load other things at its start."""
    out = []
    for place in sys.path:
        try:
            seen = posix.stat(place)
            out.append((place, seen.st_ino, seen.st_mtime_ns))
        except OSError:
            out.append((place,))
    return out


def names_from_files():
    """Modules that each start looks for in the folders of PYTHONPATH first."""
    out = {"sitecustomize", "usercustomize"}
    for name, module in list(sys.modules.items()):
        origin = getattr(getattr(module, "__spec__", None), "origin", None)
        if "." not in name and origin not in (None, "built-in", "frozen"):
            out.add(name)
    return out


class Parent:
    def __init__(self, observer, door, wants_namespace):
        self.observer, self.door, self.wants_namespace = observer, door, wants_namespace
        with open("/proc/self/environ", "rb") as file:
            given = {one.partition(b"=")[0] for one in file.read().split(b"\0")}
        # Python may set the locale of a poor environment, also for its children.
        self.coerced = {name: value for name, value in posix.environ.items() if name not in given}
        self.environment = {name: value for name, value in posix.environ.items() if name != b"TROUPE_RUN"}
        if not getattr(sys.flags, "safe_path", False):
            del sys.path[0]
        sys.path_importer_cache.pop(os.path.dirname(sys.argv[0]), None)
        sys.path_importer_cache.pop(sys.argv[0], None)
        self.names, self.modules = names_from_files(), set(sys.modules)
        self.native = Native()
        self.places = look_at_import_path()
        self.native.freeze()

    def serve(self):
        """Returns in a child that has heard its word."""
        try:
            while posix.read(ORDERS, 1):
                if posix.fork() == 0:
                    return self.divide()
            posix._exit(0)
        except BaseException as problem:
            posix.write(2, ("a prepared interpreter ends: %r\n" % problem).encode())
            posix._exit(1)

    def divide(self):
        """In the process between: becomes the observer, whose child returns from here."""
        _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
        posix.close(ORDERS)
        posix.setsid()
        init, lifeline = self.make_namespace() if self.wants_namespace else (-1, -1)
        word, answer, into, out, err = [posix.pipe() for _ in range(5)]
        ours = [word[1], answer[0], into[1], out[0], err[0], lifeline]
        pid = posix.fork()
        if pid == 0:
            for end in ours:
                if end >= 0:
                    posix.close(end)
            child = Child(self, init > 0, word[0], answer[1], into[0], out[1], err[1])
            child.hear()
            return child
        for end in ours:
            if end >= 0:
                posix.set_inheritable(end, True)
        posix.execve(self.observer, [self.observer, "--warm", self.door] + list(map(str, [pid, init] + ours)),
                     self.environment)

    def make_namespace(self):
        """Children from now on are in a PID namespace of their own, where the system allows it; its first process."""
        if self.native.unshare(NEW_PID) != 0 and not self.leave_user_namespace():
            return -1, -1
        end, lifeline = posix.pipe()
        posix.set_inheritable(end, True)
        init = posix.posix_spawn(self.observer, [self.observer, "--init", str(end)], {})
        posix.close(end)
        return init, lifeline

    def leave_user_namespace(self):
        user, group = posix.geteuid(), posix.getegid()
        if self.native.unshare(NEW_USER | NEW_PID) != 0:
            return False
        write_file("/proc/self/setgroups", b"deny")
        write_file("/proc/self/uid_map", b"%d %d 1" % (user, user))
        write_file("/proc/self/gid_map", b"%d %d 1" % (group, group))
        return True


class Child:
    """The process that becomes the script."""

    def __init__(self, parent, has_namespace, word, answer, into, out, err):
        native = parent.native
        native.prctl(PR_SET_PDEATHSIG, _signal.SIGKILL, 0, 0, 0)
        posix.setsid()
        if has_namespace and native.unshare(NEW_NS) == 0 and native.mount(None, b"/", None, MS_REC | MS_SLAVE, None) == 0:
            native.mount(b"proc", b"/proc", b"proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, None)
        if posix.geteuid() != 0:  # what a user namespace gives, an exec takes away again
            native.capset(CAPABILITIES_VERSION + bytes(4), bytes(24))
        posix.dup2(out, 1)
        posix.dup2(err, 2)
        posix.close(out)
        posix.close(err)
        self.parent, self.native, self.has_namespace = parent, native, has_namespace
        self.word, self.answer, self.into = word, answer, into

    def hear(self):
        size = int.from_bytes(read_exactly(self.word, 4), "little")
        fields = iter(read_exactly(self.word, size).split(b"\0"))
        some = lambda: [next(fields) for _ in range(int(next(fields)))]
        try:
            self.become(next(fields), next(fields) == b"1", some(), some(), some())
        except BaseException as problem:
            text = str(problem) if isinstance(problem, Unfit) else repr(problem)
            posix.write(self.answer, text.encode("utf-8", "replace")[:500])
            posix._exit(0)

    def become(self, folder, reads_input, doors, arguments, environment):
        for door in doors:
            write_file(door, b"0")
        if look_at_import_path() != self.parent.places:
            raise Unfit("stale: its import path has changed")
        if reads_input:
            self.take_input()
        posix.chdir(folder)
        variables = dict(one.split(b"=", 1) for one in environment)
        self.take_environment(variables)
        self.take_import_path(os.fsdecode(variables.get(b"PYTHONPATH", b"")), os.fsdecode(arguments[1]))
        sys.argv[:] = [os.fsdecode(one) for one in arguments[1:]]
        if hasattr(sys, "orig_argv"):
            sys.orig_argv[:] = [os.fsdecode(one) for one in arguments]
        self.show(arguments, environment)
        self.script = arguments[1]
        file = posix.open(self.script, posix.O_RDONLY)
        self.file = self.native.fdopen(file, b"rb")
        self.take_main()
        posix.write(self.answer, b"+")
        for end in (self.word, self.answer, self.into):
            posix.close(end)

    def take_main(self):
        """A new `__main__` as the interpreter makes it; frames that are never left hold the one of this file."""
        main = type(sys)("__main__")
        for name, value in sys.modules["__main__"].__dict__.items():
            if name.startswith("__") and name not in ("__file__", "__cached__", "__doc__"):
                main.__dict__[name] = {} if name == "__annotations__" else value
        sys.modules["__main__"] = main

    def take_input(self):
        """As the interpreter makes `sys.stdin` for a pipe; it has one for /dev/null now."""
        posix.dup2(self.into, 0)
        old, raw = sys.stdin, open(0, "rb", -1, closefd=False)
        raw.raw.name = "<stdin>"
        sys.stdin = type(old)(raw, old.encoding, old.errors, "\n", old.line_buffering, old.write_through)
        sys.stdin.mode = "r"
        sys.__stdin__ = sys.stdin

    def take_environment(self, variables):
        now = os.environ._data
        for name in list(now):
            posix.unsetenv(name)
        now.clear()
        now.update(variables)
        for name, value in self.parent.coerced.items():
            now.setdefault(name, value)
        for name, value in now.items():
            posix.putenv(name, value)
        time.tzset()

    def take_import_path(self, python_path, script):
        if not stat.S_ISREG(posix.stat(script).st_mode) or script.endswith(".pyc"):
            raise Unfit("it is no plain file of source code")
        if may_be_archive(script):
            raise Unfit("it may be an archive")
        sys.path_importer_cache[script] = None
        first = [os.path.abspath(one) for one in python_path.split(":")] if python_path else []
        for place in first:
            try:
                found = {name.partition(".")[0] for name in posix.listdir(place)} & self.parent.names
            except OSError:
                found = None
            if found:
                raise Unfit("PYTHONPATH has a module that is loaded at each start: " + ", ".join(found))
            find_importer(place)
        path = list(dict.fromkeys(first + sys.path))
        if not getattr(sys.flags, "safe_path", False):
            path.insert(0, os.path.dirname(os.path.realpath(script)))
        sys.path[:] = path

    def show(self, arguments, environment):
        """Makes the kernel show this command line and environment: by its environment a process of a run is known."""
        with open("/proc/self/stat", "rb", 0) as file:
            numbers = [int(one) for one in file.read().rpartition(b") ")[2].split()[1:]]
        line, variables = [b"".join(one + b"\0" for one in texts) for texts in (arguments, environment)]
        start = self.native.copy(line + variables)
        middle, end = start + len(line), start + len(line) + len(variables)
        code, data, stack = numbers[22:24], numbers[41:44], numbers[24]
        size = 12 * 8 + 2 * 4
        place = self.native.copy(bytes(size))
        # struct prctl_mm_map: the present values, but for the two ranges. Nothing may take memory from `sbrk` on.
        layout = b"".join(one.to_bytes(8, "little")
                          for one in code + data + [self.native.sbrk(0), stack, start, middle, middle, end, 0])
        self.native.memmove(place, layout + b"\0\0\0\0\xff\xff\xff\xff", size)
        shown = self.native.prctl(PR_SET_MM, PR_SET_MM_MAP, place, size, 0) == 0
        if not shown and not self.has_namespace:
            raise Unfit("the system does not let it carry the mark of its run")


class ShortEnd:
    """Ends the process when nothing of the script is left: the last value that goes with `sys`.

    By then Python has waited for threads, called what was registered, written out files, and taken down all modules with
    their objects. What is left out is the taking down of the interpreter itself, more than half of an end: it would have to
    be copied from the parent only to be freed.
    """

    def __init__(self, native):
        self.collect, self.leave = native.collect, native.leave

    def __del__(self):
        self.collect()
        self.leave(0)

    @staticmethod
    def fits(known):
        """Not when there is code of others that could be told of the interpreter's end."""
        library = os.path.dirname(os.__file__) + "/lib-dynload/"
        for name in set(sys.modules) - known - {"__main__"}:
            origin = getattr(getattr(sys.modules[name], "__spec__", None), "origin", None)
            if not isinstance(origin, str) or not (
                    origin in ("built-in", "frozen") or origin.endswith(".py") or origin.startswith(library)):
                return False
        return True


class Begin(Exception):
    """Ends this file: see `drive`."""

    def __iter__(self):
        return self.args[0]


def drive(parent):
    """Runs the script in a child with C code only below it.

    This file ends with an exception, whose hook is `reduce`, called with the exception's type, the exception and a
    traceback: a function, what it goes through, and what it begins with. To get the first item it calls the functions below,
    which have returned by then, and with what they say the C functions that run a file and end the interpreter. A script
    that failed ends the items instead, and Python's main program goes on as after any file that failed.
    """
    native, children = parent.native, []

    def begin():
        children.append(parent.serve())
        sys.excepthook = sys.__excepthook__
        for name in ("last_exc", "last_type", "last_value", "last_traceback"):
            if hasattr(sys, name):
                delattr(sys, name)
        return children[0].file

    def code_of(result):
        if result != 0:
            raise StopIteration
        try:
            if ShortEnd.fits(parent.modules):
                sys.troupe_end = ShortEnd(native)
        except:  # the script may have taken anything away
            pass
        return 0

    ran = map(native.run_file, iter(begin, None), iter(lambda: children[0].script, 0), iter(lambda: 1, 0), iter(lambda: 0, 1))
    sys.excepthook = native.reduce
    raise Begin(map(native.exit, map(code_of, ran)))


if __name__ == "troupe_warm_parent":
    posix.set_inheritable(ORDERS, False)
    _signal.signal(_signal.SIGCHLD, _signal.SIG_IGN)
    drive(Parent(sys.argv[1], sys.argv[2], sys.argv[3] == "1"))
