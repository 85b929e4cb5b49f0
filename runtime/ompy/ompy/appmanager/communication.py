"""Child tasks, web sockets from other programs and tasks, messages to actors, progress and result.

A child task::

    child = run_am_script("child.py", {"factorial": 5})

Data from another task, which connects to ``ws://127.0.0.1:<RESOURCE_SERVER_LOCAL_PORT>/<pid of this task>``::

    soc = wait_for_socket_from_web()
    message = soc.sync_read_text_message()
    soc.sync_close()

The same in a coroutine::

    soc = await async_wait_for_socket_from_web()
    message = await soc.read_text_message()
    await soc.close()
"""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Optional

from ompy._channel import async_call, call
from ompy._listening import keep, listening_socket
from ompy._waiting import async_wait_ready, deadline_of, wait_ready
from ompy._web_socket import WebSocket
from ompy.appmanager.variables import TASK_PARAMS
from ompy.errors import CallTimeout, OmpyError

__all__ = [
    "Answer", "WebSocket", "ask", "async_ask", "async_bridge_address", "async_run_am_script", "async_send",
    "async_set_progress", "async_set_result", "async_wait_for_socket_from_web", "bridge_address", "run_am_script", "send",
    "set_progress", "set_result", "wait_for_socket_from_web",
]

_REFUSALS = ("actor_is_not_found", "actor_has_failed", "mailbox_full", "timer", "is_not_handled", "bad_request")


class Answer(NamedTuple):
    """What an actor answered."""

    command: str
    body: Any


# Child tasks.


def run_am_script(script: str, params: Optional[Dict[str, Any]] = None) -> str:
    """Starts a script of the same application as a child task and returns its ``pid`` once it runs.

    ``script`` is the script's name (its path in the application's folder) or its id; it must be marked as executable.
    ``params`` are the child's ``scriptParams``; ``timeout``, ``memoryLimit``, ``venv_name`` and ``clean_venv`` among them
    are its limits and its environment, as for a task started by hand: nothing of them comes from this task. The child
    finds this task's pid as ``TASK_PARAMS['parentPid']`` and may outlive it.

    Raises ``ompy.errors.OmpyError`` with the reason if the child was refused.
    """
    return call("run_script", {"script": script, "params": {} if params is None else params})["pid"]


async def async_run_am_script(script: str, params: Optional[Dict[str, Any]] = None) -> str:
    """As ``run_am_script``."""
    body = {"script": script, "params": {} if params is None else params}
    return (await async_call("run_script", body))["pid"]


# Web sockets.


def wait_for_socket_from_web(timeout: Optional[float] = None, most_message: int = 64 << 20) -> WebSocket:
    """Waits until another program or task connects to this task over the bridge, and returns the connection.

    Who connects while another connection is in use, or before this call, waits for a further call. ``timeout`` in seconds
    (``None``: as long as it takes), then ``ompy.errors.CallTimeout``. A message of more than ``most_message`` bytes closes
    its connection.
    """
    listener = listening_socket()
    deadline = deadline_of(timeout)
    while True:
        try:
            return keep(WebSocket(listener.accept()[0], most_message))
        except (BlockingIOError, InterruptedError):
            wait_ready(listener, False, deadline, "nobody connected")


async def async_wait_for_socket_from_web(timeout: Optional[float] = None, most_message: int = 64 << 20) -> WebSocket:
    """As ``wait_for_socket_from_web``."""
    listener = listening_socket()
    deadline = deadline_of(timeout)
    while True:
        try:
            return keep(WebSocket(listener.accept()[0], most_message))
        except (BlockingIOError, InterruptedError):
            await async_wait_ready(listener, False, deadline, "nobody connected")


def _address_in(answer: Answer, pid: Optional[str]) -> str:
    address = answer.body.get("bridge") if isinstance(answer.body, dict) else None
    if not address:
        raise OmpyError("unavailable", "this system has no bridge (configuration bridge.port)")
    return f"{address}/{pid or TASK_PARAMS['pid']}"


def bridge_address(pid: Optional[str] = None) -> str:
    """The web socket address of a task, this one if ``pid`` is not given."""
    return _address_in(ask(None, "get_services", {}, 10), pid)


async def async_bridge_address(pid: Optional[str] = None) -> str:
    """As ``bridge_address``."""
    return _address_in(await async_ask(None, "get_services", {}, 10), pid)


# Messages to actors.


def _ask_body(recipient: Any, command: str, body: Any, timeout: Optional[float]) -> Dict[str, Any]:
    return {"to": recipient, "command": command, "body": body, "timeout": timeout}


def _answer_of(got: Any, command: str) -> Answer:
    answer = Answer(got["command"], got.get("body"))
    if answer.command not in _REFUSALS:
        return answer
    said = answer.body if isinstance(answer.body, dict) else {}
    text = said.get("reason") or ", ".join(f"{key}: {value}" for key, value in said.items() if key != "mid")
    if answer.command == "timer":
        raise CallTimeout("timer", f"no answer to {command} came in time")
    raise OmpyError(answer.command, f"{command}: {text}" if text else command)


def ask(recipient: Any, command: str, body: Any = None, timeout: Optional[float] = None) -> Answer:
    """Asks an actor as this task and waits for its answer.

    ``recipient`` is an actor's name, ``{"node": …, "entity": …}``, or ``None`` for the head of the system. ``body`` is
    what JSON can hold, and ``bytes``. ``timeout`` in seconds (``None``: the system's usual one, 1 s).

    Returns the answer's ``command`` and ``body``. Raises ``ompy.errors.CallTimeout`` if none came, ``OmpyError`` (its
    ``name`` is the command) for ``actor_is_not_found``, ``actor_has_failed``, ``mailbox_full``, ``is_not_handled`` and
    ``bad_request``.
    """
    return _answer_of(call("ask", _ask_body(recipient, command, body, timeout)), command)


async def async_ask(recipient: Any, command: str, body: Any = None, timeout: Optional[float] = None) -> Answer:
    """As ``ask``."""
    return _answer_of(await async_call("ask", _ask_body(recipient, command, body, timeout)), command)


def send(recipient: Any, command: str, body: Any = None) -> None:
    """Sends a message to an actor as this task. Returns when it is accepted; accepted is not yet received."""
    call("send", {"to": recipient, "command": command, "body": body})


async def async_send(recipient: Any, command: str, body: Any = None) -> None:
    """As ``send``."""
    await async_call("send", {"to": recipient, "command": command, "body": body})


# What the task's state shows.


def set_progress(done: float, total: Optional[float] = None, text: str = "") -> None:
    """Says how far the task is: ``done`` of ``total`` (``None``: not known), and what it does. Shown in the task's state
    until the next call, also after its end."""
    call("progress", {"done": done, "total": total, "text": text})


async def async_set_progress(done: float, total: Optional[float] = None, text: str = "") -> None:
    """As ``set_progress``."""
    await async_call("progress", {"done": done, "total": total, "text": text})


def set_result(value: Any) -> None:
    """Leaves a result in the task's state: what JSON can hold, and ``bytes``; 1 MiB at most. A further call replaces
    it."""
    call("result", value)


async def async_set_result(value: Any) -> None:
    """As ``set_result``."""
    await async_call("result", value)
