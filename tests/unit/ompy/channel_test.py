"""Calls of a script to its task, against an observer that the test plays."""

import ast
import asyncio
import os
import pathlib
import threading
import unittest
from unittest import mock

import ompy
from fake_observer import FakeObserver
from ompy import _channel
from ompy.appmanager import appvenv, communication, observer
from ompy.errors import CallTimeout, NotInTask, OmpyError


class PlayedTest(unittest.TestCase):
    def play(self, answer=None, depth=0):
        played = FakeObserver(answer, depth)

        def end():
            while _channel._idle:
                _channel._idle.pop().close()
            played.close()

        self.addCleanup(end)
        patch = mock.patch.dict(os.environ, {"TROUPE_OBSERVER": played.path})
        patch.start()
        self.addCleanup(patch.stop)
        return played


class ChannelTest(PlayedTest):
    def test_a_child_is_started_by_name_with_its_parameters(self):
        played = self.play(lambda name, body: {"pid": "p-1"})
        self.assertEqual(communication.run_am_script("child.py", {"factorial": 5}), "p-1")
        self.assertEqual(played.calls[0]["call"], "run_script")
        self.assertEqual(played.calls[0]["body"], {"script": "child.py", "params": {"factorial": 5}})

    def test_a_refusal_is_raised_with_its_name_and_reason(self):
        def refuse(name, body):
            raise FakeObserver.Refusal("not_executable", "child.py is not marked")

        self.play(refuse)
        with self.assertRaises(OmpyError) as caught:
            communication.run_am_script("child.py")
        self.assertEqual((caught.exception.name, caught.exception.text), ("not_executable", "child.py is not marked"))

    def test_calls_one_after_the_other_use_one_connection(self):
        played = self.play(lambda name, body: None)
        for number in range(20):
            communication.set_progress(number, 20, "working")
        self.assertEqual(played.connections, 1)
        self.assertEqual(played.calls[19]["body"], {"done": 19, "total": 20, "text": "working"})

    def test_many_threads_are_served_side_by_side_with_few_connections(self):
        played = self.play(lambda name, body: {"command": "echo", "body": body["body"]})
        got = []
        threads = [threading.Thread(target=lambda n=n: got.append(communication.ask("echo", "say", n).body == n))
                   for n in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(got, [True] * 100)
        self.assertLessEqual(played.connections, 24)

    def test_many_coroutines_are_served_side_by_side(self):
        played = self.play(lambda name, body: {"command": "echo", "body": body["body"]})

        async def all_of_them():
            return await asyncio.gather(*(communication.async_ask("echo", "say", n) for n in range(200)))

        self.assertEqual([answer.body for answer in asyncio.run(all_of_them())], list(range(200)))
        self.assertEqual(len(played.calls), 200)

    def test_a_cancelled_coroutine_takes_its_call_back(self):
        played = self.play(None)

        async def give_up():
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(observer.async_read_json_from_observer(), 0.2)

        asyncio.run(give_up())
        self.assertTrue(played.wait(lambda: played.connections == 1 and played.open == 0))

    def test_bytes_go_both_ways_inside_of_json(self):
        self.play(lambda name, body: {"command": "echo", "body": body["body"]})
        self.assertEqual(communication.ask("echo", "say", {"data": b"\x00\xff"}).body, {"data": b"\x00\xff"})

    def test_what_json_cannot_hold_is_refused_before_it_is_sent(self):
        played = self.play(lambda name, body: None)
        with self.assertRaises(TypeError):
            communication.send("echo", "say", object())
        with self.assertRaises(ValueError):
            communication.send("echo", "say", float("nan"))
        with self.assertRaises(OmpyError):
            communication.send("echo", "say", "x" * (17 << 20))
        communication.send("echo", "say", "small")
        self.assertEqual([call["body"]["body"] for call in played.calls], ["small"])

    def test_no_answer_in_time_is_a_timeout(self):
        def late(name, body):
            if name == "read_json":
                raise FakeObserver.Refusal("timer", "nothing was sent")
            return {"command": "timer", "body": {"mid": "m"}}

        self.play(late)
        with self.assertRaises(TimeoutError):
            observer.read_json_from_observer(timeout=0.1)
        with self.assertRaises(CallTimeout):
            communication.ask("nobody", "hello")

    def test_answers_of_the_system_itself_are_raised(self):
        self.play(lambda name, body: {"command": "actor_is_not_found", "body": {"mid": "m", "entity": "nobody"}})
        with self.assertRaises(OmpyError) as caught:
            communication.ask("nobody", "hello")
        self.assertEqual(caught.exception.name, "actor_is_not_found")
        self.assertIn("nobody", caught.exception.text)

    def test_a_path_of_any_length_is_reached(self):
        played = self.play(lambda name, body: {"n": 1}, depth=20)
        self.assertGreater(len(played.path), 108)
        self.assertEqual(observer.read_json_from_observer(), {"n": 1})

    def test_without_a_task_the_reason_is_said(self):
        with mock.patch.dict(os.environ, clear=True), self.assertRaises(NotInTask):
            communication.set_result(1)

    def test_an_observer_that_goes_is_an_error_and_no_endless_wait(self):
        self.play(None)
        os.environ["TROUPE_OBSERVER"] += "-gone"
        with self.assertRaises(OmpyError) as caught:
            communication.set_result(1)
        self.assertEqual(caught.exception.name, "unavailable")

    def test_a_fork_has_connections_of_its_own(self):
        played = self.play(lambda name, body: None)
        communication.set_progress(1)
        child = os.fork()
        if child == 0:
            try:
                communication.set_progress(2)
                os._exit(0)
            finally:
                os._exit(1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        communication.set_progress(3)
        self.assertEqual([call["body"]["done"] for call in played.calls], [1, 2, 3])
        self.assertEqual(played.connections, 2)


class VenvTest(PlayedTest):
    answers = {
        "create_venv": ("venv_is_created", {"name": "v1", "path": "/venvs/v1"}),
        "list": ("packages", {"packages": ["pip"]}),
        "list_spec": ("packages", {"packages": ["pip==24.0"]}),
        "install": ("packages_are_installed", {}),
        "install_latest": ("packages_are_not_installed", {"name": "v1", "reason": "no such package", "lines": ["a", "b"]}),
        "list_venvs": ("venvs", {"venvs": [{"name": "v2"}, {"name": "default"}]}),
        "delete_venv": ("venv_is_deleted", {"name": "v1"}),
    }

    def setUp(self):
        def builder(name, body):
            command, answer = self.answers[body["command"]]
            return {"command": command, "body": answer}

        self.played = self.play(builder)

    def test_an_environment_is_made_looked_at_filled_and_deleted(self):
        venv = appvenv.Venv("v1")
        self.assertEqual(venv.path, "/venvs/v1")
        self.assertEqual((venv.list(), venv.list_spec()), (["pip"], ["pip==24.0"]))
        venv.install("requests", spec="==2.1")
        asked = self.played.calls[-1]["body"]
        self.assertEqual((asked["to"], asked["command"]), ("venv_builder", "install"))
        self.assertEqual((asked["body"]["packages"], asked["body"]["spec"]), (["requests"], "==2.1"))
        self.assertEqual(appvenv.Venv.get_venvs(), ["default", "v2"])
        appvenv.Venv.delete_venv("v1")

    def test_a_failure_shows_what_the_tool_said(self):
        with self.assertRaises(OmpyError) as caught:
            appvenv.Venv("v1").install_latest("nonsense")
        self.assertEqual(caught.exception.text, "no such package\na\nb")

    def test_names_are_checked(self):
        self.assertTrue(appvenv.Venv.is_valid_venv_name("some_venv-1.2"))
        for name in ("///", "", ".hidden", "a/b", "a b", "x" * 65, "a\n", None):
            self.assertFalse(appvenv.Venv.is_valid_venv_name(name), name)
        with self.assertRaises(OmpyError):
            appvenv.Venv("///")
        self.assertEqual(self.played.calls, [])


class LanguageTest(unittest.TestCase):
    def test_the_package_is_python_3_9_and_every_public_name_is_described(self):
        for file in pathlib.Path(ompy.__file__).parent.rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"), str(file), feature_version=(3, 9))
            self.assertIsNotNone(ast.get_docstring(tree), file)
            for node in ast.walk(tree):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name[0] != "_":
                    nested = node.name in ("wake",)
                    self.assertTrue(nested or ast.get_docstring(node), f"{file}: {node.name}")


if __name__ == "__main__":
    unittest.main()
