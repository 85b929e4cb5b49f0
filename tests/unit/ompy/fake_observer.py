"""The observer's end of the channel, in this process: a test says what it answers."""

import json
import os
import socket
import tempfile
import threading
from typing import Any, Callable, List, Optional


class FakeObserver:
    """Answers each call with ``answer(name, body)``: a value, or an exception ``Refusal``. Without one it keeps the call
    until the test gives an answer."""

    class Refusal(Exception):
        def __init__(self, name: str, text: str = "") -> None:
            super().__init__(name)
            self.name, self.text = name, text

    def __init__(self, answer: Optional[Callable[[str, Any], Any]] = None, depth: int = 0) -> None:
        self._folder = tempfile.TemporaryDirectory()
        folder = os.path.join(self._folder.name, *["long-name-of-a-folder"] * depth)
        os.makedirs(folder, exist_ok=True)
        self.path = os.path.join(folder, "call")
        self.answer = answer
        self.calls: List[dict] = []
        self.connections = 0
        self.open = 0
        self._changed = threading.Condition()
        self._listener = socket.socket(socket.AF_UNIX)
        held = os.open(folder, os.O_PATH)
        self._listener.bind(f"/proc/self/fd/{held}/call")
        os.close(held)
        self._listener.listen(128)
        self._threads: List[threading.Thread] = []
        self._acceptor = threading.Thread(target=self._accept)
        self._acceptor.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._acceptor.join()
        self._listener.close()
        for thread in self._threads:
            thread.join(10)
        self._folder.cleanup()

    def wait(self, holds: Callable[[], bool]) -> bool:
        with self._changed:
            return self._changed.wait_for(holds, 10)

    def _note(self, change: Callable[[], None]) -> None:
        with self._changed:
            change()
            self._changed.notify_all()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            thread.start()
            self._threads.append(thread)

    def _serve(self, connection: socket.socket) -> None:
        def came() -> None:
            self.connections += 1
            self.open += 1

        self._note(came)
        with connection, connection.makefile("rb") as lines:
            for line in lines:
                question = json.loads(line)
                self._note(lambda: self.calls.append(question))
                if self.answer is not None:
                    self._reply(connection, question)
        self._note(lambda: setattr(self, "open", self.open - 1))

    def _reply(self, connection: socket.socket, question: dict) -> None:
        try:
            said = {"ok": True, "body": self.answer(question["call"], question["body"])}
        except FakeObserver.Refusal as why:
            said = {"ok": False, "error": {"name": why.name, "text": why.text}}
        try:
            connection.sendall(json.dumps({"id": question["id"], **said}).encode() + b"\n")
        except OSError:
            pass
