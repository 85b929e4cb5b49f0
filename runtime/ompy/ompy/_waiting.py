"""Waiting for a socket, in both forms. Nothing is read or written here, so nothing is lost when a wait is cancelled."""

from __future__ import annotations

import asyncio
import select
import socket
import time
from typing import Optional

from ompy.errors import CallTimeout

__all__ = ["deadline_of", "wait_ready", "async_wait_ready"]


def deadline_of(timeout: Optional[float]) -> Optional[float]:
    """The moment at which a wait is over."""
    return None if timeout is None else time.monotonic() + timeout


def _left(deadline: Optional[float], what: str) -> Optional[float]:
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise CallTimeout("timer", f"{what} in time")
    return left


def wait_ready(sock: socket.socket, to_write: bool, deadline: Optional[float], what: str) -> None:
    """Waits until the socket can be read from or written to; ``what`` did not happen if the deadline passes."""
    poll = select.poll()
    poll.register(sock, select.POLLOUT if to_write else select.POLLIN)
    while True:
        left = _left(deadline, what)
        if poll.poll(None if left is None else left * 1000 + 1):
            return


async def async_wait_ready(sock: socket.socket, to_write: bool, deadline: Optional[float], what: str) -> None:
    """As ``wait_ready``."""
    left = _left(deadline, what)
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    number = sock.fileno()

    def wake() -> None:
        if not ready.done():
            ready.set_result(None)

    (loop.add_writer if to_write else loop.add_reader)(number, wake)
    try:
        await asyncio.wait_for(ready, left)
    except asyncio.TimeoutError:
        raise CallTimeout("timer", f"{what} in time") from None
    finally:
        (loop.remove_writer if to_write else loop.remove_reader)(number)
