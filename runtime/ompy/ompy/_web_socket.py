"""One connection that came over the bridge, for waiting calls and for coroutines."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any, AsyncIterator, Iterator, Optional, Tuple, Union

from ompy._bridge_frames import BINARY, TEXT, Close, FrameError, MessageReader, close_frame, message_frames
from ompy._waiting import async_wait_ready, deadline_of, wait_ready
from ompy.errors import OmpyError, SocketClosed, WrongMessageKind

__all__ = ["WebSocket"]

Message = Union[str, bytes]
_READ_SIZE = 256 << 10
_CLOSE_PATIENCE = 5.0


class WebSocket:
    """A web socket of another program or task, as this task sees it.

    The methods with ``sync_`` wait, those without are coroutines; a script may use both, though not at the same moment
    from two places. All raise ``ompy.errors.SocketClosed`` once the other side has closed. Reading takes ``timeout`` in
    seconds (``None``: as long as it takes) and raises ``ompy.errors.CallTimeout``; the message stays for the next call.

    It can be looped over (``for message in soc``, ``async for message in soc``) until the other side closes, and used
    with ``with`` and ``async with``, which close it.
    """

    def __init__(self, connection: socket.socket, most_message: int) -> None:
        connection.setblocking(False)
        self._socket = connection
        self._reader = MessageReader(most_message)
        self._waiting: Optional[Message] = None
        self._closed: Optional[Tuple[int, str]] = None
        self._writing = threading.Lock()
        self._async_writing: Optional[asyncio.Lock] = None

    # What is the same for both forms.

    def _next(self) -> Optional[Message]:
        """The next message that is there; raises at the end."""
        if self._waiting is not None:
            message, self._waiting = self._waiting, None
            return message
        self._check_open()
        try:
            message = self._reader.next()
        except FrameError as problem:
            self._give_up(problem.code, str(problem))
            raise SocketClosed(problem.code, str(problem)) from None
        if isinstance(message, Close):
            self._end(message.code, message.reason)
            self._check_open()
        return message

    def _receive(self) -> bool:
        """Takes the bytes that are there; false if there are none."""
        try:
            data = self._socket.recv(_READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return False
        except ConnectionError:
            data = b""
        if data:
            self._reader.feed(data)
        else:
            self._end(1006, "the bridge dropped the connection")
        return True

    def _put(self, data: memoryview) -> memoryview:
        """Writes what there is room for; gives the rest."""
        self._check_open()
        try:
            return data[self._socket.send(data):]
        except (BlockingIOError, InterruptedError):
            return data
        except ConnectionError:
            # What came before is still there to be read, the close with its reason last.
            raise SocketClosed(1006, "the other side has gone") from None

    def _wanted(self, message: Message, kind: Any) -> Any:
        if isinstance(message, kind):
            return message
        self._waiting = message
        raise WrongMessageKind("wrong_message_kind", f"the next message is {'a text' if kind is bytes else 'bytes'}")

    def _check_open(self) -> None:
        if self._closed is not None:
            raise SocketClosed(*self._closed)

    def _end(self, code: int, reason: str) -> None:
        self._closed = self._closed or (code, reason)
        self._socket.close()

    def _give_up(self, code: int, reason: str) -> None:
        """Says why, if there is room, and ends."""
        try:
            self._socket.send(close_frame(code, reason))
        except OSError:
            pass
        self._end(code, reason)

    @property
    def closed(self) -> bool:
        """Whether this side has closed or has read the other side's close."""
        return self._closed is not None

    def fileno(self) -> int:
        """The descriptor, for ``select``; -1 once closed. Messages may wait although it is not readable."""
        return self._socket.fileno()

    # Waiting.

    def sync_read_message(self, timeout: Optional[float] = None) -> Message:
        """The next message: ``str`` for a text, ``bytes`` for a binary one."""
        deadline = deadline_of(timeout)
        while True:
            message = self._next()
            if message is not None:
                return message
            if not self._receive():
                wait_ready(self._socket, False, deadline, "no message came")

    def sync_read_text_message(self, timeout: Optional[float] = None) -> str:
        """The next message, a text. Raises ``ompy.errors.WrongMessageKind`` if it is not one."""
        return self._wanted(self.sync_read_message(timeout), str)

    def sync_read_binary_message(self, timeout: Optional[float] = None) -> bytes:
        """The next message, a binary one. Raises ``ompy.errors.WrongMessageKind`` if it is not one."""
        return self._wanted(self.sync_read_message(timeout), bytes)

    def sync_write_text_message(self, text: str) -> None:
        """Sends a text; returns when the bridge has it, which takes as long as the other side needs."""
        self._sync_send(TEXT, text.encode("utf-8"))

    def sync_write_binary_message(self, data: bytes) -> None:
        """Sends a binary message, as ``sync_write_text_message``."""
        self._sync_send(BINARY, bytes(data))

    def sync_close(self, code: int = 1000, reason: str = "") -> None:
        """Closes, behind everything that was sent. What was not read yet is dropped. A second call does nothing."""
        if self._closed is None:
            try:
                with self._writing:
                    self._sync_write(close_frame(code, reason), deadline_of(_CLOSE_PATIENCE))
            except OmpyError:
                pass
            self._end(code, reason)

    def _sync_send(self, kind: int, payload: bytes) -> None:
        self._check_open()
        with self._writing:
            for piece in message_frames(kind, payload):
                self._sync_write(piece, None)

    def _sync_write(self, data: bytes, deadline: Optional[float]) -> None:
        left = memoryview(data)
        while left := self._put(left):
            wait_ready(self._socket, True, deadline, "the message was not taken")

    def __iter__(self) -> Iterator[Message]:
        while True:
            try:
                yield self.sync_read_message()
            except SocketClosed:
                return

    def __enter__(self) -> "WebSocket":
        return self

    def __exit__(self, *_: object) -> None:
        self.sync_close()

    # Coroutines.

    async def read_message(self, timeout: Optional[float] = None) -> Message:
        """As ``sync_read_message``."""
        deadline = deadline_of(timeout)
        while True:
            message = self._next()
            if message is not None:
                return message
            if not self._receive():
                await async_wait_ready(self._socket, False, deadline, "no message came")

    async def read_text_message(self, timeout: Optional[float] = None) -> str:
        """As ``sync_read_text_message``."""
        return self._wanted(await self.read_message(timeout), str)

    async def read_binary_message(self, timeout: Optional[float] = None) -> bytes:
        """As ``sync_read_binary_message``."""
        return self._wanted(await self.read_message(timeout), bytes)

    async def write_text_message(self, text: str) -> None:
        """As ``sync_write_text_message``."""
        await self._send(TEXT, text.encode("utf-8"))

    async def write_binary_message(self, data: bytes) -> None:
        """As ``sync_write_binary_message``."""
        await self._send(BINARY, bytes(data))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """As ``sync_close``."""
        if self._closed is None:
            try:
                async with self._async_lock():
                    await self._write(close_frame(code, reason), deadline_of(_CLOSE_PATIENCE))
            except OmpyError:
                pass
            self._end(code, reason)

    def _async_lock(self) -> asyncio.Lock:
        if self._async_writing is None:
            self._async_writing = asyncio.Lock()
        return self._async_writing

    async def _send(self, kind: int, payload: bytes) -> None:
        self._check_open()
        async with self._async_lock():
            try:
                for piece in message_frames(kind, payload):
                    await self._write(piece, None)
            except asyncio.CancelledError:
                self._give_up(1011, "the task gave a message up in its middle")
                raise

    async def _write(self, data: bytes, deadline: Optional[float]) -> None:
        left = memoryview(data)
        while left := self._put(left):
            await async_wait_ready(self._socket, True, deadline, "the message was not taken")

    async def __aiter__(self) -> AsyncIterator[Message]:
        while True:
            try:
                message = await self.read_message()
            except SocketClosed:
                return
            yield message

    async def __aenter__(self) -> "WebSocket":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
