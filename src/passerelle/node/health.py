"""Say whether the node is alive: the process answers and the database can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["health"]


@never_cache
@require_safe
@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database can be read, 503 otherwise. Nothing else is told."""
    del request
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "unavailable"}, status=503)
    return JsonResponse({"status": "ok"})
