"""Partners without a node: a pack to mail, a form to print, and the upload of what they sent back.

An uploaded workbook is read whole; faults are named by cell and nothing is kept. What it holds is shown,
travels to the second step in a signed field of the page (no table, no session keeps a name), and is then
said on the partner's behalf.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from passerelle.desk.boards.act_form import fact_lines
from passerelle.desk.frame import show
from passerelle.desk.views.page import actor_of, clock, page
from passerelle.kernel.problems import InputError, RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.audit.domain import record
from passerelle.node.dossiers import packs
from passerelle.node.dossiers.on_behalf import check_for_partner, say_for_partner
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.procedures.forms import form_of
from passerelle.procedures.loading import definition
from passerelle.procedures.values import Refusal
from passerelle.standards.forms.letter import letter_text
from passerelle.standards.marks import Tlp

if TYPE_CHECKING:
    from django.http import HttpRequest

    from passerelle.node.dossiers.packs import ReadAnswer

__all__ = ["answer", "form", "pack"]

_LARGEST: Final = 8 * 2**20
_SALT: Final = "passerelle.desk.paper"
_MINUTES: Final = 60
_SHOWN: Final = 200


@require_http_methods(["GET", "POST"])
@page(Action.SIGN_ACT)
def pack(request: HttpRequest, case: str) -> HttpResponse:
    """Show what the pack holds; write it when asked."""
    row, _heard, _found = open_dossier_value(case)
    asked = packs.request_of(case)
    refusal = ""
    if request.method == "POST":
        allows = Tlp(asked.handling.tlp) if request.POST.get("allows") == "yes" else None
        try:
            content = packs.make_request_pack(case, allows=allows)
        except RefusedError as problem:
            refusal = _(problem.message).format_map(dict(problem.params))
        else:
            digest = hashlib.sha256(content).hexdigest()
            _note(request, case, "packs.write", {"sha256": digest, "tlp": asked.handling.tlp.value})
            response = HttpResponse(content, content_type="application/zip")
            name = f"request-{asked.reference}.zip"
            response["Content-Disposition"] = f'attachment; filename="{name}"'
            return response
    values = {
        "row": row,
        "asked": asked,
        "refusal": refusal,
        "is_strict": asked.handling.is_private,
    }
    return show(request, "pack.html", values, place="requests", status=422 if refusal else 200)


@require_GET
@page(Action.SIGN_ACT)
def form(request: HttpRequest, case: str) -> HttpResponse:
    """Show the letter and an answer form for print or PDF, in the language of the page."""
    row, _heard, _found = open_dossier_value(case)
    asked = packs.request_of(case)
    language = (get_language() or "en")[:2]
    values = {"row": row, "asked": asked, "letter": letter_text(asked, language)}
    return show(request, "paper_form.html", values, place="requests")


@require_http_methods(["GET", "POST"])
@page(Action.SIGN_ACT)
def answer(request: HttpRequest, case: str) -> HttpResponse:
    """Read an uploaded answer, show it, and say it on the partner's behalf."""
    row, _heard, _found = open_dossier_value(case)
    values: dict[str, Any] = {"row": row, "issues": [], "n_issues": 0, "refusal": ""}
    if request.method == "POST" and "held" in request.POST:
        return _say(request, case, values)
    file = request.FILES.get("file")
    if request.method == "POST" and file is not None:
        if (file.size or 0) > _LARGEST:
            values["refusal"] = _("The file is larger than 8 MiB.")
        else:
            content = file.read()
            name = str(file.name or "answer.xlsx")[:80]
            try:
                read = packs.read_answer(case, content, name)
            except InputError as problem:
                values |= {"issues": problem.issues[:_SHOWN], "n_issues": len(problem.issues)}
            else:
                values |= _preview(request, case, read, hashlib.sha256(content).hexdigest())
    is_wrong = bool(values["issues"] or values["refusal"])
    return show(request, "answer.html", values, place="requests", status=422 if is_wrong else 200)


def _preview(request: HttpRequest, case: str, read: ReadAnswer, source: str) -> dict[str, Any]:
    """Show the acts that an answer becomes, and whether the procedure takes them in."""
    language = get_language() or "en"
    result = check_for_partner(case, read.acts, actor=actor_of(request), clock=clock())
    shape = definition("reinforcement")
    shown = [
        (
            shape.acts[name].labels.get(language),
            fact_lines(form_of(shape.acts[name]), payload, language),
        )
        for name, payload in read.acts
    ]
    refusal = result.text(language) if isinstance(result, Refusal) else ""
    if not read.acts:
        refusal = _("The file answers nothing.")
    held = {"case": case, "source": source, "acts": [[n, dict(p)] for n, p in read.acts]}
    return {
        "acts": shown,
        "source": source,
        "warnings": read.answers.warnings,
        "unanswered": read.answers.unanswered,
        "refusal": refusal,
        "held": "" if refusal else signing.dumps(held, salt=_SALT, compress=True),
    }


def _say(request: HttpRequest, case: str, values: dict[str, Any]) -> HttpResponse:
    try:
        held = signing.loads(request.POST["held"], salt=_SALT, max_age=_MINUTES * 60)
    except signing.BadSignature:
        held = {}
    if held.get("case") != case:
        values["refusal"] = _("What was shown is out of date; upload the file again.")
        return show(request, "answer.html", values, place="requests", status=422)
    acts = [(str(name), dict(fields)) for name, fields in held["acts"]]
    result = say_for_partner(
        case, acts, source=held["source"], actor=actor_of(request), clock=clock()
    )
    if isinstance(result, Refusal):
        values["refusal"] = result.text(get_language() or "en")
        return show(request, "answer.html", values, place="requests", status=422)
    messages.success(request, _("Taken in on the partner's behalf."))
    return redirect("desk:dossier", case)


@transaction.atomic
def _note(request: HttpRequest, case: str, action: str, new: dict[str, Any]) -> None:
    record(actor_of(request).label, action, f"dossier:{case}", clock=clock(), new=new)
