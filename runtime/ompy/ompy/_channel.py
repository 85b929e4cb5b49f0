"""The way from a script to its task: calls over the observer's unix socket, one JSON line for each question and answer.

A connection carries one call at a time. Calls that wait keep theirs for the next call; a coroutine's is its own, so that
cancelling the coroutine takes the call back.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
import threading
import weakref
from typing import Any, List, Tuple

from ompy._json import dump_line, load_line
from ompy.errors import NotInTask, OmpyError, error_of

__all__ = ["call", "async_call", "connect_by_path"]

SOCKET_VARIABLE = "TROUPE_OBSERVER"
MOST_LINE = 16 << 20  # of a question
_MOST_ANSWER = 256 << 20
_MOST_CONNECTIONS = 24  # for threads, and again for each event loop; the observer takes 64 of all processes

_numbers = itertools.count(1)
_idle: List[socket.socket] = []
_idle_pid = os.getpid()
_idle_lock = threading.Lock()
_room = threading.BoundedSemaphore(_MOST_CONNECTIONS)
_loop_rooms: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]" = weakref.WeakKeyDictionary()


def connect_by_path(path: str) -> socket.socket:
    """A connection to a unix socket whose path may be longer than such addresses are."""
    folder, name = os.path.split(path)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        held = os.open(folder or ".", os.O_PATH | os.O_DIRECTORY)
        try:
            made.connect(f"/proc/self/fd/{held}/{name}")
        finally:
            os.close(held)
    except OSError:
        made.close()
        raise
    return made


def _connect() -> socket.socket:
    path = os.environ.get(SOCKET_VARIABLE)
    if not path:
        raise NotInTask("not_in_task", f"this program does not run as a task ({SOCKET_VARIABLE} is not set)")
    try:
        return connect_by_path(path)
    except OSError as problem:
        raise OmpyError("unavailable", f"the task's observer cannot be reached at {path}: {problem}") from None


def _question(name: str, body: Any) -> Tuple[int, bytes]:
    number = next(_numbers)
    line = dump_line({"id": number, "call": name, "body": body})
    if len(line) > MOST_LINE:
        raise OmpyError("too_large", f"{name}: {len(line)} bytes of JSON, {MOST_LINE} are allowed")
    return number, line


def _take_answer(line: bytes, number: int) -> Tuple[bool, Any]:
    """Whether the line answers the question, and with what; raises what the answer says."""
    if not line.endswith(b"\n"):
        raise OmpyError("unavailable", "the task's observer closed the connection before it answered")
    answer = load_line(line)
    if not isinstance(answer, dict) or answer.get("id") not in (number, None):
        return False, None  # of an earlier call that was given up
    if answer.get("ok") is True:
        return True, answer.get("body")
    error = answer.get("error")
    error = error if isinstance(error, dict) else {}
    raise error_of(str(error.get("name", "bad_answer")), str(error.get("text", "")))


def _borrow() -> Tuple[socket.socket, bool]:
    """A connection, and whether it was used before (then its other end may have gone meanwhile)."""
    global _idle_pid
    with _idle_lock:
        if _idle_pid != os.getpid():  # a fork: the connections are the parent's
            for one in _idle:
                one.close()
            _idle.clear()
            _idle_pid = os.getpid()
        if _idle:
            return _idle.pop(), True
    return _connect(), False


def _give_back(connection: socket.socket) -> None:
    with _idle_lock:
        _idle.append(connection)


def _send(line: bytes) -> socket.socket:
    """The connection on which the question went out."""
    while True:
        connection, was_used = _borrow()
        try:
            connection.sendall(line)
            return connection
        except (BrokenPipeError, ConnectionResetError) as problem:
            connection.close()
            if not was_used:
                raise OmpyError("unavailable", f"the task's observer is gone: {problem}") from None
        except BaseException:
            connection.close()
            raise


def _receive(connection: socket.socket, number: int) -> Any:
    with connection.makefile("rb") as answers:
        while True:
            try:
                line = answers.readline(_MOST_ANSWER)
            except ConnectionResetError:
                line = b""
            done, value = _take_answer(line, number)
            if done:
                return value


def call(name: str, body: Any = None) -> Any:
    """Asks the task (or its observer) and waits for the answer; raises ``OmpyError`` if it is an error."""
    number, line = _question(name, body)
    with _room:
        connection = _send(line)
        try:
            value = _receive(connection, number)
        except OmpyError as problem:
            # What the observer says ends the call; what it does not say, the connection.
            if problem.name in ("bad_answer", "unavailable"):
                connection.close()
            else:
                _give_back(connection)
            raise
        except BaseException:
            connection.close()
            raise
        _give_back(connection)
        return value


def _room_of_loop() -> asyncio.Semaphore:
    loop = asyncio.get_running_loop()
    room = _loop_rooms.get(loop)
    if room is None:
        room = _loop_rooms[loop] = asyncio.Semaphore(_MOST_CONNECTIONS)
    return room


async def async_call(name: str, body: Any = None) -> Any:
    """As ``call``, without holding the event loop up. Cancelling it takes the call back."""
    number, line = _question(name, body)
    async with _room_of_loop():
        reader, writer = await asyncio.open_unix_connection(sock=_connect(), limit=_MOST_ANSWER)
        try:
            writer.write(line)
            await writer.drain()
            while True:
                done, value = _take_answer(await reader.readline(), number)
                if done:
                    return value
        except (BrokenPipeError, ConnectionResetError) as problem:
            raise OmpyError("unavailable", f"the task's observer is gone: {problem}") from None
        finally:
            writer.close()
