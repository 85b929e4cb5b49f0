"""Virtual environments for tasks: made, filled and removed by the system's builder, so that neither time nor memory of
the work counts as this script's::

    venv = Venv("venv1")
    venv.install("requests", spec=">=2,<3")
    print(venv.list_spec())

A task runs in the environment that its parameter ``venv_name`` names.
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional

from ompy.appmanager.communication import Answer, ask
from ompy.appmanager.variables import TASK_PARAMS, VENV_CREATION_TIMEOUT, get_env_value
from ompy.errors import OmpyError

__all__ = ["Venv"]

BUILDER = "venv_builder"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}\Z")
_WORK_TIME = 3600.0  # of an installation; the builder's own limits end it sooner


def _creation_time() -> float:
    limit = VENV_CREATION_TIMEOUT
    return limit + 30.0 if isinstance(limit, (int, float)) and limit > 0 else _WORK_TIME


def _refusal(answer: Answer) -> OmpyError:
    said: Dict[str, Any] = answer.body if isinstance(answer.body, dict) else {}
    lines = said.get("lines")
    text = [str(said.get("reason", f"the environment {said.get('name', '')}"))]
    text += [str(line) for line in lines] if isinstance(lines, list) else []
    return OmpyError(answer.command, "\n".join(text))


def _do(command: str, body: Optional[Dict[str, Any]], wanted: str, timeout: float) -> Dict[str, Any]:
    answer = ask(BUILDER, command, body, timeout)
    if answer.command != wanted:
        raise _refusal(answer)
    return answer.body if isinstance(answer.body, dict) else {}


class Venv:
    """One virtual environment, by its name.

    Making the object makes the environment, empty, if there is none of this name. Every method raises
    ``ompy.errors.OmpyError`` with the reason, and the last lines of the tool that failed, if something goes wrong.
    """

    def __init__(self, name: str) -> None:
        if not self.is_valid_venv_name(name):
            raise OmpyError("bad_request", f"{name!r} cannot be the name of an environment: 1 to 64 letters, digits, `.`, "
                                           "`_` or `-`, the first one a letter, a digit or `_`")
        self._name = name
        made = _do("create_venv", {"name": name}, "venv_is_created", _creation_time())
        self._path = made.get("path")

    @property
    def name(self) -> str:
        """The environment's name."""
        return self._name

    @property
    def path(self) -> Optional[str]:
        """The environment's folder."""
        return self._path

    def __repr__(self) -> str:
        return f"Venv({self._name!r})"

    def list(self) -> List[str]:
        """The names of the packages that are installed."""
        return _do("list", {"name": self._name}, "packages", 60.0)["packages"]

    def list_spec(self) -> List[str]:
        """The packages that are installed, each as ``name==version``."""
        return _do("list_spec", {"name": self._name}, "packages", 60.0)["packages"]

    def install(self, package: str, spec: str = "") -> None:
        """Installs a package. Without ``spec`` (``==2.1``, ``>=1,<2``) any version that is there already is good; with
        it, another version is replaced."""
        self._install("install", package, spec)

    def install_latest(self, package: str) -> None:
        """Installs the newest version of a package."""
        self._install("install_latest", package, "")

    def _install(self, command: str, package: str, spec: str) -> None:
        body: Dict[str, Any] = {"name": self._name, "packages": [package], "run": TASK_PARAMS["pid"]}
        if spec:
            body["spec"] = spec
        _do(command, body, "packages_are_installed", _WORK_TIME)

    @staticmethod
    def get_env_value(name: str) -> Any:
        """A setting of the system by the name of its environment variable, as ``USE_VENV``; ``None`` if it is not
        set."""
        return get_env_value(name)

    @staticmethod
    def is_valid_venv_name(name: str) -> bool:
        """Whether an environment may be called so."""
        return isinstance(name, str) and _NAME.match(name) is not None

    @staticmethod
    def get_venvs() -> List[str]:
        """The names of the environments that there are."""
        return sorted(each["name"] for each in _do("list_venvs", None, "venvs", 60.0)["venvs"])

    @staticmethod
    def delete_venv(name: str) -> None:
        """Removes an environment; refused while a task uses it. An object for it is of no use then."""
        answer = ask(BUILDER, "delete_venv", {"name": name}, _creation_time())
        if answer.command not in ("venv_is_deleted", "venv_is_absent"):
            raise _refusal(answer)
