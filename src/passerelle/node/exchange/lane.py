"""Where the wire is answered: threads that keep their database connection, and nothing of the pages.

Django gives every request under ASGI a thread of its own, and that thread a connection that is
opened and closed again: with PostgreSQL a process is forked for every push, with SQLite the last
one out writes the whole write-ahead log back. A push costs less than that. So what begins with
``/x/v1/`` is taken here: bounded and read before a thread is asked for, answered by the same views,
without sessions, accounts, languages and forms, which no peer has.

Lengths are looked at before bytes are read, a body must come at a least speed, and what all bodies
together may take of the memory is bounded (section 17 of the specification).
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import structlog
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.middleware.security import SecurityMiddleware
from django.urls import Resolver404, resolve

from passerelle.node.exchange.blob_views import MAX_LEAVES
from passerelle.node.exchange.receiving import LIMITS
from passerelle.node.exchange.wire import problem
from passerelle.node.middleware import RequestContextMiddleware

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from django.http import HttpRequest, HttpResponseBase

    _Scope: TypeAlias = dict[str, Any]  # Any: as ASGI has it, here and below
    _Receive: TypeAlias = Callable[[], Awaitable[Mapping[str, Any]]]
    _Send: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[None]]
    _Application: TypeAlias = Callable[[_Scope, _Receive, _Send], Awaitable[None]]

__all__ = ["Lane"]

PREFIX: Final = "/x/v1/"
_THREADS: Final = 4
"""Answers at a time; on SQLite one of them writes."""

_LARGEST: Final = max(LIMITS.frame, MAX_LEAVES)
_TOGETHER: Final = 16 * _LARGEST
"""Bytes of bodies held at a time; who comes then is asked to come again."""

_FIRST_S: Final = 10.0
_BYTES_A_SECOND: Final = 10 * 1024

_log = structlog.get_logger("passerelle.node.exchange.lane")


class Lane:
    """Answer the wire, and give everything else to the pages.

    Parameters
    ----------
    pages
        The application behind all other addresses.
    """

    def __init__(self, pages: _Application) -> None:
        self._pages = pages
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="wire")
        # Around a synchronous view it is synchronous.
        secured = cast("Callable[[HttpRequest], HttpResponseBase]", SecurityMiddleware(_view))
        self._answer = RequestContextMiddleware(secured)
        self._held = 0

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._pages(scope, receive, send)
            return
        length = _declared(scope)
        if length is None or length > _LARGEST:
            await _send_back(send, problem(413, "exchange.frame-limit"))
            return
        if self._held + length > _TOGETHER:
            busy = problem(503, "exchange.busy")
            busy["Retry-After"] = "1"
            await _send_back(send, busy)
            return
        self._held += length
        try:
            async with asyncio.timeout(_FIRST_S + length / _BYTES_A_SECOND):
                body = await _read(receive, length)
            if body is None:
                await _send_back(send, problem(400, "exchange.body-length"))
                return
            threads = asyncio.get_running_loop()
            work = partial(self._on_thread, scope, body)
            await _send_back(send, await threads.run_in_executor(self._threads, work))
        except TimeoutError:
            await _send_back(send, problem(408, "exchange.too-slow"))
        finally:
            self._held -= length

    def _on_thread(self, scope: _Scope, body: bytes) -> HttpResponseBase:
        if connection.errors_occurred:
            if not connection.is_usable():
                connection.close()
            connection.errors_occurred = False
        return self._answer(ASGIRequest(scope, BytesIO(body)))


def _view(request: HttpRequest) -> HttpResponseBase:
    """Call the view of an address; the outermost frame of a request, so nothing passes it."""
    try:
        request.get_host()  # refuses a name that is not ours
        request.resolver_match = match = resolve(request.path_info)
        found: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    except SuspiciousOperation:
        return problem(400, "exchange.host")
    except Resolver404:
        return problem(404, "exchange.address-unknown")
    except Exception:  # noqa: BLE001 - the outermost frame
        _log.exception("exchange.fault")
        return problem(500, "exchange.fault")
    return found


def _declared(scope: _Scope) -> int | None:
    """Return the length that a request declares; 0 when it declares none, ``None`` for nonsense."""
    told = [value for name, value in scope["headers"] if name == b"content-length"]
    if not told:
        return 0
    return int(told[0]) if len(told) == 1 and told[0].isdigit() and len(told[0]) < 16 else None


async def _read(receive: _Receive, length: int) -> bytes | None:
    """Read a body; ``None`` when it is longer than declared, or its sender went away."""
    parts, held, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part = message.get("body", b"")
        held += len(part)
        if held > length:
            return None
        parts.append(part)
        more = bool(message.get("more_body", False))
    return b"".join(parts)


async def _send_back(send: _Send, response: HttpResponseBase) -> None:
    body = b"".join(response)  # views of the wire never stream
    headers = [
        (name.lower().encode("ascii"), value.encode("latin-1"))
        for name, value in response.headers.items()
    ]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": body})
