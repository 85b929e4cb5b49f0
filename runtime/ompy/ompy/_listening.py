"""The task's own socket, on which the bridge brings connections: one for each process, from the first wait on."""

from __future__ import annotations

import atexit
import errno
import os
import socket
import threading
import weakref
from typing import Optional

from ompy._channel import connect_by_path
from ompy._web_socket import WebSocket
from ompy.appmanager.variables import TASK_PARAMS
from ompy.errors import OmpyError

__all__ = ["listening_socket", "keep"]

SOCKET_NAME = ".bridge"
BACKLOG = 64

_listener: Optional[socket.socket] = None
_path = ""
_owner = 0
_lock = threading.Lock()
_open: "weakref.WeakSet[WebSocket]" = weakref.WeakSet()


def _bind(path: str) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    folder, name = os.path.split(path)
    held = os.open(folder, os.O_PATH | os.O_DIRECTORY)  # such a path may be longer than an address is
    try:
        made.bind(f"/proc/self/fd/{held}/{name}")
        made.listen(BACKLOG)
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    finally:
        os.close(held)
    return made


def _is_served(path: str) -> bool:
    try:
        connect_by_path(path).close()
        return True
    except OSError as problem:
        return problem.errno not in (errno.ECONNREFUSED, errno.ENOENT)


def _make(path: str) -> socket.socket:
    try:
        return _bind(path)
    except OSError as problem:
        if problem.errno != errno.EADDRINUSE:
            raise OmpyError("io_error", f"the task's socket {path} cannot be made: {problem}") from None
    if _is_served(path):
        raise OmpyError("conflict", "another process of this task waits for connections already")
    os.unlink(path)
    return _bind(path)


def listening_socket() -> socket.socket:
    """The socket that the bridge connects to, not blocking; made by the first call."""
    global _listener, _path, _owner
    with _lock:
        if _listener is None:
            _path = os.path.join(TASK_PARAMS["outputPath"], SOCKET_NAME)
            _listener = _make(_path)
            _owner = os.getpid()
            atexit.register(_leave)
        return _listener


def keep(accepted: WebSocket) -> WebSocket:
    """Notes an open connection: at an orderly end of the script its other side is told."""
    _open.add(accepted)
    return accepted


def _leave() -> None:
    if os.getpid() != _owner:
        return  # a fork's end is not the task's
    for one in list(_open):
        if not one.closed:
            one._give_up(1001, "the script has ended")
    try:
        os.unlink(_path)
    except OSError:
        pass
