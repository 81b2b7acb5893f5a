"""Dossiers: the inbox by deadline, one dossier, and saying an act in two steps.

Before anything is signed, a page shows exactly what will be signed. The second step carries the digest
of what was shown: when the act would not be the same any more, it is shown again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from passerelle.desk.boards import act_form
from passerelle.desk.boards import dossiers as board
from passerelle.desk.boards.extras import extra_of
from passerelle.desk.boards.proposals import propose, propose_opening
from passerelle.desk.frame import show
from passerelle.desk.speaking import (
    OPENS,
    PLACES,
    language,
    list_url,
    may_speak,
    openings,
    own_roles,
    require_part,
    user_of,
)
from passerelle.desk.views.erasure import erased_page
from passerelle.desk.views.page import actor_of, can, clock, page
from passerelle.exchange.header import Kind
from passerelle.kernel.canonical import canonical_bytes, digest
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.accounts.rules import require
from passerelle.node.dossiers import domain
from passerelle.node.dossiers.kinds import PARTS, kind_of
from passerelle.node.dossiers.models import Corridor, Erasure
from passerelle.node.dossiers.paper import is_paper
from passerelle.node.dossiers.queries import inbox, open_dossier_value
from passerelle.node.reinforcement.proposals import proposal
from passerelle.procedures.engine import allowed
from passerelle.procedures.forms import form_of
from passerelle.procedures.loading import definition
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from passerelle.kernel.canonical import Json
    from passerelle.node.dossiers.models import Dossier
    from passerelle.node.exchange.acts import Release
    from passerelle.procedures.definition import ActRule, Definition
    from passerelle.procedures.dossier import Dossier as DossierValue

__all__ = ["act", "dossier", "own_roles", "requests", "said", "start"]

_MOST_ROWS = 40
_AFTERWARDS = {"screening": "desk:screening"}
"""Pages to which a form may ask to return, besides the dossier."""
_NAMING = frozenset({"name", "replace"})
"""Acts that carry persons' data; their fields are shown to those who may see a roll."""
_REQUESTS = ("reinforcement", "arrangement")


@require_GET
@page(Action.VIEW_DOSSIERS)
def requests(request: HttpRequest) -> HttpResponse:
    """List the dossiers, the next deadline first."""
    now = clock().now()
    rows = inbox().filter(procedure__in=_REQUESTS)
    lines = board.inbox_lines(rows, now, language())
    view = request.GET.get("view", "")
    shown = {
        "ours": [line for line in lines if line.is_ours and line.due_at],
        "overdue": [line for line in lines if line.look == "critical"],
    }
    values = {
        "lines": shown.get(view, lines),
        "view": view if view in shown else "",
        "n_all": len(lines),
        "n_ours": len(shown["ours"]),
        "n_overdue": len(shown["overdue"]),
        "has_corridor": Corridor.objects.exists(),
        "openings": openings(request, *_REQUESTS),
    }
    return show(request, "requests.html", values, place="requests")


@require_GET
@page(None)
def dossier(request: HttpRequest, case: str) -> HttpResponse:
    """Show what each side said, what is due, and what may be said now."""
    place = require_part(request, case)
    gone = Erasure.objects.select_related("dossier__corridor", "dossier__sheet").filter(pk=case)
    erased = gone.exclude(destroyed_at=None).first()
    if erased is not None:
        return erased_page(request, erased, "rolls")
    row, heard, found = open_dossier_value(case, actor=actor_of(request), clock=clock())
    now, spoken = clock().now(), language()
    hides = frozenset[str]() if can(request, Action.VIEW_ROLL) else _NAMING
    said, refused = board.step_lines(found, heard, spoken, hides)
    acts = []
    for role in own_roles(request, found.definition, heard.side):
        office = found.definition.roles[role].labels.get(spoken)
        for one in allowed(found, role, heard.side, now):
            reason = "" if one.refusal is None else one.refusal.text(spoken)
            acts.append((role, office, one.rule.name, one.rule.labels.get(spoken), reason))
    values = {
        "row": row,
        "procedure": found.definition.labels.get(spoken),
        "state": found.current.labels.get(spoken),
        "said": said,
        "refused": refused,
        "deadlines": board.deadline_lines(found, now, spoken),
        "allowed": [one for one in acts if not one[4]],
        "not_allowed": [one for one in acts if one[4]],
        "pending": [found.definition.acts[name].labels.get(spoken) for name in found.signatures],
        "n_closed": heard.n_closed,
        "is_paper": is_paper(row.corridor.peer),
        "extra": extra_of(row, found, spoken, now),
        "place": place,
    }
    return show(request, "dossier.html", values, place=place)


@require_GET
@page(None)
def said(request: HttpRequest, case: str, entry: str) -> HttpResponse:
    """Show one act with every field that was signed."""
    place = require_part(request, case)
    row, heard, found = open_dossier_value(case, actor=actor_of(request), clock=clock())
    hides = frozenset[str]() if can(request, Action.VIEW_ROLL) else _NAMING
    line = board.said_line(found, heard, entry, language(), hides)
    if line is None:
        raise RefusedError(
            "Dossier {case} holds no act {entry}.",
            code="dossiers.unknown-act",
            case=case,
            entry=entry[:64],
        )
    values = {
        "row": row,
        "step": line,
        "procedure": found.definition.labels.get(language()),
        "place": place,
    }
    return show(request, "said.html", values, place=place)


