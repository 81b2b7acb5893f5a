"""Vetting and accreditation, one person at a time: what stands, what to decide, what to take back.

No address names a person: who is shown is sent as a form. Every look is written into the audit record, and
every decision is an act that is shown before it is signed, by one official about one person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from passerelle.desk.boards.screening import screening_page
from passerelle.desk.frame import show
from passerelle.desk.speaking import own_roles
from passerelle.desk.views.page import clock, page
from passerelle.desk.views.rolls import note_look
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.accounts.rules import not_permitted
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.dossiers.sheets import COUNTED

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["screening"]

_OFFICE = "security"


@require_http_methods(["GET", "POST"])
@page(Action.VIEW_ROLL)
def screening(request: HttpRequest, case: str) -> HttpResponse:
    """Show the next person who waits for a decision, or the one asked for."""
    row, heard, found = open_dossier_value(case)
    if row.procedure != COUNTED:
        raise RefusedError("There is no roll in {case}.", code="rolls.unknown", case=case[:32])
    if _OFFICE not in own_roles(request, found.definition, heard.side):
        raise not_permitted(Action.SIGN_ACT)
    note_look(request, case, "rolls.screen")
    wanted = request.POST.get("person", "")[:64]
    values = {
        "row": row,
        "screening": screening_page(found, clock().now().date(), wanted, get_language() or "en"),
        "role": _OFFICE,
        "labels": {
            name: found.definition.acts[name].labels.get(get_language() or "en")
            for name in ("vet", "accredit", "revoke")
        },
    }
    return show(request, "screening.html", values, place="rolls")
