"""What a task was started with, and the settings of the system as scripts see them.

``TASK_PARAMS`` is a dictionary:

=================  ===================================================================================================
``pid``            the task's identity, a UUID
``parentPid``      the identity of the task that started this one, or ``None``
``applicationPath``  the folder of the application
``scriptPath``     the script, relative to ``applicationPath``
``scriptParams``   what the starter gave as parameters
``outputPath``     the task's own folder, which is its working folder at the start
=================  ===================================================================================================

Without a task (the script was started by hand) the identities are ``None``, the folders the current one, and the
parameters empty.

The other names are settings; each is ``None`` where the system does not say.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Dict, Optional

__all__ = [
    "TASK_PARAMS", "USE_VENV", "DEFAULT_VENV_NAME", "DEFAULT_VENV_CLEAR_START", "VENVS_DIR", "VENV_CREATION_TIMEOUT",
    "VENV_WAIT_INTERVAL", "DEFAULT_TASK_TIMEOUT_SEC", "DEFAULT_TASK_MAX_MEMORY_MB", "RESOURCE_SERVER_LOCAL_PORT",
    "get_env_value",
]


def _read_task_params() -> Dict[str, Any]:
    text = os.environ.get("TASK_PARAMS")
    if text:
        return json.loads(text)
    return {
        "pid": None,
        "parentPid": None,
        "applicationPath": os.getcwd(),
        "scriptPath": os.path.basename(sys.argv[0]) if sys.argv else "",
        "scriptParams": {},
        "outputPath": os.getcwd(),
    }


def get_env_value(name: str) -> Any:
    """The value of an environment variable: ``True`` and ``False`` as such, numbers as numbers, anything else as text;
    ``None`` if it is not set."""
    text = os.environ.get(name)
    if text is None:
        return None
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            pass
    return text


def _text(name: str) -> Optional[str]:
    return os.environ.get(name)


TASK_PARAMS: Dict[str, Any] = _read_task_params()

#: Whether tasks run in virtual environments.
USE_VENV: Optional[bool] = get_env_value("USE_VENV")
#: The environment of a task that names none.
DEFAULT_VENV_NAME: Optional[str] = _text("DEFAULT_VENV_NAME")
#: Whether the default environment is made anew when the system starts.
DEFAULT_VENV_CLEAR_START: Optional[bool] = get_env_value("DEFAULT_VENV_CLEAR_START")
#: The folder of the virtual environments.
VENVS_DIR: Optional[str] = _text("VENVS_DIR")
#: Seconds that making an environment may take.
VENV_CREATION_TIMEOUT: Any = get_env_value("VENV_CREATION_TIMEOUT")
#: Seconds between two looks at an environment that somebody else is making.
VENV_WAIT_INTERVAL: Any = get_env_value("VENV_WAIT_INTERVAL")
#: Seconds that a task may run which names no ``timeout``; below 0: no limit.
DEFAULT_TASK_TIMEOUT_SEC: Any = get_env_value("DEFAULT_TASK_TIMEOUT_SEC")
#: Megabytes that a task may use which names no ``memoryLimit``.
DEFAULT_TASK_MAX_MEMORY_MB: Any = get_env_value("DEFAULT_TASK_MAX_MEMORY_MB")
#: The port of the bridge; ``ompy.appmanager.communication.bridge_address`` also knows one that was chosen at the start.
RESOURCE_SERVER_LOCAL_PORT: Any = get_env_value("RESOURCE_SERVER_LOCAL_PORT")
