import io
import json
import os
import sys
import unittest
from unittest import mock

from fake_observer import FakeObserver

import ompy.web as web
from ompy import _channel
from ompy.errors import CallTimeout, NotInTask, OmpyError


def question(number: int, **more) -> dict:
    return {"id": f"r{number}", "handler": "h", "reply_to": "application_N9IBvh", "method": "POST", "path": "/x",
            "query": [["a", "1"], ["a", "2"]], "headers": [["x-a", "1"], ["x-a", "2"]], "body": "sent", **more}


def drop_connections() -> None:
    """Those that are kept for the next call, which would reach the observer of the last test."""
    for each in _channel._idle:
        each.close()
    _channel._idle.clear()


class WebTest(unittest.TestCase):
    def setUp(self) -> None:
        self.answers = []
        self.requests = []
        self.reply = "web_answer_is_taken"
        self.observer = FakeObserver(self.answer)
        self.addCleanup(self.observer.close)
        self.addCleanup(drop_connections)

    def answer(self, name, body):
        if name == "read_json":
            if not self.requests:
                raise FakeObserver.Refusal("timer")
            return self.requests.pop(0)
        self.assertEqual((name, body["to"], body["command"]), ("ask", "application_N9IBvh", "web_answer"))
        self.answers.append(body["body"])
        return {"command": self.reply, "body": None}

    def run_as(self, mode: str, what, stdin: dict = None):
        line = json.dumps(stdin).encode() + b"\n" if stdin is not None else b""
        fake = mock.Mock(buffer=io.BytesIO(line))
        with mock.patch.dict(os.environ, {"TROUPE_OBSERVER": self.observer.path, "TROUPE_WEB_MODE": mode}), \
                mock.patch.object(sys, "stdin", fake), mock.patch.object(sys, "stderr", io.StringIO()) as self.errors:
            return what()

    def test_a_request_shows_its_parts(self) -> None:
        seen = web.Request(question(1, body=b"a=1&b=%20"))
        self.assertEqual((seen.method, seen.path, seen.query, seen.headers), ("POST", "/x", {"a": "2"}, {"x-a": "1, 2"}))
        self.assertEqual(seen.form(), {"a": "1", "b": " "})
        self.assertEqual(web.Request(question(1, body='{"k": 1}')).json(), {"k": 1})

    def test_one_run_answers_its_one_request(self) -> None:
        self.run_as("per_request", lambda: web.serve(lambda r: web.Response(r.text, 201, {"X": "1"})), question(1))
        self.assertEqual(self.answers, [{"request": "r1", "status": 201, "headers": [["X", "1"]], "body": "sent"}])

    def test_one_run_answers_all_and_lets_others_messages_by(self) -> None:
        self.requests = [{"other": 1}, {"web_request": question(1)}, 7, {"web_request": question(2)}]
        for workers in (1, 4):
            with self.assertRaises(CallTimeout):  # there are no more
                self.run_as("long_lived", lambda: web.serve(lambda r: {"id": r.id}, workers))
            self.assertEqual(sorted(each["body"] for each in self.answers), ['{"id": "r1"}', '{"id": "r2"}'])
            self.assertEqual(self.answers[0]["headers"], [["content-type", "application/json"]])
            self.requests, self.answers = [{"web_request": question(1)}, {"web_request": question(2)}], []

    def test_an_exception_is_500_and_the_next_request_is_served(self) -> None:
        self.requests = [{"web_request": question(1)}, {"web_request": question(2)}]
        with self.assertRaises(CallTimeout):
            self.run_as("long_lived", lambda: web.serve(lambda r: 1 // (r.id != "r1")))
        self.assertEqual([each["status"] for each in self.answers], [500, 200])
        self.assertIn("ZeroDivisionError", self.errors.getvalue())

    def test_coroutines(self) -> None:
        async def hello(request):
            return b"bytes"

        self.run_as("per_request", lambda: web.run(hello), question(1))
        self.assertEqual(self.answers[0]["body"], {"$bytes": "Ynl0ZXM="})
        self.requests = [{"web_request": question(2)}]
        with self.assertRaises(CallTimeout):
            self.run_as("long_lived", lambda: web.run(hello))

    def test_an_answer_that_is_refused_says_so(self) -> None:
        self.reply = "bad_request"
        with self.assertRaises(OmpyError):
            self.run_as("per_request", lambda: web.serve(lambda r: web.Response("", 9999)), question(1))
        self.reply = "request_is_unknown"  # it was given up
        self.run_as("per_request", lambda: web.serve(lambda r: ""), question(1))

    def test_outside_of_a_handler(self) -> None:
        with mock.patch.dict(os.environ), self.assertRaises(NotInTask):
            os.environ.pop("TROUPE_WEB_MODE", None)
            web.read_request()


if __name__ == "__main__":
    unittest.main()
