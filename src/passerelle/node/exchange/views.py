"""The wire: ``/x/v1/``. Bytes in, bytes out; what is believed is believed for its signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from passerelle.exchange.names import is_hash
from passerelle.node.exchange import pausing, receiving, serving
from passerelle.node.exchange.peers import TRUST_FILES
from passerelle.node.exchange.station import station
from passerelle.node.exchange.wire import problem, read_body
from passerelle.node.exercise.clock import node_clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from passerelle.exchange.effects import Reply
    from passerelle.kernel.clock import Clock

__all__ = ["peer_notice", "pull", "push", "suffix", "trust"]

_MAX_REQUEST: Final = 128 * 1024


@csrf_exempt
@login_not_required
@require_POST
def push(request: HttpRequest, log_id: str) -> HttpResponse:
    """Take entries of a peer's log; answer with our receipt."""
    return _answer(request, log_id, receiving.LIMITS.frame, receiving.take_push)


@csrf_exempt
@login_not_required
@require_POST
def pull(request: HttpRequest, log_id: str) -> HttpResponse:
    """Give the reader of one of our logs its entries."""
    return _answer(request, log_id, _MAX_REQUEST, serving.answer_pull)


@csrf_exempt
@login_not_required
@require_POST
def suffix(request: HttpRequest, log_id: str) -> HttpResponse:
    """Give the writer of a log its own entries back."""
    return _answer(request, log_id, _MAX_REQUEST, serving.answer_suffix)


@csrf_exempt
@login_not_required
@require_POST
def peer_notice(request: HttpRequest, log_id: str) -> HttpResponse:
    """Take a peer's notice that traffic is paused or active."""
    return _answer(request, log_id, _MAX_REQUEST, pausing.take_notice)


@login_not_required
@require_safe
def trust(request: HttpRequest, name: str) -> HttpResponse:
    """Give a file of our trust set."""
    del request
    number, dot, rest = name.partition(".")
    if name not in TRUST_FILES and not (number.isdigit() and dot and rest == "root.json"):
        return problem(404, "exchange.trust-file")
    path = station().folder / "trust" / name
    if not path.is_file():
        return problem(404, "exchange.trust-file")
    return HttpResponse(path.read_bytes(), content_type="application/json")


def _answer(
    request: HttpRequest,
    log_id: str,
    limit: int,
    take: Callable[[str, bytes, Clock], Reply],
) -> HttpResponse:
    if not is_hash(log_id):
        return problem(404, "exchange.log-unknown")
    data = read_body(request, limit)
    if isinstance(data, HttpResponse):
        return data
    reply = take(log_id, data, node_clock())
    if reply.status in {200, 204, 409, 424}:
        return HttpResponse(
            reply.body, status=reply.status, content_type="application/octet-stream"
        )
    found = problem(reply.status, reply.code)
    if reply.status == 429:
        found["Retry-After"] = reply.body.decode().strip()
    return found
