"""What every address of the wire shares: bounded bodies, and refusals with a stable code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, JsonResponse

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["problem", "read_body"]


def read_body(request: HttpRequest, limit: int) -> bytes | HttpResponse:
    """Read a body of at most ``limit`` bytes, or return the refusal: length first, no coding."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        return problem(415, "exchange.content-coding")
    length = request.headers.get("Content-Length", "")
    if not length.isdigit() or int(length) > limit:
        return problem(413, "exchange.frame-limit")
    data = request.read(limit + 1)
    return problem(413, "exchange.frame-limit") if len(data) > limit else data


def problem(status: int, code: str) -> HttpResponse:
    """Refuse with a problem document."""
    found = JsonResponse({"status": status, "code": code, "title": code.replace("-", " ")})
    found.status_code = status
    found["Content-Type"] = "application/problem+json"
    return found
