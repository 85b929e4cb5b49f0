"""What the functions of ``ompy`` raise."""

from __future__ import annotations

__all__ = ["OmpyError", "CallTimeout", "NotInTask", "SocketClosed", "WrongMessageKind", "error_of"]


class OmpyError(RuntimeError):
    """Something was asked for and refused. ``name`` is for programs (``mailbox_full``), ``text`` for people."""

    def __init__(self, name: str, text: str = "") -> None:
        super().__init__(f"{name}: {text}" if text else name)
        self.name = name
        self.text = text


class CallTimeout(OmpyError, TimeoutError):
    """No answer, message or connection came in time."""


class NotInTask(OmpyError):
    """The script does not run as a task, so there is nobody to ask."""


class SocketClosed(OmpyError, ConnectionError):
    """The other side closed the socket. ``code`` is the websocket's close code (1000: as it should be; 1001: the bridge
    closed; 1006: the other side vanished), ``text`` its reason."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__("socket_closed", f"{code} {reason}".rstrip())
        self.code = code
        self.text = reason


class WrongMessageKind(OmpyError, ValueError):
    """A text was to be read and bytes are next, or the other way round. The message waits for a call that fits."""


def error_of(name: str, text: str) -> OmpyError:
    """The exception for an error by its name."""
    return CallTimeout(name, text) if name == "timer" else OmpyError(name, text)
