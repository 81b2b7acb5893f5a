"""Erase the content of a dossier in two steps, and what remains of one that was erased."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from passerelle.desk.boards.counts import Selection, counts_page
from passerelle.desk.frame import show
from passerelle.desk.views.page import actor_of, clock, page
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.dossiers import erasure
from passerelle.node.dossiers.paper import is_paper
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.dossiers.sheets import COUNTED
from passerelle.node.exchange.models import Entry
from passerelle.node.national.models import NationalEntry
from passerelle.procedures.deadlines import due
from passerelle.procedures.loading import definition
from passerelle.procedures.values import Refusal
from passerelle.procedures.vocabulary import vocabulary

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from passerelle.node.dossiers.models import Erasure

__all__ = ["erase", "erased_page"]


@require_http_methods(["GET", "POST"])
@page(Action.SIGN_ACT)
def erase(request: HttpRequest, case: str) -> HttpResponse:
    """Show what will be destroyed and what remains; destroy it when the reference is repeated."""
    row, _heard, found = open_dossier_value(case)
    if row.procedure != COUNTED:
        raise RefusedError("{case} has no roll.", code="erasure.unknown", case=case[:32])
    language = get_language() or "en"
    refusal = ""
    if request.method == "POST":
        if request.POST.get("repeated", "").strip() != (row.reference or row.case):
            refusal = _("Repeat the reference exactly; nothing was destroyed.")
        else:
            ground = request.POST.get("ground", "")
            result = erasure.erase(case, ground, actor=actor_of(request), clock=clock())
            if not isinstance(result, Refusal):
                messages.success(request, _("The key is destroyed. Proof and counts remain."))
                return redirect("desk:dossier", case)
            refusal = result.text(language)
    shape = definition(COUNTED)
    schema: Any = shape.acts["erase"].schema.document  # JSON Schema
    grounds = schema["properties"]["erasure_ground"]["enum"]
    ends = [one.due for one in due(found, clock().now()) if one.name == "erase"]
    values = {
        "row": row,
        "refusal": refusal,
        "grounds": [(code, vocabulary().codes[code].get(language)) for code in grounds],
        "due_at": ends[0] if ends else None,
    }
    return show(request, "erase.html", values, place="rolls", status=422 if refusal else 200)


def erased_page(request: HttpRequest, row: Erasure, place: str) -> HttpResponse:
    """Show what remains: who erased when and why, the proof, the counts."""
    entries = Entry.objects.filter(case=row.dossier_id).order_by("log_id", "idx")
    national = NationalEntry.objects.filter(case=row.dossier_id).order_by("idx")
    values = {
        "row": row.dossier,
        "erasure": row,
        "ground": vocabulary().codes[row.ground].get(get_language() or "en"),
        "counts": counts_page([row.dossier.sheet], Selection()),
        "entries": [(one.kind, one.entry_id, one.at) for one in entries]
        + [("", one.entry_id, one.at) for one in national],
        "is_paper": is_paper(row.dossier.corridor.peer),
    }
    return show(request, "erased.html", values, place=place)
