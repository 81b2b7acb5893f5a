"""The commitment of one dossier: the only act that allocates, and how far its arrangement is."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from passerelle.desk.boards.commitment import item_lines, ready_lines, uncommitted
from passerelle.desk.frame import show
from passerelle.desk.views.page import actor_of, can, clock, page
from passerelle.node.accounts.enums import Action
from passerelle.node.dossiers.kinds import holders
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.reinforcement.proposals import arrangement_of
from passerelle.node.reinforcement.publishing import acknowledge
from passerelle.procedures.reinforcement.commitments import arrangement_signed_on
from passerelle.procedures.reinforcement.duties import published_duties, unacknowledged
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from passerelle.node.accounts.models import User

__all__ = ["commitment", "duties"]


@require_GET
@page(Action.VIEW_DOSSIERS)
def commitment(request: HttpRequest, case: str) -> HttpResponse:
    """Show what is co-signed, what waits for a signature, and which items of the arrangement are ready."""
    row, heard, found = open_dossier_value(case)
    language = get_language() or "en"
    other = arrangement_of(row)
    lines, steps = ready_lines(found, None if other is None else other[1], language)
    pending = [
        (
            name,
            found.definition.acts[name].labels.get(language),
            found.procedure.parties[one.act.side],
            one.act.side == heard.side,
        )
        for name, one in found.signatures.items()
    ]
    values = {
        "row": row,
        "state": found.current.labels.get(language),
        "items": item_lines(found),
        "n_uncommitted": uncommitted(found),
        "pending": pending,
        "role": "directorate" if heard.side == "host" else "focal-point",
        "is_host": heard.side == "host",
        "may_sign": can(request, Action.SIGN_ACT),
        "ready": lines,
        "n_ready": sum(1 for one in lines if one.look in {"live", "met"}),
        "n_missing": sum(1 for one in lines if one.look == "critical"),
        "steps": steps,
        "arrangement": None if other is None else other[0],
        "arrangement_state": "" if other is None else other[1].current.labels.get(language),
        "signed_on": arrangement_signed_on(found),
        "now": clock().now(),
    }
    return show(request, "commitment.html", values, place="requests")


@require_http_methods(["GET", "POST"])
@page(Action.VIEW_DOSSIERS)
def duties(request: HttpRequest, case: str) -> HttpResponse:
    """Show the duties published to the partner; as the partner, sign that they are received."""
    row, heard, found = open_dossier_value(case)
    rule = found.definition.acts["acknowledge-duties"]
    user = cast("User", request.user)  # the middleware lets only our users in
    roles = [name for name in rule.who if user.roles & holders(row.procedure, name)]
    if request.method == "POST" and roles:
        result = acknowledge(case, roles[0], actor=actor_of(request), clock=clock())
        if isinstance(result, Refusal):
            messages.error(request, result.text(get_language() or "en"))
        else:
            messages.success(request, _("Signed and released. The receipt follows."))
        return redirect("desk:dossier-duties", case)
    values = {
        "row": row,
        "people": sorted(published_duties(found).values(), key=lambda one: one.person),
        "n_waiting": len(unacknowledged(found)),
        "is_host": heard.side == "host",
        "may_acknowledge": bool(roles),
        "may_feed": can(request, Action.VIEW_ROLL),
    }
    return show(request, "dossier_duties.html", values, place="requests")
