"""The wire of attachments: ``/x/v1/blobs/``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from passerelle.exchange.blob import CHUNK
from passerelle.exchange.names import is_hash
from passerelle.exchange.note import MAX_NOTE
from passerelle.node.exchange import offering
from passerelle.node.exchange.wire import problem, read_body
from passerelle.node.exercise.clock import node_clock

if TYPE_CHECKING:
    from django.http import HttpRequest

    from passerelle.exchange.effects import Reply

__all__ = ["MAX_LEAVES", "blob", "fetch", "leaves"]

_RANGE: Final = re.compile(r"bytes (0|[1-9][0-9]{0,14})-([0-9]{1,15})/([0-9]{1,15})", re.ASCII)
MAX_LEAVES: Final = MAX_NOTE + 4 + 32 * 10 * 1024
"""A signed note, and the chunk hashes of 10 GiB."""


@csrf_exempt
@login_not_required
@require_http_methods(["HEAD", "PUT"])
def blob(request: HttpRequest, root: str) -> HttpResponse:
    """Say how much of an attachment is here, or take its next chunk."""
    if not is_hash(root):
        return problem(404, "exchange.blob-unknown")
    if request.method == "HEAD":
        return _answer(offering.offset_of(root))
    place = _RANGE.fullmatch(request.headers.get("Content-Range", ""))
    if place is None:
        return problem(400, "exchange.blob-range")
    data = read_body(request, CHUNK)
    if isinstance(data, HttpResponse):
        return data
    return _answer(offering.take_chunk(root, int(place[1]), data))


@csrf_exempt
@login_not_required
@require_http_methods(["PUT"])
def leaves(request: HttpRequest, root: str) -> HttpResponse:
    """Begin an upload: a signed request and the chunk hashes."""
    data = read_body(request, MAX_LEAVES)
    if isinstance(data, HttpResponse) or not is_hash(root):
        return data if isinstance(data, HttpResponse) else problem(404, "exchange.blob-unknown")
    return _answer(offering.begin_upload(root, data, node_clock()))


@csrf_exempt
@login_not_required
@require_POST
def fetch(request: HttpRequest, root: str) -> HttpResponse:
    """Give the reader of a log an attachment that was offered to it."""
    data = read_body(request, MAX_NOTE)
    if isinstance(data, HttpResponse) or not is_hash(root):
        return data if isinstance(data, HttpResponse) else problem(404, "exchange.blob-unknown")
    reply = offering.give(root, data, node_clock())
    if reply.status != 200:
        return problem(reply.status, reply.code)
    return HttpResponse(reply.body, content_type="application/octet-stream")


def _answer(reply: Reply) -> HttpResponse:
    """Answer with the bytes held, where the sender goes on."""
    if reply.status in {200, 201, 204, 409}:
        found = HttpResponse(status=reply.status)
        found["Upload-Offset"] = reply.body.decode()
        return found
    found = problem(reply.status, reply.code)
    if reply.status == 429:
        found["Retry-After"] = reply.body.decode()
    return found
