#!/usr/bin/env python3
"""Holds the rules of the tree that a compiler does not: who may include what, sizes, places, names of machines.

Usage: lint.py [ROOT]. Prints one line per problem, `file:line: what, and what to do`, and ends with 1 if there is one.
"""

import re
import sys
from pathlib import Path
from typing import Callable, Iterator, NamedTuple

AREAS = ("runtime", "actors", "web", "nodes", "examples", "tests")
OTHER_FOLDERS = ("cmake", "config", "docs", ".ci")
SKIPPED = {"build", "node_modules", "__pycache__", ".cache", ".git", "var"}
CODE = {".hpp", ".h", ".cpp", ".cc", ".c"}

# Third-party headers, and the only folders that may include them.
INCLUDE_TABLE = {
    "CAF": (r"caf/", ("runtime/caf", "tests")),
    "Beast": (r"boost/beast(/|\.hpp)", ("web/server", "web/bridge", "tests", "nodes/troupe")),
    "Boost.Process and Asio": (
        r"boost/(process|asio)(/|\.hpp)", ("runtime/process", "web/port", "web/server", "web/bridge", "nodes/troupe",
                                             "tests")),
    "SQLite": (r"(sqlite3\.h|SQLiteCpp/)", ("runtime/store",)),
    "spdlog": (r"spdlog/", ("runtime/log",)),
    "CLI11": (r"CLI/", ("nodes",)),
}
FORBIDDEN_HEADERS = {"caf/all.hpp": "it costs seconds in each file; include the headers that are used",
                     "boost/asio.hpp": "it costs seconds in each file; include the headers that are used"}

# Which areas the files of an area may include or link.
DIRECTION = {
    "runtime": {"runtime"},
    "actors": {"actors", "runtime"},
    "web": {"web", "runtime"},
    "nodes": {"nodes", "web", "actors", "runtime"},
    "examples": {"examples"},
    "tests": {"tests", "nodes", "web", "actors", "runtime", "examples"},
}

HEADER_LINES, SOURCE_LINES, TEST_LINES = 250, 400, 500
HEAD_COMMENT_LINES = 20

# Written in pieces, so that this file does not name them.
MACHINE_PATHS = [re.compile(p) for p in (
    "/" + r"work/(main|shared|\.)", "/" + r"tmp/t/", "/" + r"root/", "/" + r"home/(?!(ada|u|user|you)\b)\w+/")]
REGISTRIES = [re.compile(p) for p in (
    r"registry\." + "npmjs", r"registry\." + "yarnpkg", r"\bpypi\." + "org", r"pythonhosted\." + "org",
    r"\bdeb\." + r"debian\.org", r"proxy\." + r"golang\.org", r"crates\." + "io", r"(--registry|--index-url)[ =]+http")]

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
SLEEP = re.compile(r"this_thread::sleep_(for|until)|\b(usleep|nanosleep)\s*\(|(^|[;{}(=!]|::)\s*sleep\s*\(")
SLEEP_REASON = re.compile(r"//.*\bsleep: \S")


class Problem(NamedTuple):
    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class Source(NamedTuple):
    """A text file of the tree: its path from the root with slashes, and its lines."""
    path: str
    lines: list[str]

    @property
    def area(self) -> str:
        return self.path.split("/", 1)[0]

    @property
    def suffix(self) -> str:
        return Path(self.path).suffix

    def is_in(self, folder: str) -> bool:
        return self.path.startswith(folder + "/")


def read_tree(root: Path) -> list[Source]:
    """Every text file of the areas and of the root itself. Builds and downloads are left out."""
    found = [p for p in root.iterdir() if p.is_file() and p.name not in SKIPPED]
    for folder in (*AREAS, *OTHER_FOLDERS):
        stack = [root / folder]
        while stack:
            here = stack.pop()
            if not here.is_dir() or here.is_symlink():
                continue
            for entry in here.iterdir():
                if entry.is_dir() and entry.name not in SKIPPED and not entry.name.startswith("build"):
                    stack.append(entry)
                elif entry.is_file() and not entry.is_symlink():
                    found.append(entry)
    sources = []
    for path in sorted(found):
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        sources.append(Source(path.relative_to(root).as_posix(), text.splitlines()))
    return sources


def without_comment(line: str) -> str:
    """The line up to `//`, unless that is inside a text (as in an address)."""
    at = line.find("//")
    while at >= 0 and line.count('"', 0, at) % 2 == 1:
        at = line.find("//", at + 2)
    return line if at < 0 else line[:at]


def includes(source: Source) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(source.lines, 1):
        if match := INCLUDE.match(line):
            yield number, match[1]