@require_http_methods(["GET", "POST"])
@page(None)
def act(request: HttpRequest, case: str, role: str, name: str) -> HttpResponse:
    """Fill an act in, see exactly what will be signed, and say it."""
    place = require_part(request, case)
    if kind_of(name) is Kind.NOTICE_ERASURE:
        return redirect("desk:erase", case)
    _row, heard, found = open_dossier_value(case, actor=actor_of(request), clock=clock())
    rule = _rule(found.definition, name)
    payload: dict[str, Json] = {}
    proposed = False
    if request.method == "GET":
        payload = propose(found, name)
        proposed = bool(payload)
        payload = payload or _filled_in(request, _row, found, rule)

    def check(fields: dict[str, Json]) -> Refusal | None:
        result = domain.check_act(case, name, fields, role, actor=actor_of(request), clock=clock())
        return result if isinstance(result, Refusal) else None

    def say(fields: dict[str, Json]) -> Release | Refusal:
        return domain.say(case, name, fields, role, actor=actor_of(request), clock=clock())

    frame = {
        "row": _row,
        "rule": rule,
        "words": rule.labels.get(language()),
        "office": found.definition.roles[role].labels.get(language()),
        "procedure": found.definition,
        "side": heard.side,
        "place": place,
        "back": case,
    }
    return _two_steps(
        request, rule, payload, frame=frame, check=check,
        say=lambda fields: (say(fields), case), proposed=proposed,
    )  # fmt: skip


def _filled_in(
    request: HttpRequest, row: Dossier, found: DossierValue, rule: ActRule
) -> dict[str, Json]:
    """Return what stands in a form at first: the address, the other side's signature, a proposal."""
    if rule.is_cosigned and rule.name in found.signatures:
        return dict(found.signatures[rule.name].act.payload)
    given = {name: "\n".join(request.GET.getlist(name)) for name in request.GET}
    return proposal(row, found, rule.name) | act_form.read_payload(form_of(rule), given)


@require_http_methods(["GET", "POST"])
@page(None)
def start(request: HttpRequest, peer: str, procedure: str, name: str) -> HttpResponse:
    """Open a dossier with a peer by its first act."""
    shape = definition(procedure)
    rule = _rule(shape, name)
    part = PARTS.get(procedure, Action.VIEW_DOSSIERS)
    require(user_of(request), OPENS.get(part, part))
    roles = [role for role in rule.who if may_speak(request, procedure, role)]
    if not roles:
        raise RefusedError(
            "None of your roles may open this.", code="accounts.not-permitted", act=name
        )

    def check(fields: dict[str, Json]) -> Refusal | None:
        return rule.schema.check(fields)

    def say(fields: dict[str, Json]) -> tuple[object, str]:
        found = domain.open_case(
            peer, procedure, name, fields, roles[0], actor=actor_of(request), clock=clock(),
            event=request.GET.get("event", "")[:64],
        )  # fmt: skip
        return found, found if isinstance(found, str) else ""

    frame = {
        "rule": rule,
        "words": rule.labels.get(language()),
        "office": shape.roles[roles[0]].labels.get(language()),
        "procedure": shape,
        "peer": peer,
        "place": PLACES[part],
        "back": "",
    }
    payload: dict[str, Json] = {}
    if request.method == "GET":
        payload = propose_opening(procedure, name, request.GET.dict(), clock())
    return _two_steps(
        request, rule, payload, frame=frame, check=check, say=say, proposed=bool(payload)
    )


def _two_steps(
    request: HttpRequest,
    rule: ActRule,
    payload: dict[str, Json],
    *,
    frame: dict[str, Any],  # Any: template context
    check: Any,  # Any: a local function
    say: Any,  # Any: a local function
    proposed: bool = False,
) -> HttpResponse:
    """Fill in, check, sign: the second step says only what the first has shown.

    What the node proposes is checked at once; when something of it is missing, it is the form that is
    shown, with the proposal in it.
    """
    form, spoken = form_of(rule), language()
    step = request.POST.get("step", "fill")
    extra = min(int(request.POST.get("rows", "0") or 0), _MOST_ROWS) if step == "row" else 0
    if request.method == "POST":
        payload = act_form.read_payload(form, request.POST.dict())
    refusal = check(payload) if step in {"check", "sign"} else None
    if proposed and check(payload) is None:
        step = "check"
    seen = digest(payload)
    if step == "sign" and refusal is None and request.POST.get("seen") == seen:
        result, case = say(payload)
        if not isinstance(result, Refusal):
            messages.success(request, _("Signed and released. The receipt follows."))
            return redirect(_AFTERWARDS.get(request.POST.get("then", ""), "desk:dossier"), case)
        refusal = result
    inputs = act_form.controls(form, payload, spoken, extra + (step == "row"))
    values = {
        **frame,
        "form": inputs,
        "n_rows": extra + 1,
        "refusal": refusal.text(spoken) if refusal else "",
        "refusal_code": refusal.code if refusal else "",
        "facts": act_form.fact_lines(form, payload, spoken),
        "canonical": canonical_bytes(payload).decode("utf-8"),
        "seen": seen,
        "list_url": list_url(frame["place"]),
        "hidden": list(request.POST.items()) or act_form.filled(inputs),
    }
    is_shown = step in {"check", "sign"} and refusal is None
    template = "act_check.html" if is_shown else "act.html"
    return show(request, template, values, place=frame["place"], status=422 if refusal else 200)


def _rule(shape: Definition, name: str) -> ActRule:
    rule = shape.acts.get(name)
    if rule is None:
        raise RefusedError(
            "{procedure} has no act {act}.",
            code="procedure.unknown-act",
            procedure=shape.id,
            act=name[:40],
        )
    return rule
