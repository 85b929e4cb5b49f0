"""JSON messages that were sent to this task: from the console, by REST (``POST /api/v1/tasks/<pid>/json``) or by an
actor (command ``send_json``). They wait in the order in which they were sent, also those from before the first look."""

from __future__ import annotations

from typing import Any, Optional

from ompy._channel import async_call, call

__all__ = ["read_json_from_observer", "async_read_json_from_observer"]


def read_json_from_observer(timeout: Optional[float] = None) -> Any:
    """Waits for the next message and returns its value. ``timeout`` in seconds (``None``: as long as it takes); then
    ``ompy.errors.CallTimeout``, and the message stays for the next call."""
    return call("read_json", {"timeout": timeout})


async def async_read_json_from_observer(timeout: Optional[float] = None) -> Any:
    """As ``read_json_from_observer``."""
    return await async_call("read_json", {"timeout": timeout})
