"""Each rule of lint.py finds what it is for, and lets the rest pass."""

import tempfile
import unittest
from pathlib import Path

import lint


class LintTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="troupe-lint-")
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def given(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        if path.split("/")[0] in ("runtime", "actors", "web", "nodes"):
            readme = self.root / "/".join(path.split("/")[:2]) / "README.md"
            readme.write_text("# it\n", encoding="utf-8")

    def problems(self) -> list[str]:
        return [f"{p.file}:{p.line}" for p in lint.check(self.root)]

    def test_caf_outside_of_its_module_is_found(self) -> None:
        self.given("runtime/node/node.cpp", "\n#include <caf/actor.hpp>\n")
        self.given("runtime/caf/cell.cpp", "#include <caf/actor.hpp>\n")
        self.given("tests/sim/a/a.cpp", "#include <caf/actor.hpp>\n")
        self.given("runtime/node/x.cpp", '#include "runtime/caf/cells.hpp"\n')
        self.assertEqual(self.problems(), ["runtime/node/node.cpp:2"])

    def test_a_folder_whose_name_only_begins_alike_is_not_meant(self) -> None:
        self.given("runtime/process_host/a.cpp", "#include <boost/asio/io_context.hpp>\n")
        self.given("runtime/process/a.cpp", "#include <boost/asio/io_context.hpp>\n")
        self.given("nodes/troupe-node/a.cpp", "#include <boost/beast/http.hpp>\n")
        self.given("nodes/troupe/a.cpp", "#include <boost/beast/http.hpp>\n")
        self.assertEqual(self.problems(), ["nodes/troupe-node/a.cpp:1", "runtime/process_host/a.cpp:1"])

    def test_the_rest_of_the_table_is_held(self) -> None:
        self.given("runtime/a/a.cpp", "#include <sqlite3.h>\n#include <SQLiteCpp/Database.h>\n#include <spdlog/spdlog.h>\n"
                                      "#include <CLI/CLI.hpp>\n#include <boost/process/v2/process.hpp>\n")
        self.given("web/server/a.cpp", "#include <boost/asio.hpp>\n")
        self.assertEqual(self.problems(), [f"runtime/a/a.cpp:{n}" for n in range(1, 6)] + ["web/server/a.cpp:1"])

    def test_includes_against_the_direction_are_found(self) -> None:
        self.given("runtime/a/a.cpp", '#include "web/server/x.hpp"\n#include "runtime/b/b.hpp"\n#include <nodes/n/n.hpp>\n')
        self.given("web/routes/a.cpp", '#include "actors/task/x.hpp"\n#include "web/server/y.hpp"\n')
        self.given("actors/task/a.cpp", '#include "web/server/x.hpp"\n#include "runtime/b/b.hpp"\n')
        self.given("nodes/n/a.cpp", '#include "web/server/x.hpp"\n#include "actors/task/b.hpp"\n')
        self.given("examples/p/a.cpp", '#include "runtime/b/b.hpp"\n#include "own.hpp"\n#include <troupe/actor.hpp>\n')
        self.assertEqual(self.problems(), ["actors/task/a.cpp:1", "examples/p/a.cpp:1", "runtime/a/a.cpp:1",
                                           "runtime/a/a.cpp:3", "web/routes/a.cpp:1"])

    def test_links_against_the_direction_are_found(self) -> None:
        self.given("web/server/CMakeLists.txt", "troupe_module(server troupe_listener)\n")
        self.given("runtime/listener/CMakeLists.txt", "troupe_module(listener)\n")
        self.given("actors/task/CMakeLists.txt", "# troupe_module(x troupe_server)\ntroupe_module(task\n  troupe_server)\n")
        self.assertEqual(self.problems(), ["actors/task/CMakeLists.txt:2"])

    def test_sizes_have_a_limit_by_kind_unless_a_reason_is_given(self) -> None:
        self.given("runtime/a/a.hpp", "#pragma once\n" * 251)
        self.given("runtime/a/b.hpp", "#pragma once\n" * 250)
        self.given("runtime/a/a.cpp", "\n" * 401)
        self.given("runtime/a/table.cpp", "// size: one table\n" + "\n" * 401)
        self.given("runtime/a/empty_reason.cpp", "// size: \n" + "\n" * 401)
        self.given("tests/unit/a/a.cpp", "\n" * 500)
        self.given("tests/unit/a/b.cpp", "\n" * 501)
        self.assertEqual(self.problems(), ["runtime/a/a.cpp:401", "runtime/a/a.hpp:251", "runtime/a/empty_reason.cpp:402",
                                           "tests/unit/a/b.cpp:501"])

    def test_machine_paths_and_registries_are_found_in_every_text(self) -> None:
        self.given("docs/a.md", "see /" + "root/x\n")
        self.given("README.md", "in /" + "home/somebody/x\nin /" + "home/ada/x\n")
        self.given("tests/system/browser/package-lock.json", '"resolved": "https://registry.' + 'npmjs.org/x"\n')
        self.given("tests/system/browser/node_modules/x/package.json", '"https://registry.' + 'npmjs.org/x"\n')
        self.given("config/a.json", '{"a": "https://pypi.' + 'org/simple"}\n')
        self.assertEqual(self.problems(), ["README.md:1", "config/a.json:1", "docs/a.md:1",
                                           "tests/system/browser/package-lock.json:1"])

    def test_a_header_begins_with_pragma_once(self) -> None:
        self.given("runtime/a/good.hpp", "// A comment.\n/* and\n another */\n#pragma once\n")
        self.given("runtime/a/late.hpp", "#include <string>\n#pragma once\n")
        self.given("runtime/a/none.hpp", "// nothing\n")
        self.assertEqual(self.problems(), ["runtime/a/late.hpp:1", "runtime/a/none.hpp:1"])

    def test_sleeps_are_found_in_tests_only(self) -> None:
        self.given("tests/unit/a/a.cpp", "std::this_thread::sleep_for(1s);\n// no sleep_for here\nusleep(5);\n"
                                         'run("time.sleep(5)");\n  sleep(1);\n')
        self.given("runtime/a/a.cpp", "std::this_thread::sleep_for(1s);\n")
        self.given("tests/bench/a/a.cpp", "std::this_thread::sleep_for(1s);\n")
        self.given("tests/unit/a/poll.cpp", "// sleep: the pause of a wait\nstd::this_thread::sleep_for(1s);\n"
                                            'on("sleep_for", &echo::sleep_for);\nco_await ctx().sleep(seconds(1));\n'
                                            "async<> sleep(const message& what) {\n")
        self.assertEqual(self.problems(), ["tests/unit/a/a.cpp:1", "tests/unit/a/a.cpp:3", "tests/unit/a/a.cpp:5"])

    def test_a_module_has_a_readme(self) -> None:
        self.given("runtime/a/a.cpp", "\n")
        (self.root / "runtime/a/README.md").unlink()
        self.assertEqual(self.problems(), ["runtime/a:1"])

    def test_builds_and_binary_files_are_left_out(self) -> None:
        self.given("examples/p/build/a.cpp", '#include "runtime/x.hpp"\n')
        (self.root / "examples/p/picture.png").write_bytes(b"\x89PNG\xff\xfe")
        self.assertEqual(self.problems(), [])


if __name__ == "__main__":
    unittest.main()
