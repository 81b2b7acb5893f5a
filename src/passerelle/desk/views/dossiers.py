"""Dossiers: the inbox by deadline, one dossier, and saying an act in two steps.

Before anything is signed, a page shows exactly what will be signed. The second step carries the digest
of what was shown: when the act would not be the same any more, it is shown again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from passerelle.desk.boards import act_form
from passerelle.desk.boards import dossiers as board
from passerelle.desk.frame import show
from passerelle.desk.views.page import actor_of, can, clock, page
from passerelle.kernel.canonical import canonical_bytes, digest
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.accounts.rules import require
from passerelle.node.dossiers import domain
from passerelle.node.dossiers.kinds import PARTS, holders
from passerelle.node.dossiers.models import Corridor, Dossier
from passerelle.node.dossiers.queries import inbox, open_dossier_value
from passerelle.node.reinforcement.proposals import proposal
from passerelle.procedures.engine import allowed
from passerelle.procedures.forms import form_of
from passerelle.procedures.loading import definition
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from passerelle.kernel.canonical import Json
    from passerelle.node.accounts.models import User
    from passerelle.node.exchange.acts import Release
    from passerelle.procedures.definition import ActRule, Definition
    from passerelle.procedures.dossier import Dossier as DossierValue

__all__ = ["act", "dossier", "own_roles", "requests", "start"]

_MOST_ROWS = 40
_NAMING = frozenset({"name", "replace"})
"""Acts that carry persons' data; their fields are shown to those who may see a roll."""
_REQUESTS = ("reinforcement", "arrangement")
_PLACES = {
    Action.VIEW_DOSSIERS: "requests",
    Action.VIEW_INFORMATION: "information",
    Action.VIEW_REGISTER: "commitments",
    Action.VIEW_JUDICIAL: "judicial",
    Action.VIEW_CASES: "cases",
    Action.VIEW_RIGHTS: "rights",
}
"""Part of the desk in which the dossiers of a part are shown."""
_OPENS = {
    Action.VIEW_DOSSIERS: Action.DRAFT_REQUEST,
    Action.VIEW_INFORMATION: Action.WRITE_INFORMATION,
    Action.VIEW_REGISTER: Action.WRITE_REGISTER,
}
"""What one must be allowed to do to open a dossier of a part; to see it where nothing is named."""


@require_GET
@page(Action.VIEW_DOSSIERS)
def requests(request: HttpRequest) -> HttpResponse:
    """List the dossiers, the next deadline first."""
    now = clock().now()
    rows = inbox().filter(procedure__in=_REQUESTS)
    lines = board.inbox_lines(rows, now, _language())
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
        "corridors": Corridor.objects.all(),
        "openings": _openings(request),
    }
    return show(request, "requests.html", values, place="requests")


@require_GET
@page(None)
def dossier(request: HttpRequest, case: str) -> HttpResponse:
    """Show what each side said, what is due, and what may be said now."""
    place = _require_part(request, case)
    row, heard, found = open_dossier_value(case, actor=actor_of(request), clock=clock())
    now, language = clock().now(), _language()
    hides = frozenset[str]() if can(request, Action.VIEW_ROLL) else _NAMING
    said, refused = board.step_lines(found, heard, language, hides)
    acts = []
    for role in own_roles(request, found.definition, heard.side):
        office = found.definition.roles[role].labels.get(language)
        for one in allowed(found, role, heard.side, now):
            reason = "" if one.refusal is None else one.refusal.text(language)
            acts.append((role, office, one.rule.name, one.rule.labels.get(language), reason))
    values = {
        "row": row,
        "procedure": found.definition.labels.get(language),
        "state": found.current.labels.get(language),
        "said": said,
        "refused": refused,
        "deadlines": board.deadline_lines(found, now, language),
        "allowed": [one for one in acts if not one[4]],
        "not_allowed": [one for one in acts if one[4]],
        "pending": [found.definition.acts[name].labels.get(language) for name in found.signatures],
        "n_closed": heard.n_closed,
    }
    return show(request, "dossier.html", values, place=place)


