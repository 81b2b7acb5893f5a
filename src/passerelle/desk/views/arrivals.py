"""The arrival desk: a page that goes on working while the line is down.

The page is kept by a service worker whose scope is ``/arrivals/`` and nothing else. Check-ins are kept
on the device, sent when the line is back, and answered one by one; each is taken exactly once
(:mod:`passerelle.node.dossiers.arrivals`). Without scripts the buttons are plain forms.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

import passerelle.desk as package
from passerelle.desk.boards.arrivals import arrivals_page
from passerelle.desk.frame import show
from passerelle.desk.speaking import own_roles
from passerelle.desk.views.page import actor_of, clock, page
from passerelle.desk.views.rolls import note_look
from passerelle.kernel.problems import InputError, Issue, Problem, RefusedError
from passerelle.kernel.times import parse_instant
from passerelle.node.accounts.enums import Action
from passerelle.node.dossiers.arrivals import ROLE, Answer, Outcome, Sent, take_check_in
from passerelle.node.dossiers.queries import open_dossier_value

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["arrivals", "check_ins", "worker"]

_MOST: Final = 50
_WORKER: Final = Path(package.__file__).parent / "static" / "desk" / "arrivals-worker.js"


@require_GET
@page(Action.VIEW_ROLL)
def arrivals(request: HttpRequest, case: str) -> HttpResponse:
    """Show who is expected and who is here."""
    row, heard, found = open_dossier_value(case)
    if ROLE not in own_roles(request, found.definition, heard.side):
        raise RefusedError(
            "None of your roles may record arrivals.", code="accounts.not-permitted", act=ROLE
        )
    note_look(request, case, "arrivals.read")
    values = {
        "row": row,
        "desk": arrivals_page(found, lambda: secrets.token_hex(16)),
        "deeds": [("arrive", _("Arrived")), ("no-show", _("Absent")), ("depart", _("Departed"))],
        "now": clock().now(),
    }
    return show(request, "arrivals.html", values, place="rolls")


@require_POST
@page(Action.VIEW_ROLL)
def check_ins(request: HttpRequest, case: str) -> HttpResponse:
    """Take check-ins: a list as JSON from the page's script, or one from a plain form."""
    actor = actor_of(request)
    if request.content_type != "application/json":
        sent = _read(request.POST.dict() | {"at": clock().now().strftime("%Y-%m-%dT%H:%M:%SZ")})
        answer = take_check_in(case, sent, actor=actor, clock=clock())
        words = _words(answer)
        (messages.success if answer.outcome is Outcome.TAKEN else messages.warning)(request, words)
        return redirect("desk:arrivals", case)
    try:
        answers = [
            take_check_in(case, sent, actor=actor, clock=clock()) for sent in _batch(request.body)
        ]
    except Problem as problem:
        status = 403 if problem.code == "accounts.not-permitted" else 409
        detail = _(problem.message).format_map(dict(problem.params))
        body = {"code": problem.code, "detail": detail}
        return JsonResponse(body, status=status, content_type="application/problem+json")
    found = [
        {"key": one.key, "outcome": one.outcome.value, "code": one.code, "words": _words(one)}
        for one in answers
    ]
    return JsonResponse({"answers": found})


@require_GET
@never_cache
def worker(request: HttpRequest) -> HttpResponse:
    """Serve the service worker from the path that bounds its scope."""
    del request
    return HttpResponse(_WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")


def _batch(body: bytes) -> list[Sent]:
    try:
        document = json.loads(body)
        rows = document["check_ins"]
        if not isinstance(rows, list) or len(rows) > _MOST:
            raise ValueError("rows")  # noqa: TRY301 - one place says what was expected
    except (ValueError, KeyError, TypeError):
        expected = f"check_ins: a list of at most {_MOST}"
        raise InputError([Issue("check-ins", 0, "", "arrivals.content", expected, "")]) from None
    return [_read(one) for one in rows]


def _read(row: object) -> Sent:
    try:
        if not isinstance(row, dict):
            raise TypeError("row")  # noqa: TRY301 - as above
        return Sent(
            key=str(row["key"]),
            what=str(row["what"]),
            person=str(row["person"])[:64],
            at=parse_instant(str(row["at"])),
            place=str(row.get("place", ""))[:64],
        )
    except (KeyError, TypeError, ValueError) as error:
        expected = "a check-in: key, what, person, at, place"
        raise InputError(
            [Issue("check-ins", 0, "", "arrivals.content", expected, type(error).__name__)]
        ) from None


def _words(answer: Answer) -> str:
    """Say what came of a check-in, in the reader's language."""
    if answer.outcome is Outcome.TAKEN:
        return _("Recorded.")
    if answer.outcome is Outcome.KNOWN:
        return _("Another desk recorded this before.")
    if answer.refusal is not None:
        return answer.refusal.text(get_language() or "en")
    if answer.code == "arrivals.clock":
        return _("The clock of the device is ahead; set it and record again.")
    return _("This was refused before (%(code)s).") % {"code": answer.code}
