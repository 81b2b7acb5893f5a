"""The independent auditor's view: logs, holds, counts, alerts; never the content of a file (S50)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from passerelle.desk.frame import show
from passerelle.desk.views.page import actor_of, clock, page
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.casework.models import Alert
from passerelle.node.dossiers.auditing import access_log, auditor_view, mark_seen

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["audit", "seen"]

_MOST = 200


@require_GET
@page(Action.VIEW_AUDIT)
def audit(request: HttpRequest) -> HttpResponse:
    """Show every hold count, every alert and the newest readings."""
    case = request.GET.get("case", "").strip()[:32]
    actor = actor_of(request)
    values = {
        "found": auditor_view(actor=actor, clock=clock()),
        "log": access_log(actor=actor, clock=clock(), case=case, limit=_MOST),
        "case": case,
    }
    return show(request, "audit.html", values, place="audit")


@require_POST
@page(Action.VIEW_AUDIT)
def seen(request: HttpRequest, alert: int) -> HttpResponse:
    """Say that an alert was looked at."""
    if not Alert.objects.filter(pk=alert).exists():
        raise RefusedError("There is no alert {n}.", code="cases.unknown-alert", n=alert)
    mark_seen(alert, actor=actor_of(request), clock=clock())
    return redirect("desk:audit")