@require_http_methods(["GET", "POST"])
@page(None)
def act(request: HttpRequest, case: str, role: str, name: str) -> HttpResponse:
    """Fill an act in, see exactly what will be signed, and say it."""
    place = _require_part(request, case)
    _row, heard, found = open_dossier_value(case, actor=actor_of(request), clock=clock())
    rule = _rule(found.definition, name)
    payload: dict[str, Json] = {}
    if request.method == "GET":
        payload = _filled_in(request, _row, found, rule)

    def check(fields: dict[str, Json]) -> Refusal | None:
        result = domain.check_act(case, name, fields, role, actor=actor_of(request), clock=clock())
        return result if isinstance(result, Refusal) else None

    def say(fields: dict[str, Json]) -> Release | Refusal:
        return domain.say(case, name, fields, role, actor=actor_of(request), clock=clock())

    frame = {
        "row": _row,
        "rule": rule,
        "words": rule.labels.get(_language()),
        "office": found.definition.roles[role].labels.get(_language()),
        "procedure": found.definition,
        "side": heard.side,
        "place": place,
        "back": case,
    }
    return _two_steps(
        request, rule, payload, frame=frame, check=check, say=lambda fields: (say(fields), case)
    )


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
    require(cast("User", request.user), _OPENS.get(part, part))  # as in _may_speak
    roles = [role for role in rule.who if _may_speak(request, procedure, role)]
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
        "words": rule.labels.get(_language()),
        "office": shape.roles[roles[0]].labels.get(_language()),
        "procedure": shape,
        "peer": peer,
        "place": _PLACES[part],
        "back": "",
    }
    return _two_steps(request, rule, {}, frame=frame, check=check, say=say)


def _two_steps(
    request: HttpRequest,
    rule: ActRule,
    payload: dict[str, Json],
    *,
    frame: dict[str, Any],  # Any: template context
    check: Any,  # Any: a local function
    say: Any,  # Any: a local function
) -> HttpResponse:
    """Fill in, check, sign: the second step says only what the first has shown."""
    form, language = form_of(rule), _language()
    step = request.POST.get("step", "fill")
    extra = min(int(request.POST.get("rows", "0") or 0), _MOST_ROWS) if step == "row" else 0
    if request.method == "POST":
        payload = act_form.read_payload(form, request.POST.dict())
    refusal = check(payload) if step in {"check", "sign"} else None
    seen = digest(payload)
    if step == "sign" and refusal is None and request.POST.get("seen") == seen:
        result, case = say(payload)
        if not isinstance(result, Refusal):
            messages.success(request, _("Signed and released. The receipt follows."))
            return redirect("desk:dossier", case)
        refusal = result
    values = {
        **frame,
        "form": act_form.controls(form, payload, language, extra + (step == "row")),
        "n_rows": extra + 1,
        "refusal": refusal.text(language) if refusal else "",
        "refusal_code": refusal.code if refusal else "",
        "facts": act_form.fact_lines(form, payload, language),
        "canonical": canonical_bytes(payload).decode("utf-8"),
        "seen": seen,
        "hidden": list(request.POST.items()) if step in {"check", "sign"} else [],
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


def _openings(request: HttpRequest) -> list[tuple[str, str, str]]:
    """List what the visitor may open: procedure, act, words."""
    found = []
    for name in _REQUESTS:
        shape = definition(name)
        for rule in shape.opening_acts.values():
            if any(_may_speak(request, name, role) for role in rule.who):
                words = f"{shape.labels.get(_language())}: {rule.labels.get(_language())}"
                found.append((name, rule.name, words))
    return found


def own_roles(request: HttpRequest, shape: Definition, side: str) -> list[str]:
    """Return the roles of a procedure in which the visitor may speak."""
    return [
        name
        for name in shape.roles
        if shape.has_role(name, side) and _may_speak(request, shape.id, name)
    ]


def _may_speak(request: HttpRequest, procedure: str, role: str) -> bool:
    roles = cast("User", request.user).roles  # the middleware lets only our users in
    return not roles.isdisjoint(holders(procedure, role))


def _require_part(request: HttpRequest, case: str) -> str:
    """Refuse who may not see the part a dossier belongs to; return where it is shown."""
    procedure = Dossier.objects.filter(case=case).values_list("procedure", flat=True).first()
    if procedure is None:
        raise RefusedError("There is no dossier {case}.", code="dossiers.unknown", case=case[:32])
    action = PARTS.get(procedure, Action.VIEW_DOSSIERS)
    require(cast("User", request.user), action)  # as above
    return _PLACES[action]


def _language() -> str:
    return get_language() or "en"
