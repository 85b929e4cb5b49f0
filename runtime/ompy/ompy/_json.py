"""JSON with bytes in it: a ``bytes`` value travels as ``{"$bytes": "<base64>"}``."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from ompy.errors import OmpyError

__all__ = ["dump_line", "load_line"]


def _encode(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"$bytes": base64.b64encode(bytes(value)).decode("ascii")}
    raise TypeError(f"a {type(value).__name__} cannot be sent: JSON has objects, lists, texts, numbers, true, false, null "
                    "and, by ompy, bytes")


def _decode(value: dict) -> Any:
    if len(value) == 1 and isinstance(value.get("$bytes"), str):
        try:
            return base64.b64decode(value["$bytes"], validate=True)
        except binascii.Error:
            return value
    return value


def dump_line(value: Any) -> bytes:
    """One line of JSON with its newline. Raises ``TypeError`` or ``ValueError`` for what JSON cannot hold."""
    text = json.dumps(value, default=_encode, allow_nan=False, separators=(",", ":"))
    return text.encode("ascii") + b"\n"


def load_line(line: bytes) -> Any:
    """The value of a line that ``dump_line`` or the observer wrote."""
    try:
        return json.loads(line, object_hook=_decode)
    except ValueError as problem:
        raise OmpyError("bad_answer", f"the observer sent what is no JSON: {problem}") from None
