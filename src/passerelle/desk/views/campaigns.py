"""Campaigns: draft requests from the gap, edit them, see exactly what will be signed, send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.shortcuts import redirect
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from passerelle.desk.boards.act_form import fact_lines
from passerelle.desk.boards.campaigns import (
    campaign_defaults,
    line_rows,
    problem_words,
    read_line,
)
from passerelle.desk.boards.jobs import job_line
from passerelle.desk.frame import show
from passerelle.desk.views.page import actor_of, can, clock, event_page
from passerelle.kernel.canonical import canonical_bytes, digest
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.dossiers.models import Corridor, Dossier
from passerelle.node.reinforcement import sending
from passerelle.node.reinforcement.drafting import (
    BASES,
    HEADER_FIELDS,
    add_line,
    draft_campaign,
    edit_header,
    edit_line,
)
from passerelle.node.reinforcement.posting import sending_of
from passerelle.procedures.forms import form_of
from passerelle.procedures.loading import definition
from passerelle.procedures.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from passerelle.desk.facts import Facts
    from passerelle.kernel.canonical import Json
    from passerelle.node.reinforcement.models import Campaign, DraftLine, Thread
    from passerelle.procedures.values import Refusal

__all__ = ["acts", "campaign", "find_campaign", "find_thread", "header", "new", "thread"]


@require_http_methods(["GET", "POST"])
@event_page(Action.DRAFT_REQUEST)
def new(request: HttpRequest, facts: Facts) -> HttpResponse:
    """Choose what counts as covered and whom to ask, and draft."""
    corridors = list(Corridor.objects.order_by("peer_state"))
    if request.method == "POST":
        made = draft_campaign(
            facts.event,
            basis=_one_of(request.POST.get("basis", ""), BASES),
            answer_by=_instant(request.POST.get("answer_by", "")),
            header=_header(request),
            peers=request.POST.getlist("peers"),
            title=request.POST.get("title", ""),
            language=_language(),
            actor=actor_of(request),
            clock=clock(),
            version=facts.version,
        )
        return redirect("desk:campaign", facts.event.code, made.number)
    values = {
        "event": facts.event,
        "version": facts.version,
        "corridors": corridors,
        "bases": _basis_words(),
        "basis": "hosts" if facts.version else "nobody",
        "answer_by": (clock().now() + timedelta(days=21)).strftime("%Y-%m-%dT%H:00"),
        "fields": _header_fields(campaign_defaults(facts.event.host)),
        "title": _("Wave {number}").format(number=facts.event.campaigns.count() + 1),
    }
    return show(request, "campaign_new.html", values, place="reinforcement")


@require_GET
@event_page(Action.VIEW_DOSSIERS)
def campaign(request: HttpRequest, facts: Facts, number: int) -> HttpResponse:
    """Show the threads of a campaign: what each partner is asked and where its dossier stands."""
    found = find_campaign(facts, number)
    threads = list(_with_sums(found.threads.all()))
    sums = [_sums(one) for one in threads]
    language = _language()
    states = definition("reinforcement").states
    rows = {
        row.case: row
        for row in Dossier.objects.filter(case__in=[t.case for t in threads if t.case])
    }
    lines: list[dict[str, Any]] = []  # Any: values of a template
    for one in threads:
        row = rows.get(one.case)
        lines.append(
            {
                "thread": one,
                "problem": problem_words(one, language),
                "step": states[row.state].labels.get(language) if row else "",
                "due_at": row.due_at if row else None,
            }
        )
    job = sending_of(found)
    values = {
        "event": facts.event,
        "version": facts.version,
        "campaign": found,
        "job": job_line(job) if job else None,
        "basis": dict(_basis_words())[found.basis],
        "lines": lines,
        "n_people": sum(people for _, people in sums),
        "n_lines": sum(lines for lines, _ in sums),
        "n_waiting": sum(
            1 for one, (n, _) in zip(threads, sums, strict=True) if not one.case and n
        ),
        "n_sent": sum(1 for one in threads if one.case),
        "fields": _header_fields(found.header),
        "answer_by": found.answer_by.astimezone(UTC).strftime("%Y-%m-%dT%H:%M"),
        "may_draft": can(request, Action.DRAFT_REQUEST),
        "may_sign": can(request, Action.SIGN_ACT),
    }
    return show(request, "campaign.html", values, place="reinforcement")


@require_http_methods(["GET", "POST"])
@event_page(Action.VIEW_DOSSIERS)
def thread(request: HttpRequest, facts: Facts, number: int, peer: str) -> HttpResponse:
    """Edit the lines of one partner's request; show its exact fields beside them."""
    found = find_thread(find_campaign(facts, number), peer)
    rows = list(found.lines.all())
    problems: list[tuple[str, str]] = []
    if request.method == "POST":
        problems = _save_lines(request, found, rows)
        if not problems:
            messages.success(request, _("Saved. Nothing was said to anybody yet."))
            return redirect("desk:campaign-thread", facts.event.code, number, peer)
    shown = sending.prepared(found.campaign, threads=[found])
    payload = shown[0].payload if shown else {}
    rule = definition("reinforcement").acts["request"]
    refusal = shown[0].refusal if shown else None
    values = {
        "event": facts.event,
        "version": facts.version,
        "campaign": found.campaign,
        "thread": found,
        "rows": line_rows(rows, _language()),
        "problems": problems,
        "may_edit": can(request, Action.DRAFT_REQUEST) and not found.case,
        "facts": fact_lines(form_of(rule), payload, _language()),
        "canonical": canonical_bytes(payload).decode("utf-8") if payload else "",
        "seen": digest(payload) if payload else "",
        "refusal": refusal.text(_language()) if refusal else "",
        "is_long": refusal is not None and refusal.code == "campaign.long",
    }
    return show(
        request, "campaign_thread.html", values, place="reinforcement",
        status=422 if problems else 200,
    )  # fmt: skip


