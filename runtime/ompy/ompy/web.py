"""Scripts that answer requests to a web handler of their application.

A handler that answers with one run per request, or with one run for all, by what its declaration says::

    from ompy import web

    def hello(request):
        return web.Response(f"hello {request.query.get('name', 'you')}\\n")

    web.serve(hello)

The function gets a ``Request`` and returns a ``Response``, a text, bytes, or anything that JSON can hold. An exception
in it becomes an answer with status 500 and a traceback on the error output. The same with a coroutine::

    web.run(async_hello)

A script without this module reads the request, one line of JSON, from its standard input and prints
``{"status": 200, "headers": {…}, "body": …}``; that works with a run per request only.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Any, Awaitable, Callable, Dict, Iterator, List, Optional, Tuple, Union
from urllib.parse import parse_qsl

from ompy._json import load_line
from ompy.appmanager.communication import async_ask, ask
from ompy.appmanager.observer import async_read_json_from_observer, read_json_from_observer
from ompy.errors import NotInTask, OmpyError

__all__ = ["Request", "Response", "async_read_request", "async_respond", "read_request", "respond", "run", "serve"]

_MODE_VARIABLE = "TROUPE_WEB_MODE"
_ANSWER_TIMEOUT = 30.0

Pairs = List[Tuple[str, str]]


class Request:
    """One request. ``path`` is what stands behind the handler's name, with its ``/``, or ``""``."""

    def __init__(self, message: Dict[str, Any]) -> None:
        self.id: str = message.get("id", "")
        self.handler: str = message.get("handler", "")
        self.method: str = message.get("method", "GET")
        self.path: str = message.get("path", "")
        self.query_list: Pairs = [(name, value) for name, value in message.get("query", [])]
        self.header_list: Pairs = [(name, value) for name, value in message.get("headers", [])]
        body = message.get("body", "")
        self.body: bytes = body if isinstance(body, bytes) else str(body or "").encode("utf-8")
        self._reply_to: str = message.get("reply_to", "")

    @property
    def query(self) -> Dict[str, str]:
        """The query by names; of a name that is there more than once, the last value."""
        return dict(self.query_list)

    @property
    def headers(self) -> Dict[str, str]:
        """The headers by their names in lower case; several of one name are joined by a comma."""
        out: Dict[str, str] = {}
        for name, value in self.header_list:
            out[name] = f"{out[name]}, {value}" if name in out else value
        return out

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.body.decode("utf-8")

    def json(self) -> Any:
        """The body as JSON. Raises ``ValueError`` if it is none."""
        return json.loads(self.body)

    def form(self) -> Dict[str, str]:
        """The body of a form (``application/x-www-form-urlencoded``)."""
        return dict(parse_qsl(self.text, keep_blank_values=True))


class Response:
    """One answer. ``body`` is a text, bytes, or a value that is sent as JSON."""

    def __init__(self, body: Any = b"", status: int = 200,
                 headers: Union[Dict[str, str], Pairs, None] = None) -> None:
        self.body = body
        self.status = status
        self.headers: Union[Dict[str, str], Pairs] = {} if headers is None else headers

    def _to_message(self, request: Request) -> Dict[str, Any]:
        pairs = self.headers.items() if isinstance(self.headers, dict) else self.headers
        body = self.body
        if not isinstance(body, (str, bytes, bytearray, memoryview)):
            pairs = [*pairs]
            if not any(name.lower() == "content-type" for name, _ in pairs):
                pairs.append(("content-type", "application/json"))
            body = json.dumps(body)
        return {"request": request.id, "status": self.status,
                "headers": [[str(name), str(value)] for name, value in pairs], "body": body}


def _is_per_request() -> bool:
    mode = os.environ.get(_MODE_VARIABLE)
    if mode is None:
        raise NotInTask("not_in_task", f"this program was not started by a web handler ({_MODE_VARIABLE} is not set)")
    return mode == "per_request"


def _request_in(message: Any) -> Optional[Request]:
    """Nothing for a message that was not sent by a web handler."""
    wrapped = message.get("web_request") if isinstance(message, dict) else None
    return Request(wrapped) if isinstance(wrapped, dict) else None


