"""The commitment of one dossier: the only act that allocates, and how far its arrangement is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from passerelle.desk.boards.commitment import item_lines, ready_lines, uncommitted
from passerelle.desk.frame import show
from passerelle.desk.views.page import can, clock, page
from passerelle.node.accounts.enums import Action
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.reinforcement.proposals import arrangement_of
from passerelle.procedures.reinforcement.commitments import arrangement_signed_on

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["commitment"]


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