def check_includes(source: Source) -> Iterator[Problem]:
    if source.suffix not in CODE:
        return
    for number, header in includes(source):
        for library, (pattern, folders) in INCLUDE_TABLE.items():
            if re.match(pattern, header) and not any(source.is_in(folder) for folder in folders):
                yield Problem(source.path, number,
                              f"{library} may be included in {', '.join(folders)} only; use the port of that module")
        if header in FORBIDDEN_HEADERS:
            yield Problem(source.path, number, f"<{header}> is not used here: {FORBIDDEN_HEADERS[header]}")
        target = header.split("/", 1)[0]
        if target in AREAS and "/" in header and source.area in DIRECTION and target not in DIRECTION[source.area]:
            yield Problem(source.path, number,
                          f"{source.area} must not see {target}; put a port into runtime and plug it in nodes")


def check_links(sources: list[Source]) -> Iterator[Problem]:
    """The direction again, for what CMake links: `troupe_module(name deps…)`."""
    areas: dict[str, str] = {}
    calls = []
    for source in sources:
        if not source.path.endswith("CMakeLists.txt") or source.area not in AREAS:
            continue
        text = "\n".join(line.split("#", 1)[0] for line in source.lines)
        for match in re.finditer(r"troupe_module\(\s*([\w-]+)([^)]*)\)", text):
            areas[match[1]] = source.area
            calls.append((source, text.count("\n", 0, match.start()) + 1, match[2].split()))
    for source, number, deps in calls:
        for dep in deps:
            target = areas.get(dep.removeprefix("troupe_"), source.area)
            if target not in DIRECTION[source.area]:
                yield Problem(source.path, number, f"{source.area} must not link {dep} of {target}")


def check_size(source: Source) -> Iterator[Problem]:
    if source.suffix not in CODE | {".py", ".js", ".mjs", ".ts", ".sh"} and source.path != "bootstrap":
        return
    limit = (TEST_LINES if source.area == "tests" else
             HEADER_LINES if source.suffix in {".hpp", ".h"} else SOURCE_LINES)
    excused = any(re.match(r"\s*(//|#|\*)\s*size: \S", line) for line in source.lines[:HEAD_COMMENT_LINES])
    if len(source.lines) > limit and not excused:
        yield Problem(source.path, len(source.lines),
                      f"{len(source.lines)} lines, {limit} are allowed; split it by responsibility, or say why not in "
                      "the head comment: `// size: <reason>`")


def check_places(source: Source) -> Iterator[Problem]:
    for number, line in enumerate(source.lines, 1):
        if any(pattern.search(line) for pattern in MACHINE_PATHS):
            yield Problem(source.path, number, "a path of one machine; find it relative to the program or the source")
        if any(pattern.search(line) for pattern in REGISTRIES):
            yield Problem(source.path, number, "a registry by its host; let the client's own configuration choose it")


def check_header_guard(source: Source) -> Iterator[Problem]:
    if source.suffix not in {".hpp", ".h"}:
        return
    in_block = False
    for number, line in enumerate(source.lines, 1):
        text = line.strip()
        in_block = in_block or text.startswith("/*")
        if in_block:
            in_block = "*/" not in text
        elif text and not text.startswith("//"):
            if text != "#pragma once":
                yield Problem(source.path, number, "a header begins with #pragma once")
            return
    yield Problem(source.path, 1, "a header begins with #pragma once")


def check_sleeps(source: Source) -> Iterator[Problem]:
    # A benchmark measures over a time; it has to let that time pass.
    if source.area != "tests" or source.is_in("tests/bench") or source.suffix not in CODE:
        return
    for number, line in enumerate(source.lines, 1):
        excused = any(SLEEP_REASON.search(near) for near in source.lines[max(0, number - 2):number])
        if SLEEP.search(without_comment(line)) and not excused:
            yield Problem(source.path, number, "tests do not sleep: wait for a condition with a deadline; if this is the "
                                               "pause of such a wait, say so in the line or above: `// sleep: <reason>`")


def check_readmes(sources: list[Source]) -> Iterator[Problem]:
    paths = {source.path for source in sources}
    modules = {"/".join(source.path.split("/")[:2]) for source in sources
               if source.area in ("runtime", "actors", "web", "nodes") and source.path.count("/") >= 2
               and source.suffix in CODE | {".py", ".js", ".ts", ".html"}}
    for module in sorted(modules):
        if f"{module}/README.md" not in paths:
            yield Problem(module, 1, "a module has a README.md of one page: what it is, its contract, how it ends, how "
                                     "it is tested")


FILE_RULES: tuple[Callable[[Source], Iterator[Problem]], ...] = (
    check_includes, check_size, check_places, check_header_guard, check_sleeps)
TREE_RULES: tuple[Callable[[list[Source]], Iterator[Problem]], ...] = (check_links, check_readmes)


def check(root: Path) -> list[Problem]:
    sources = read_tree(root)
    problems = [problem for source in sources for rule in FILE_RULES for problem in rule(source)]
    problems += [problem for rule in TREE_RULES for problem in rule(sources)]
    return problems


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[3]
    if not (root / "runtime").is_dir():
        print(f"lint: {root} is not the root of the source: it has no folder runtime", file=sys.stderr)
        return 2
    problems = check(root)
    for problem in problems:
        print(problem)
    print(f"lint: {len(problems)} problem{'' if len(problems) == 1 else 's'}" if problems else "lint: clean")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
