"""The plan: overview, solve, stop, live progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from passerelle.desk import formats
from passerelle.desk.boards import overview as board
from passerelle.desk.boards.jobs import job_line
from passerelle.desk.drawings import charts
from passerelle.desk.frame import show
from passerelle.desk.templatetags.desk import day, num, pct
from passerelle.desk.views.page import actor_of, can, clock, event_page
from passerelle.desk.words import term_name
from passerelle.node.accounts.enums import Action
from passerelle.node.jobs.domain import request_stop
from passerelle.node.jobs.queries import find_job, running_job, series_of
from passerelle.node.plans import domain
from passerelle.node.plans.enums import PlanState
from passerelle.node.plans.queries import versions_of
from passerelle.node.reinforcement.overview import unacknowledged_duties

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from passerelle.desk.boards.overview import Cover, TracePoint
    from passerelle.desk.facts import Facts
    from passerelle.node.plans.models import PlanVersion

__all__ = ["bound_drawing", "live", "overview", "solve", "stop"]


@dataclass(frozen=True, slots=True)
class _Figure:
    name: str
    value: SafeString
    unit: str
    note: str
    evidence: str
    url: str


@dataclass(frozen=True, slots=True)
class _Todo:
    state: str
    word: str
    text: str
    note: str
    count: int
    url: str


@require_GET
@event_page(Action.VIEW_PLANNING)
def overview(request: HttpRequest, facts: Facts) -> HttpResponse:
    """Show what the plan holds and how good it is."""
    code = facts.event.code
    version = facts.version
    cube = facts.cube
    sums = board.cover(cube) if cube else None
    days = board.day_lines(cube, facts.days, facts.zone) if cube else ()
    running = running_job(facts.event)
    versions = list(versions_of(facts.event)[:8])
    points = _trace(version)
    language = get_language() or "en"
    values = {
        "event": facts.event,
        "version": version,
        "job": job_line(running) if running else None,
        "can_plan": can(request, Action.START_PLAN) and sums is not None,
        "can_publish": can(request, Action.PUBLISH_PLAN),
        "headline": _headline(facts, sums),
        "deck": _deck(version, versions),
        "figures": _figures(code, version, sums),
        "days": [(line, _day_url(code, line)) for line in days],
        "force": _force_chart(days, language) if version else None,
        "trace": points,
        "bound_chart": bound_drawing(points, language),
        "terms": _terms(version),
        "todo": _todo(facts, sums, versions),
        "versions": versions,
    }
    return show(request, "overview.html", values, place="plan")


@require_POST
@event_page(Action.START_PLAN)
def solve(request: HttpRequest, facts: Facts) -> HttpResponse:
    """Queue a solve."""
    text = request.POST.get("seconds", "")
    domain.start_plan(
        facts.event,
        actor=actor_of(request),
        clock=clock(),
        seconds=int(text) if text.isdecimal() and len(text) < 6 else None,
    )
    return redirect("desk:overview", facts.event.code)


@require_POST
@event_page(Action.CANCEL_JOB)
def stop(request: HttpRequest, facts: Facts, key: str) -> HttpResponse:
    """Ask a solve to stop; the best plan so far is kept."""
    request_stop(key, actor=actor_of(request), clock=clock())
    messages.success(request, _("The search was asked to stop; the best plan so far is kept."))
    return redirect("desk:overview", facts.event.code)


@require_GET
@event_page(Action.VIEW_JOBS)
def live(request: HttpRequest, facts: Facts, key: str) -> HttpResponse:
    """Show how far a solve has come; status 286 tells the page that it is over."""
    job = job_line(find_job(key))
    if not job.is_active:
        return HttpResponse(status=286)
    values = {"event": facts.event, "version": facts.version, "job": job}
    return show(request, "overview_live.html", values, place="plan")


def _headline(facts: Facts, sums: Cover | None) -> str:
    if sums is None:
        return _("The need of this event has not been computed yet")
    if facts.version is None:
        return _("The need is known; there is no plan yet")
    language = get_language() or "en"
    ratio = formats.percent(sums.ratio, language, 2)
    if not sums.missing_hours:
        return _("The whole need is covered")
    return _("{ratio} of the need is covered; {hours} officer-hours are missing").format(
        ratio=formats.isolated(ratio),
        hours=formats.isolated(formats.number(sums.missing_hours, language)),
    )


def _deck(version: PlanVersion | None, versions: Sequence[PlanVersion]) -> str:
    if version is None:
        return _("Solve to get a first plan with a proven bound.")
    shown = next((v for v in versions if v.state == PlanState.PUBLISHED), None)
    if version.state == PlanState.PUBLISHED and version.published_at:
        return _("Version {number} is published since {day}.").format(
            number=version.number, day=day(version.published_at)
        )
    if shown is not None:
        return _(
            "Version {number}, draft from {day}. Version {other} is published until then."
        ).format(number=version.number, day=day(version.created_at), other=shown.number)
    return _("Version {number}, draft from {day}. Nothing is published yet.").format(
        number=version.number, day=day(version.created_at)
    )


def _figures(code: str, version: PlanVersion | None, sums: Cover | None) -> list[_Figure]:
    if sums is None or version is None:
        return []
    coverage = reverse("desk:coverage", args=[code])
    asked = f"version={version.number}"
    return [
        _Figure(
            _("Coverage"),
            pct(sums.ratio, 2),
            "",
            _("of the central need, in officer-hours"),
            _("By site and shift"),
            f"{coverage}?scale=event&{asked}",
        ),
        _Figure(
            _("Not covered"),
            num(sums.missing_hours),
            _("officer-hours"),
            ngettext("at {n} site", "at {n} sites", sums.n_sites).format(n=sums.n_sites),
            _("Where and when"),
            f"{coverage}?scale=event&gaps=1&{asked}",
        ),
        _Figure(
            _("Value"),
            num(version.value),
            _("points"),
            _("less is better"),
            _("What it is made of"),
            "#terms",
        ),
        _Figure(
            _("Proven bound"),
            num(version.bound),
            _("points"),
            _("no plan at all costs less"),
            _("How it was proven"),
            "#proof",
        ),
        _Figure(
            _("Optimality gap"),
            pct(version.gap, 2),
            "",
            _("all that a better plan could still save"),
            _("Over the time of the search"),
            "#proof",
        ),
    ]


def _terms(version: PlanVersion | None) -> list[dict[str, object]]:
    terms: Mapping[str, float] = version.terms if version else {}
    total = sum(terms.values()) or 1
    ordered = sorted(terms.items(), key=lambda pair: -pair[1])
    return [
        {"name": term_name(name), "points": points, "share": points / total}
        for name, points in ordered
        if points
    ]


def _trace(version: PlanVersion | None) -> tuple[TracePoint, ...]:
    if version is None or version.job_id is None or version.job is None:
        return ()
    return board.trace((p.seconds, p.value, p.bound) for p in series_of(version.job))


def bound_drawing(points: Sequence[TracePoint], language: str) -> SafeString | None:
    """Draw value and bound over the seconds of a search; ``None`` before the first plan."""
    values = [(p.seconds, p.value) for p in points if p.value is not None]
    bounds = [(p.seconds, p.bound) for p in points if p.bound is not None]
    if not values:
        return None
    last = points[-1]
    return charts.bound_chart(
        values,
        bounds,
        title=_("Best value and proven bound over the seconds of the search"),
        description=_("It ends with a gap of {gap}.").format(
            gap=formats.isolated(formats.percent(last.gap, language, 2))
            if last.gap is not None
            else "–"
        ),
        value_word=_("best plan"),
        bound_word=_("proven bound"),
        language=language,
        mirrored=get_language_bidi(),
    )


def _force_chart(days: Sequence[board.DayLine], language: str) -> SafeString | None:
    if not days:
        return None
    most = max(days, key=lambda line: line.slice.missing_hours)
    return charts.force_chart(
        [(formats.day_short(line.day, language), line.need, line.have) for line in days],
        title=_("People needed and people on duty, hour by hour"),
        description=_("Most is missing on {day}.").format(day=formats.day(most.day, language)),
        language=language,
        mirrored=get_language_bidi(),
    )


def _day_url(code: str, line: board.DayLine) -> str:
    return f"{reverse('desk:coverage', args=[code])}?scale=day&from={line.day:%Y-%m-%d}"


def _todo(facts: Facts, sums: Cover | None, versions: Sequence[PlanVersion]) -> list[_Todo]:
    code = facts.event.code
    coverage = reverse("desk:coverage", args=[code])
    found = []
    if facts.version and sums and sums.n_critical_sites:
        found.append(
            _Todo(
                "critical",
                pgettext("coverage", "critical"),
                _("Sites with a post below its minimum"),
                _("Ask for help, or set the post aside knowingly."),
                sums.n_critical_sites,
                f"{coverage}?scale=event&gaps=1",
            )
        )
    drafts = [v for v in versions if v.state == PlanState.DRAFT and not v.n_violations]
    if drafts and (facts.version is None or drafts[0].number >= facts.version.number):
        found.append(
            _Todo(
                "live",
                _("open"),
                _("Newest draft, waiting to be published"),
                _("See who would be moved before you publish."),
                drafts[0].number,
                reverse("desk:publish", args=[code, drafts[0].number]),
            )
        )
    found += _duties_todo(facts)
    assumptions = facts.programme.assumptions
    if assumptions:
        found.append(
            _Todo(
                "short",
                _("open"),
                _("Facts to ask for"),
                _("The need stands on defaults until somebody gives them."),
                len(assumptions),
                f"{reverse('desk:need', args=[code])}#assumptions",
            )
        )
    return found


def _duties_todo(facts: Facts) -> list[_Todo]:
    """Name what waits for an acknowledgement: ours of others' duties, and the partners' of theirs."""
    url = reverse("desk:reinforcement", args=[facts.event.code])
    asked, asking = (unacknowledged_duties(facts.event.code, side) for side in ("host", "partner"))
    found = []
    if asking:
        found.append(
            _Todo(
                "short",
                _("open"),
                _("Duties of our people to acknowledge"),
                _("The host waits to hear that our people know them."),
                asking,
                f"{url}?side=partner",
            )
        )
    if asked:
        found.append(
            _Todo(
                "short",
                _("open"),
                _("Partners that have not acknowledged their duties"),
                _("Until they do, nobody knows that their people know."),
                asked,
                url,
            )
        )
    return found