@require_POST
@event_page(Action.DRAFT_REQUEST)
def header(request: HttpRequest, facts: Facts, number: int) -> HttpResponse:
    """Change the fields of every request that is not sent yet."""
    found = find_campaign(facts, number)
    until = _instant(request.POST.get("answer_by", ""))
    edit_header(found, {**found.header, **_header(request)}, until, actor=actor_of(request))
    messages.success(request, _("Saved. Nothing was said to anybody yet."))
    return redirect("desk:campaign", facts.event.code, number)


@require_POST
@event_page(Action.SIGN_ACT)
def acts(request: HttpRequest, facts: Facts, number: int) -> HttpResponse:
    """Give chosen partners more time or withdraw their requests: shown first, then signed."""
    found = find_campaign(facts, number)
    peers = request.POST.getlist("peers")
    chosen = [one for one in found.threads.all() if one.peer in peers and one.case]
    if not chosen:
        messages.error(request, _("Choose at least one partner whose request was sent."))
        return redirect("desk:campaign", facts.event.code, number)
    reason = request.POST.get("reason", "").strip()[:200]
    if not reason:
        messages.error(request, _("Give a reason: it is signed and the partner reads it."))
        return redirect("desk:campaign", facts.event.code, number)
    act = _one_of(request.POST.get("act", ""), ("withdraw", "amend"))
    if act == "withdraw":
        shown = sending.withdrawal(chosen, reason=reason)
    else:
        shown = sending.extension(chosen, _instant(request.POST.get("until", "")), reason=reason)
    seen = sending.seen_of(shown)
    if request.POST.get("seen") == seen:
        refusals = sending.say_shown(shown, seen=seen, actor=actor_of(request), clock=clock())
        _tell(request, chosen, refusals)
        return redirect("desk:campaign", facts.event.code, number)
    rule = definition("reinforcement").acts[act]
    language = _language()
    values = {
        "event": facts.event,
        "version": facts.version,
        "campaign": found,
        "words": rule.labels.get(language),
        "office": definition("reinforcement").roles["directorate"].labels.get(language),
        "shown": [
            {
                "thread": one.thread,
                "facts": fact_lines(
                    form_of(rule), {k: v for k, v in one.payload.items() if k != "lines"}, language
                ),
                "n_lines": len(_listed(one.payload.get("lines"))),
                "digest": digest(one.payload),
                "refusal": one.refusal.text(language) if one.refusal else "",
            }
            for one in shown
        ],
        "seen": seen,
        "hidden": {name: request.POST.get(name, "") for name in ("act", "until", "reason")},
        "peers": peers,
    }
    return show(request, "campaign_acts.html", values, place="reinforcement")


