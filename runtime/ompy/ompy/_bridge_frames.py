"""The frames between the bridge and a task; see runtime/bridge/README.md of Troupe."""

from __future__ import annotations

import struct
from collections import deque
from typing import Deque, Iterator, NamedTuple, Optional, Union

__all__ = ["TEXT", "BINARY", "CLOSE", "MOST_PAYLOAD", "Close", "FrameError", "MessageReader", "close_frame",
           "message_frames"]

TEXT, BINARY, CLOSE = 1, 2, 3
MORE = 0x80
MOST_PAYLOAD = 64 << 10
MOST_REASON = 123
_HEADER = struct.Struct("<IB")
_CODE = struct.Struct("<H")


class FrameError(ValueError):
    """The bytes are no frames, or a message is longer than it may be (``code`` says which as a close code)."""

    def __init__(self, text: str, code: int = 1002) -> None:
        super().__init__(text)
        self.code = code


class Close(NamedTuple):
    """The other side's close."""

    code: int
    reason: str


def message_frames(kind: int, payload: bytes) -> Iterator[bytes]:
    """The frames of a message, in pieces that may be sent one by one."""
    view = memoryview(payload)
    for begin in range(0, max(len(view), 1), MOST_PAYLOAD):
        piece = view[begin:begin + MOST_PAYLOAD]
        more = MORE if begin + len(piece) < len(view) else 0
        yield _HEADER.pack(len(piece), kind | more) + piece


def close_frame(code: int, reason: str = "") -> bytes:
    """A close; a reason that is too long is cut between characters."""
    text = reason.encode("utf-8")[:MOST_REASON].decode("utf-8", "ignore").encode("utf-8")
    return _HEADER.pack(len(text) + _CODE.size, CLOSE) + _CODE.pack(code) + text


class MessageReader:
    """Puts received bytes together to messages: ``str``, ``bytes``, or a ``Close`` at the end."""

    def __init__(self, most_message: int) -> None:
        self._most = most_message
        self._bytes = bytearray()
        self._parts: Deque[bytes] = deque()
        self._size = 0
        self._kind: Optional[int] = None

    def feed(self, data: bytes) -> None:
        """Takes bytes as they come."""
        self._bytes += data

    def next(self) -> Optional[Union[str, bytes, Close]]:
        """The next message that is complete. Raises ``FrameError`` for what the other side may not send."""
        while len(self._bytes) >= _HEADER.size:
            size, kind = _HEADER.unpack_from(self._bytes)
            self._check(size, kind)
            if len(self._bytes) < _HEADER.size + size:
                return None
            payload = bytes(self._bytes[_HEADER.size:_HEADER.size + size])
            del self._bytes[:_HEADER.size + size]
            if kind == CLOSE:
                return Close(_CODE.unpack_from(payload)[0], payload[_CODE.size:].decode("utf-8", "replace"))
            self._parts.append(payload)
            self._size += size
            self._kind = kind & ~MORE if kind & MORE else None
            if self._kind is None:
                return self._take(kind)
        return None

    def _check(self, size: int, kind: int) -> None:
        plain = kind & ~MORE
        if size > MOST_PAYLOAD:
            raise FrameError(f"a frame of {size} bytes")
        if plain not in (TEXT, BINARY, CLOSE) or kind == CLOSE | MORE or (kind == CLOSE and size < _CODE.size):
            raise FrameError(f"a frame of unknown kind {kind}")
        if plain != CLOSE:
            if self._kind is not None and plain != self._kind:
                raise FrameError("a message changed its kind between two frames")
            if self._size + size > self._most:
                raise FrameError(f"a message is longer than {self._most} bytes", 1009)

    def _take(self, kind: int) -> Union[str, bytes]:
        whole = b"".join(self._parts)
        self._parts.clear()
        self._size = 0
        if kind == BINARY:
            return whole
        try:
            return whole.decode("utf-8")
        except UnicodeDecodeError:
            raise FrameError("a text is not UTF-8", 1007) from None