def _request_of_this_run() -> Request:
    line = sys.stdin.buffer.readline()
    message = load_line(line) if line.strip() else None
    if not isinstance(message, dict):
        raise OmpyError("bad_request", "there is no request on the standard input")
    return Request(message)


def _response_of(value: Any) -> Response:
    return value if isinstance(value, Response) else Response(value if value is not None else b"")


def _failure() -> Response:
    traceback.print_exc()
    return Response("the handler failed\n", 500, {"content-type": "text/plain; charset=utf-8"})


def _check(answer: Any) -> None:
    if answer.command not in ("web_answer_is_taken", "request_is_unknown"):  # unknown: it was given up, by its time-out
        raise OmpyError(answer.command, f"the answer was not taken: {answer.body}")


def read_request(timeout: Optional[float] = None) -> Request:
    """The next request. With a run per request there is one. ``timeout`` as in ``read_json_from_observer``."""
    if _is_per_request():
        return _request_of_this_run()
    while True:
        request = _request_in(read_json_from_observer(timeout))
        if request is not None:
            return request


async def async_read_request(timeout: Optional[float] = None) -> Request:
    """As ``read_request``."""
    if _is_per_request():
        return _request_of_this_run()
    while True:
        request = _request_in(await async_read_json_from_observer(timeout))
        if request is not None:
            return request


def respond(request: Request, response: Any) -> None:
    """Answers a request, once. Raises ``ompy.errors.OmpyError`` if the answer is none that HTTP allows; the client has
    then got 502."""
    _check(ask(request._reply_to, "web_answer", _response_of(response)._to_message(request), _ANSWER_TIMEOUT))


async def async_respond(request: Request, response: Any) -> None:
    """As ``respond``."""
    _check(await async_ask(request._reply_to, "web_answer", _response_of(response)._to_message(request), _ANSWER_TIMEOUT))


def _serve_one(handle: Callable[[Request], Any], request: Request) -> None:
    try:
        response = _response_of(handle(request))
    except Exception:
        response = _failure()
    try:
        respond(request, response)
    except (OmpyError, TypeError, ValueError):
        traceback.print_exc()
        if _is_per_request():
            raise


def _requests() -> Iterator[Request]:
    yield read_request()
    while not _is_per_request():
        yield read_request()


def serve(handle: Callable[[Request], Any], workers: int = 1) -> None:
    """Answers this run's requests with what ``handle`` returns: the one, or all until the run is ended.

    With ``workers`` above 1 so many are handled at once, by threads.
    """
    if workers == 1 or _is_per_request():
        for request in _requests():
            _serve_one(handle, request)
        return
    room = BoundedSemaphore(workers)

    def _work(request: Request) -> None:
        try:
            _serve_one(handle, request)
        finally:
            room.release()

    with ThreadPoolExecutor(workers) as pool:
        for request in _requests():
            room.acquire()
            pool.submit(_work, request)


async def _async_serve_one(handle: Callable[[Request], Awaitable[Any]], request: Request) -> None:
    try:
        response = _response_of(await handle(request))
    except Exception:
        response = _failure()
    try:
        await async_respond(request, response)
    except (OmpyError, TypeError, ValueError):
        traceback.print_exc()
        if _is_per_request():
            raise


async def _async_serve(handle: Callable[[Request], Awaitable[Any]], most: int) -> None:
    if _is_per_request():
        await _async_serve_one(handle, _request_of_this_run())
        return
    room = asyncio.Semaphore(most)
    tasks = set()

    async def _work(request: Request) -> None:
        try:
            await _async_serve_one(handle, request)
        finally:
            room.release()

    while True:
        await room.acquire()
        task = asyncio.ensure_future(_work(await async_read_request()))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


def run(handle: Callable[[Request], Awaitable[Any]], most: int = 16) -> None:
    """As ``serve`` with a coroutine, ``most`` of which run at once."""
    asyncio.run(_async_serve(handle, most))
