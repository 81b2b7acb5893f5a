"""The coverage table, and one of its cells in the side panel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from passerelle.desk import formats
from passerelle.desk.boards.asking import Asked
from passerelle.desk.boards.candidates import candidates
from passerelle.desk.boards.coverage import Scale, columns, coverage_board
from passerelle.desk.boards.cube import Step
from passerelle.desk.boards.places import site_lines
from passerelle.desk.drawings.heat import heat_body
from passerelle.desk.frame import show
from passerelle.desk.views.page import event_page
from passerelle.desk.words import KINDS, SCALES, STEPS, capability_name
from passerelle.kernel.times import Interval
from passerelle.node.accounts.enums import Action
from passerelle.node.plans.asking import ready

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from passerelle.desk.boards.asking import ShortAnswer
    from passerelle.desk.boards.coverage import Column, CoverageBoard, SiteLine
    from passerelle.desk.boards.cube import CoverageCube, Slice
    from passerelle.desk.facts import Facts

__all__ = ["coverage"]

_PEOPLE_SHOWN = 12
_CANDIDATES_SHOWN = 8
_EXPLAINED = 2


@dataclass(frozen=True, slots=True)
class _CapabilityLine:
    words: str
    slice: Slice
    step_words: str
    need_url: str


@dataclass(frozen=True, slots=True)
class _Standing:
    name: str
    state: str
    people: int
    start: datetime
    end: datetime
    url: str


@dataclass(frozen=True, slots=True)
class _CandidateLine:
    name: str
    state: str
    free: int
    cost: int
    words: str
    url: str


@require_GET
@event_page(Action.VIEW_PLANNING)
def coverage(request: HttpRequest, facts: Facts) -> HttpResponse:
    """Show sites by shift, and the open cell beside them."""
    code = facts.event.code
    cube = facts.cube
    values: dict[str, object] = {"event": facts.event, "version": facts.version}
    if cube is None:
        return show(request, "empty.html", values, place="coverage")
    language = get_language() or "en"
    scale = _scale(request.GET.get("scale", ""))
    capability = request.GET.get("capability", "")
    gaps_only = request.GET.get("gaps") == "1"
    at = request.GET.get("at", "")
    days = facts.days
    first = days[0] if scale is Scale.EVENT else facts.day(request.GET.get("from", ""))
    parts = columns(first, scale.n_days or len(days), scale, facts.zone, (cube.start, cube.end))
    lines = site_lines(facts.programme, language, KINDS)
    shown = cube.only(capability) if capability in cube.capabilities else cube
    board = coverage_board(shown, lines, parts, gaps_only=gaps_only)
    query = request.GET.copy()
    query.pop("at", None)
    query.pop("ask", None)
    prefix = f"?{query.urlencode()}&at=" if query else "?at="
    steps = timedelta(days=scale.n_days or 1)
    values |= {
        "board": board,
        "body": heat_body(
            board,
            language=language,
            words={step: str(words) for step, words in STEPS.items()},
            cell_query=prefix.replace("&", "&amp;"),
            site_path=reverse("desk:site", args=[code, "SITE"]),
            current=at,
        ),
        "headline": _headline(facts, board, language),
        "scale": scale.value,
        "scales": [{"key": key.value, "words": words} for key, words in SCALES.items()],
        "first": first,
        "before": f"{first - steps:%Y-%m-%d}" if scale.n_days and first > days[0] else "",
        "after": f"{first + steps:%Y-%m-%d}" if scale.n_days and first + steps <= days[-1] else "",
        "all_days": days,
        "capability": capability,
        "capabilities": capability_choices(cube),
        "gaps_only": gaps_only,
        "cell": _cell(facts, cube, lines, parts, at, why=request.GET.get("ask") == "why")
        if at
        else None,
    }
    return show(request, "coverage.html", values, place="coverage")


def capability_choices(cube: CoverageCube) -> list[dict[str, str]]:
    """List the capabilities of a cube by name, for a filter."""
    named = [{"code": code, "words": capability_name(code)} for code in cube.capabilities]
    return sorted(named, key=lambda choice: choice["words"])


def _scale(text: str) -> Scale:
    return Scale(text) if text in set(Scale) else Scale.WEEK


def _headline(facts: Facts, board: CoverageBoard, language: str) -> str:
    if facts.version is None:
        return _("What is needed; nobody is on duty, because there is no plan yet")
    if not board.missing_hours:
        return _("Nobody is missing in this window")
    rows = [row for _name, group in board.groups for row in group]
    worst = max(rows, key=lambda row: row.missing_hours, default=None)
    if worst is None:
        return _("Nobody is missing in this window")
    return _("{hours} officer-hours are missing in this window, most of them at {site}").format(
        hours=formats.isolated(formats.number(board.missing_hours, language)), site=worst.site.name
    )


def _cell(
    facts: Facts,
    cube: CoverageCube,
    lines: Sequence[SiteLine],
    parts: Sequence[Column],
    at: str,
    *,
    why: bool,
) -> dict[str, object] | None:
    """Say who is there, what is missing, why, and who could come."""
    site_code, _dot, key = at.rpartition(".")
    site = next((line for line in lines if line.code == site_code), None)
    part = next((part for part in parts if part.key == key), None) or _part(key, parts)
    if site is None or part is None or site_code not in cube.site_ids:
        return None
    here = cube.site(site_code)
    bounds = (cube.index(part.start), cube.index(part.end))
    whole = here.slices(bounds)[0][0]
    by_kind = [(code, here.only(code).slices(bounds)[0][0]) for code in here.capabilities]
    wanted = [(code, entry) for code, entry in by_kind if entry.step is not Step.NONE]
    wanted.sort(key=lambda pair: (-pair[1].missing_hours, -pair[1].need))
    standing = _standing(facts, site_code, part.start, part.end)
    short = [code for code, entry in wanted if entry.missing]
    need_url = reverse("desk:need", args=[facts.event.code])
    local = part.start.astimezone(facts.zone)
    return {
        "site": site,
        "start": part.start,
        "end": part.end,
        "slice": whole,
        "step_words": STEPS[whole.step],
        "lines": [
            _CapabilityLine(
                capability_name(code),
                entry,
                str(STEPS[entry.step]),
                f"{need_url}?site={site_code}&capability={code}&day={local:%Y-%m-%d}",
            )
            for code, entry in wanted
        ],
        "postings": standing[:_PEOPLE_SHOWN],
        "n_more": max(len(standing) - _PEOPLE_SHOWN, 0),
        "candidates": _candidates(facts, short[0], site_code, part) if short else [],
        "short": capability_name(short[0]) if short else "",
        "sessions": _sessions(facts, site_code, part.start, part.end),
        "is_asked": why,
        "answers": _why(facts, lines, site_code, short, part) if why else None,
    }


def _why(
    facts: Facts, lines: Sequence[SiteLine], site: str, short: Sequence[str], part: Column
) -> list[ShortAnswer] | None:
    """Ask the planner about the capabilities that are most short; ``None`` when it cannot tell."""
    published = None if facts.version is None else ready(facts.version)
    if published is None:
        return None
    board = Asked(facts, published, lines)
    found = [board.short(site, code, part.start, part.end) for code in short[:_EXPLAINED]]
    return [answer for answer in found if answer is not None]


def _part(key: str, parts: Sequence[Column]) -> Column | None:
    """Find the part that holds the instant of an address made for another scale."""
    try:
        instant = datetime.strptime(key, "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return next((part for part in parts if part.start <= instant < part.end), None)


def _standing(facts: Facts, site: str, start: datetime, end: datetime) -> list[_Standing]:
    table = facts.table
    if table is None or site not in table.sites:
        return []
    low, high = int(start.timestamp()), int(end.timestamp())
    here = table.duty_site == table.sites.index(site)
    rows = (here & (table.duty_start < high) & (table.duty_end > low)).nonzero()[0]
    groups = {group.id: group for group in facts.force.groups}
    sums: dict[tuple[str, int, int], int] = {}
    for row in rows.tolist():
        code = table.groups[table.duty_group[row]]
        key = (code, int(table.duty_start[row]), int(table.duty_end[row]))
        sums[key] = sums.get(key, 0) + int(table.duty_people[row])
    roster = reverse("desk:roster", args=[facts.event.code])
    return [
        _Standing(
            groups[code].name if code in groups else code,
            groups[code].owner if code in groups else "",
            people,
            datetime.fromtimestamp(first, UTC),
            datetime.fromtimestamp(last, UTC),
            f"{roster}?group={code}",
        )
        for (code, first, last), people in sorted(sums.items(), key=lambda pair: -pair[1])
    ]


def _candidates(facts: Facts, capability: str, site: str, part: Column) -> list[_CandidateLine]:
    if facts.table is None:
        return []
    found = candidates(facts.force, facts.table, capability, site, Interval(part.start, part.end))
    group_url = reverse("desk:group", args=[facts.event.code, "GROUP"])
    return [
        _CandidateLine(
            entry.group.name,
            entry.group.owner,
            entry.free,
            entry.cost,
            _blocked(entry.is_available, entry.may_stand_here, entry.on_duty, entry.resting),
            group_url.replace("GROUP", entry.group.id),
        )
        for entry in found[:_CANDIDATES_SHOWN]
    ]


def _blocked(is_available: bool, may_stand: bool, on_duty: int, resting: int) -> str:  # noqa: FBT001 - words of one entry
    if not is_available:
        return _("not here at this time")
    if not may_stand:
        return _("may not stand at this site")
    words = []
    if on_duty:
        words.append(ngettext("{n} on duty", "{n} on duty", on_duty).format(n=on_duty))
    if resting:
        words.append(ngettext("{n} at rest", "{n} at rest", resting).format(n=resting))
    return " · ".join(words) or _("nothing")


def _sessions(facts: Facts, site: str, start: datetime, end: datetime) -> list[dict[str, object]]:
    return [
        {
            "title": session.title,
            "start": session.interval.start,
            "end": session.interval.end,
            "url": reverse("desk:session", args=[facts.event.code, session.id]),
        }
        for session in facts.programme.sessions
        if session.venue_id == site
        and session.interval.start < end
        and session.interval.end > start
    ]