def _listed(value: Json) -> list[Json]:
    return list(value) if isinstance(value, list | tuple) else []


def _tell(
    request: HttpRequest, chosen: Sequence[Thread], refusals: Sequence[Refusal | None]
) -> None:
    for one, refusal in zip(chosen, refusals, strict=True):
        if refusal is not None:
            messages.error(request, f"{one.state}: {refusal.text(_language())}")
    n_done = sum(1 for one in refusals if one is None)
    if n_done:
        words = ngettext(
            "{n} act was signed and released.", "{n} acts were signed and released.", n_done
        )
        messages.success(request, words.format(n=n_done))


def find_campaign(facts: Facts, number: int) -> Campaign:
    """Return a campaign of an event.

    Raises
    ------
    RefusedError
        With code ``campaign.unknown``.
    """
    found = facts.event.campaigns.select_related("event", "plan").filter(number=number).first()
    if found is None:
        raise RefusedError(
            "Event {event} has no campaign {number}.",
            code="campaign.unknown",
            event=facts.event.code,
            number=number,
        )
    return found


def find_thread(found: Campaign, peer: str) -> Thread:
    """Return the thread of a campaign with one partner.

    Raises
    ------
    RefusedError
        With code ``campaign.unknown-thread``.
    """
    one = found.threads.select_related("campaign__event").filter(peer=peer).first()
    if one is None:
        raise RefusedError(
            "Nothing is asked of {peer} here.", code="campaign.unknown-thread", peer=peer[:64]
        )
    return one


def _sums(thread: Thread) -> tuple[int, int]:
    """Return lines and people of a thread as annotated by :func:`_with_sums`."""
    values = vars(thread)
    return int(values["n_lines"]), int(values["n_people"] or 0)


def _with_sums(threads: QuerySet[Thread]) -> QuerySet[Thread]:
    meant = Q(lines__is_out=False)
    return threads.annotate(
        n_lines=Count("lines", filter=meant),
        n_people=Sum("lines__people", filter=meant),
        n_posts=Sum("lines__posts", filter=meant),
    )


def _save_lines(
    request: HttpRequest, found: Thread, rows: list[DraftLine]
) -> list[tuple[str, str]]:
    problems: list[tuple[str, str]] = []
    for row in rows:
        changes, wrong = read_line(row, request.POST)
        if wrong:
            problems.append((row.code, wrong))
        elif changes:
            refusal = edit_line(row, changes, actor=actor_of(request))
            if refusal is not None:
                problems.append((row.code, refusal.text(_language())))
    like = request.POST.get("repeat", "")
    if not problems and like:
        source = next((row for row in rows if row.code == like), None)
        if source is not None:
            add_line(found, source, actor=actor_of(request))
    return problems


def _header(request: HttpRequest) -> dict[str, Json]:
    header: dict[str, Json] = {name: request.POST.get(name, "").strip() for name in HEADER_FIELDS}
    header["handling"] = {
        "tlp": _one_of(request.POST.get("tlp", "AMBER"), ("GREEN", "AMBER", "AMBER+STRICT", "RED")),
        "police": "H0",
    }
    header["languages"] = [
        one for one in request.POST.get("languages", "fr").replace(",", " ").split() if one
    ]
    return header


def _header_fields(header: dict[str, Json]) -> list[dict[str, object]]:
    words = vocabulary().fields
    return [
        {"name": name, "words": words[name].get(_language()), "value": header.get(name, ""),
         "is_required": name != "political_context"}
        for name in HEADER_FIELDS
    ]  # fmt: skip


def _basis_words() -> list[tuple[str, str]]:
    return [
        ("hosts", _("the host’s own crews of the plan")),
        ("all", _("everybody in the plan, partners as well")),
        ("nobody", _("nobody: the whole need")),
    ]


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC, microsecond=0)
    except ValueError:
        raise RefusedError(
            "Expected a date and time, got {text}.", code="campaign.instant", text=text[:40]
        ) from None


def _one_of(text: str, known: tuple[str, ...]) -> str:
    return text if text in known else known[1]


def _language() -> str:
    return get_language() or "en"
