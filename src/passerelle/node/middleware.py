"""What surrounds every request: an id for the logs, and the time it took."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

import structlog

from passerelle.kernel.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

__all__ = ["RequestContextMiddleware"]

_log = structlog.get_logger("passerelle.node.http")


class RequestContextMiddleware:
    """Give each request an id and log method, route, status and duration; never a query or a body.

    It is synchronous on purpose: everything inside then runs in one thread, with one hop a request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on and look at what comes back."""
        started = time.perf_counter()
        request_id = new_id(secrets.token_bytes)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            match = request.resolver_match
            _log.info(
                "http.answered",
                method=request.method,
                route=match.route if match else None,
                status=response.status_code,
                ms=round(1000 * (time.perf_counter() - started)),
            )
        response.headers["X-Request-Id"] = request_id
        return response
