"""Files about persons: one's own files, taking one in charge, emergency access, designation, copies.

There is no search and no list of persons: one sees the files one is designated for (S20, S27). Files
that came in and that nobody has yet are shown by number only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from passerelle.desk.boards import dossiers as board
from passerelle.desk.frame import show
from passerelle.desk.speaking import language, openings, require_part
from passerelle.desk.views.page import actor_of, clock, page
from passerelle.node.accounts.enums import Action
from passerelle.node.casework import access
from passerelle.node.casework.models import Designation
from passerelle.node.dossiers.copies import exact_copies
from passerelle.node.dossiers.kinds import PARTS
from passerelle.node.dossiers.models import Dossier
from passerelle.node.dossiers.queries import inbox

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["cases", "copies", "designate", "emergency", "rights", "take"]

_FILES = tuple(name for name, action in PARTS.items() if action is Action.VIEW_CASES)
_RIGHTS = tuple(name for name, action in PARTS.items() if action is Action.VIEW_RIGHTS)


@require_GET
@page(Action.VIEW_CASES)
def cases(request: HttpRequest) -> HttpResponse:
    """List the files one is designated for, the next deadline first."""
    values = _listed(request, _FILES)
    values["openings"] = openings(request, *_FILES)
    return show(request, "cases.html", values, place="cases")


@require_GET
@page(Action.VIEW_RIGHTS)
def rights(request: HttpRequest) -> HttpResponse:
    """List the rights requests one is designated for, the next deadline first."""
    values = _listed(request, _RIGHTS)
    values["openings"] = openings(request, *_RIGHTS)
    return show(request, "rights.html", values, place="rights")


@require_POST
@page(Action.VIEW_CASES)
def take(request: HttpRequest, case: str) -> HttpResponse:
    """Take a file in charge that nobody has yet."""
    require_part(request, case)
    access.take_charge(case, actor=actor_of(request), clock=clock())
    return redirect("desk:dossier", case)


@require_POST
@page(Action.VIEW_CASES)
def emergency(request: HttpRequest) -> HttpResponse:
    """Open a file for a day with a reason; the auditor and the data-protection officer are told."""
    case, why = request.POST.get("case", "").strip(), request.POST.get("why", "")
    require_part(request, case)
    access.open_in_emergency(case, why=why, actor=actor_of(request), clock=clock())
    messages.warning(request, _("Emergency access for a day. An alert was written."))
    return redirect("desk:dossier", case)


@require_POST
@page(None)
def designate(request: HttpRequest, case: str) -> HttpResponse:
    """Let another official open a file."""
    require_part(request, case)
    official = request.POST.get("official", "").strip().removeprefix("user:")
    why = request.POST.get("why", "")
    access.designate(case, f"user:{official}", actor=actor_of(request), clock=clock(), why=why)
    messages.success(request, _("Designated."))
    return redirect("desk:dossier", case)


@require_GET
@page(None)
def copies(request: HttpRequest, case: str) -> HttpResponse:
    """Show exactly what was sent about the person, for the person and the lawyer."""
    place = require_part(request, case)
    found = exact_copies(case, actor=actor_of(request), clock=clock())
    return show(request, "copies.html", {"case": case, "copies": found}, place=place)


def _listed(request: HttpRequest, procedures: tuple[str, ...]) -> dict[str, object]:
    now, actor = clock().now(), actor_of(request)
    rows = inbox(actor=actor, now=now).filter(procedure__in=procedures)
    lines = board.inbox_lines(rows, now, language())
    known = Designation.objects.values("case")
    waiting = Dossier.objects.filter(procedure__in=procedures).exclude(case__in=known)
    return {
        "lines": lines,
        "n_overdue": sum(line.look == "critical" for line in lines),
        "waiting": list(waiting.select_related("corridor").order_by("opened_at")),
    }
