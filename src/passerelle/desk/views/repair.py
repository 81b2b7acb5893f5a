"""Repair the published plan: choose what happened, see what would be touched, keep or drop it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from passerelle.desk.boards.places import site_lines
from passerelle.desk.boards.repair import touched_lines
from passerelle.desk.frame import show
from passerelle.desk.views.page import actor_of, can, clock, event_page
from passerelle.desk.words import KINDS, capability_name
from passerelle.kernel.problems import InputError
from passerelle.node.accounts.enums import Action
from passerelle.node.jobs.queries import running_job
from passerelle.node.plans import domain
from passerelle.node.plans.enums import PlanState
from passerelle.node.plans.queries import published, versions_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from passerelle.desk.facts import Facts
    from passerelle.node.plans.models import PlanVersion

__all__ = ["CHANGES", "repair"]

_MOST_LINES = 300

CHANGES = {
    "session-moved": (gettext_lazy("A session is moved"), ("session", "start")),
    "session-added": (gettext_lazy("A session is added"), ("new", "like", "start")),
    "session-cancelled": (gettext_lazy("A session is cancelled"), ("session",)),
    "contingent-late": (gettext_lazy("A contingent comes late"), ("contingent", "start")),
    "contingent-smaller": (gettext_lazy("A group has fewer crews"), ("group", "crews")),
    "contingent-gone": (gettext_lazy("A contingent leaves"), ("contingent",)),
    "crew-ill": (gettext_lazy("Crews are ill"), ("group", "start", "end", "crews")),
    "risk-raised": (gettext_lazy("The risk of a session is raised"), ("session", "risk")),
    "site-closed": (gettext_lazy("A site is closed"), ("site", "start", "end")),
    "post-added": (
        gettext_lazy("A post is added"),
        ("post", "site", "capability", "start", "end", "crews"),
    ),
}
"""Words and fields of each kind of change."""

_WORDS = {
    "session": gettext_lazy("Session"),
    "new": gettext_lazy("Code of the new session"),
    "like": gettext_lazy("A session like it"),
    "start": pgettext_lazy("time", "From"),
    "end": pgettext_lazy("time", "Until"),
    "contingent": gettext_lazy("Contingent"),
    "group": gettext_lazy("Group"),
    "crews": gettext_lazy("Crews"),
    "risk": gettext_lazy("Risk, 1 to 5"),
    "site": gettext_lazy("Site"),
    "capability": gettext_lazy("Capability"),
    "post": gettext_lazy("Code of the post"),
}


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of the form: its name, words, type and choices."""

    name: str
    words: str
    type: str
    choices: Sequence[tuple[str, str]]
    value: str


@require_http_methods(["GET", "POST"])
@event_page(Action.VIEW_PLANNING)
def repair(request: HttpRequest, facts: Facts) -> HttpResponse:
    """Show the form and the newest repair; queue another, or drop a draft."""
    issues: list[str] = []
    data = request.POST if request.method == "POST" else request.GET
    kind = data.get("kind", "")
    kind = kind if kind in CHANGES else next(iter(CHANGES))
    if request.method == "POST" and "drop" in data:
        number = data["drop"]
        version = facts.event.plans.filter(number=int(number) if number.isdecimal() else 0).first()
        if version is not None:
            domain.drop(version, actor=actor_of(request), clock=clock())
            messages.success(request, _("The repair is dropped; the published plan stands."))
        return redirect("desk:repair", facts.event.code)
    if request.method == "POST":
        from passerelle.planning.formats.change_file import change_of  # noqa: PLC0415 - slow import

        entry = _entry(facts, kind, {name: data.get(name, "") for name in CHANGES[kind][1]})
        try:
            change_of(entry)
        except InputError as error:
            issues = [
                _("{field}: expected {expected}").format(
                    field=_words_of(issue.column.rpartition(".")[2]), expected=issue.expected
                )
                for issue in error.issues
            ]
        else:
            job = domain.start_repair(facts.event, entry, actor=actor_of(request), clock=clock())
            return redirect("desk:job", facts.event.code, job.key)
    standing = published(facts.event)
    drafts = [v for v in versions_of(facts.event)[:20] if v.repair is not None]
    newest = next((v for v in drafts if v.state == PlanState.DRAFT), None)
    lines = touched_lines(newest, facts.zone) if newest is not None else ()
    values = {
        "event": facts.event,
        "version": facts.version,
        "standing": standing,
        "newest": newest,
        "newest_words": _kind_words(newest),
        "lines": lines[:_MOST_LINES],
        "n_more": max(0, len(lines) - _MOST_LINES),
        "kinds": [(code, words) for code, (words, _names) in CHANGES.items()],
        "kind": kind,
        "fields": _fields(facts, kind, data.get),
        "issues": issues,
        "busy": running_job(facts.event),
        "may_start": can(request, Action.START_PLAN) and standing is not None,
        "may_publish": can(request, Action.PUBLISH_PLAN),
    }
    return show(request, "repair.html", values, place="plan")


def _kind_words(version: PlanVersion | None) -> str:
    """Return the words of the change that a version repairs."""
    if version is None or version.repair is None:
        return ""
    return str(CHANGES[version.repair["change"]["kind"]][0])


def _words_of(name: str) -> str:
    return str(_WORDS.get(name, name))


def _entry(facts: Facts, kind: str, texts: dict[str, str]) -> dict[str, str | int]:
    """Return the plain values of a change from the texts of the form; local time becomes UTC."""
    entry: dict[str, str | int] = {"kind": kind}
    for name, text in texts.items():
        key = "session" if name == "new" else name
        if name in {"start", "end"}:
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                entry[key] = text
            else:
                local = moment if moment.tzinfo else moment.replace(tzinfo=facts.zone)
                entry[key] = local.isoformat()
        elif name in {"crews", "risk"}:
            entry[key] = int(text) if text.isdecimal() and len(text) < 6 else text
        else:
            entry[key] = text.strip()
    return entry


def _fields(facts: Facts, kind: str, get: object) -> list[_Field]:
    """Return the fields of a kind of change with what may be chosen."""
    assert callable(get)
    found = []
    for name in CHANGES[kind][1]:
        types = {"start": "datetime-local", "end": "datetime-local", "crews": "number"}
        found.append(
            _Field(
                name,
                _words_of(name),
                "number" if name == "risk" else types.get(name, "text"),
                _choices(facts, name),
                str(get(name) or ""),
            )
        )
    return found


def _choices(facts: Facts, name: str) -> Sequence[tuple[str, str]]:
    if name in {"session", "like"}:
        return [
            (s.id, f"{s.id} – {s.title} – {s.interval.start.astimezone(facts.zone):%d.%m. %H:%M}")
            for s in facts.programme.sessions
        ]
    if name == "contingent":
        return [(c.id, f"{c.id} – {c.name}") for c in facts.force.contingents]
    if name == "group":
        return [(g.id, f"{g.id} – {g.name}") for g in facts.force.groups]
    if name == "site":
        lines = site_lines(facts.programme, get_language() or "en", KINDS)
        return [(line.code, line.name) for line in lines]
    if name == "capability":
        codes = sorted({c for g in facts.force.groups for c in g.capabilities})
        return [(code, capability_name(code)) for code in codes]
    return ()
