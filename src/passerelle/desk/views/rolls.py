"""Rolls: which dossiers have people, and one roll with every condition in words.

Names are shown on the page of one roll only, to those who need them, and each look is written into the
audit record. Neither an address nor a list carries a person's data: what is done to a person is sent as
a form.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.views.decorators.http import require_GET

from passerelle.desk.boards import rolls as board
from passerelle.desk.frame import show
from passerelle.desk.speaking import own_roles
from passerelle.desk.views.page import actor_of, clock, page
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.audit.domain import record
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.dossiers.sheets import COUNTED, sheets
from passerelle.procedures.engine import allowed

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["note_look", "roll", "rolls"]

_DEEDS = (
    "name", "replace", "strike", "certify", "book-travel", "vet", "accredit", "confer-powers", "revoke",
    "brief", "arrive", "no-show", "depart",
)  # fmt: skip
"""Acts that the page of a roll offers."""


@require_GET
@page(Action.VIEW_DOSSIERS)
def rolls(request: HttpRequest) -> HttpResponse:
    """List the dossiers in which people were committed: figures only."""
    now = clock().now()
    event = request.GET.get("event", "")[:64]
    lines = board.rolls_lines(sheets(now, event=event), now.date())
    values = {
        "lines": lines,
        "named": sum(line.named for line in lines),
        "owed": sum(line.n_owed for line in lines),
        "blocked": sum(line.n_blocked for line in lines),
        "shown_event": event,
    }
    return show(request, "rolls.html", values, place="rolls")


@require_GET
@page(Action.VIEW_ROLL)
def roll(request: HttpRequest, case: str) -> HttpResponse:
    """Show one roll on one day."""
    row, heard, found = open_dossier_value(case)
    if row.procedure != COUNTED:
        raise RefusedError("There is no roll in {case}.", code="rolls.unknown", case=case[:32])
    now = clock().now()
    note_look(request, case, "rolls.read")
    sheet = board.roll_page(found, now.date(), _day(request))
    view = request.GET.get("view", "")
    people = (
        sheet.people
        if view != "missing"
        else tuple(one for one in sheet.people if not one.is_deployable)
    )
    deeds = {
        one.rule.name: role
        for role in own_roles(request, found.definition, heard.side)
        for one in allowed(found, role, heard.side, now)
        if one.refusal is None and one.rule.name in _DEEDS
    }
    values = {
        "row": row,
        "roll": sheet,
        "people": people,
        "view": view if view == "missing" else "",
        "deeds": deeds,
        "is_host": heard.side == "host",
    }
    return show(request, "roll.html", values, place="rolls")


@transaction.atomic
def note_look(request: HttpRequest, case: str, action: str) -> None:
    """Write into the audit record that somebody looked at a roll."""
    record(actor_of(request).label, action, f"dossier:{case}", clock=clock())


def _day(request: HttpRequest) -> date | None:
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None
