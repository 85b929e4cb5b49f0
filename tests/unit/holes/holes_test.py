#!/usr/bin/env python3
"""Holds docs/holes.md to the tests: every test that it names is there, and every hole of the move has one.

Usage: holes_test.py ROOT
"""

import re
import sys
from pathlib import Path

WANTED = {f"M{n}" for n in range(1, 19)}
TEST = re.compile(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", re.MULTILINE)
NAMED = re.compile(r"`(\w+)(?:\.(\w+|\*))?`")


def tests_of(root: Path) -> set[tuple[str, str]]:
    found = set()
    for path in (root / "tests").rglob("*_test.cpp"):
        text = path.read_text(encoding="utf-8")
        found |= set(TEST.findall(text))
        # A fixture may be used under a second name.
        for new, old in re.findall(r"^using (\w+) = (\w+);", text, re.MULTILINE):
            found |= {(new, name) for suite, name in found if suite == old}
    return found


def main() -> int:
    root = Path(sys.argv[1])
    tests = tests_of(root)
    suites = {suite for suite, _ in tests}
    problems, seen = [], set()
    for number, line in enumerate((root / "docs/holes.md").read_text(encoding="utf-8").splitlines(), 1):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 3 or not re.match(r"[MH]-?\d", cells[0]):
            continue
        named = [(suite, name) for suite, name in NAMED.findall(cells[2]) if suite in suites or suite[0].isupper()]
        for suite, name in named:
            is_there = suite in suites if name in ("", "*") else (suite, name) in tests
            if not is_there:
                problems.append(f"docs/holes.md:{number}: there is no test {suite}.{name}")
        if not named:
            problems.append(f"docs/holes.md:{number}: {cells[0]} names no test")
        seen |= set(re.findall(r"M\d+", cells[0])) if named else set()
    problems += [f"docs/holes.md: {hole} is missing" for hole in sorted(WANTED - seen)]
    print("\n".join(problems) or f"holes: {len(seen)} holes of the move have their tests")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
