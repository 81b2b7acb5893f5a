"""Places: the map with its list, all sites, one site."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.contrib.staticfiles import finders
from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from passerelle.desk import formats
from passerelle.desk.boards.coverage import Scale, columns
from passerelle.desk.boards.cube import Step
from passerelle.desk.boards.overview import day_lines
from passerelle.desk.boards.places import map_points, site_lines
from passerelle.desk.drawings import charts
from passerelle.desk.frame import show
from passerelle.desk.views.page import event_page, whole
from passerelle.desk.words import KINDS, STEPS, capability_name
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.configuration import configuration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse
    from django.utils.safestring import SafeString

    from passerelle.desk.boards.coverage import Column, SiteLine
    from passerelle.desk.boards.cube import Slice
    from passerelle.desk.boards.places import MapPoint
    from passerelle.desk.facts import Facts

__all__ = ["site", "site_map", "sites"]

_SIGNS: Final = {"none": "", "over": "▲", "met": "●", "short": "▽", "critical": "◆"}
_NEAR_DEGREES: Final = 8.0
DISPUTED: Final = ("504|732",)
"""Borders that the setting of this node decides on: Morocco and Western Sahara (ISO numbers)."""


@dataclass(frozen=True, slots=True)
class _Row:
    code: str
    name: str
    slice: Slice
    look: str
    words: str


@dataclass(frozen=True, slots=True)
class _SiteRow:
    code: str
    name: str
    city: str
    capacity: int | None
    n_sessions: int
    peak: int
    missing: float
    strip: SafeString


@require_GET
@event_page(Action.VIEW_PLANNING)
def site_map(request: HttpRequest, facts: Facts) -> HttpResponse:
    """Show where people are needed and are, shift by shift, beside the same as a list."""
    cube = facts.cube
    values: dict[str, object] = {"event": facts.event, "version": facts.version}
    if cube is None:
        return show(request, "empty.html", values, place="map")
    language = get_language() or "en"
    lines = site_lines(facts.programme, language, KINDS)
    period = (cube.start, cube.end)
    parts = columns(facts.days[0], len(facts.days), Scale.WEEK, facts.zone, period)
    bounds = [(cube.index(part.start), cube.index(part.end)) for part in parts]
    points = map_points(facts.programme, lines, cube, bounds)
    index = _part_index(request, facts, parts)
    words = [f"{formats.day(part.day, language)} {part.word}" for part in parts]
    inner = f"desk/outlines/{facts.event.host}.json"
    values |= {
        "part": {"words": words[index] if words else ""},
        "part_index": index,
        "last_part": max(len(parts) - 1, 0),
        "rows": [_map_row(point, index) for point in points],
        "picked": request.GET.get("site", ""),
        "inner": inner if finders.find(inner) else "",
        "disputed_look": configuration().disputed_borders,
        "facts": _map_facts(points, parts, words),
    }
    return show(request, "map.html", values, place="map")


@require_GET
@event_page(Action.VIEW_PLANNING)
def sites(request: HttpRequest, facts: Facts) -> HttpResponse:
    """List all sites by kind, with their need and what is missing."""
    language = get_language() or "en"
    programme = facts.programme
    counts = Counter(session.venue_id for session in programme.sessions)
    capacity = {venue.id: venue.capacity for venue in programme.venues}
    slices = _by_day(facts)
    groups: dict[str, list[_SiteRow]] = {}
    for line in site_lines(programme, language, KINDS):
        days = slices.get(line.code, [])
        groups.setdefault(line.group, []).append(
            _SiteRow(
                code=line.code,
                name=line.name,
                city=programme.sites[line.code].city,
                capacity=capacity.get(line.code),
                n_sessions=counts[line.code],
                peak=max((entry.need for entry in days), default=0),
                missing=sum(entry.missing_hours for entry in days) if facts.version else 0,
                strip=charts.strip(
                    [entry.step.value for entry in days], mirrored=get_language_bidi()
                ),
            )
        )
    n_sites = len(programme.sites)
    values = {
        "event": facts.event,
        "version": facts.version,
        "headline": ngettext("{n} site", "{n} sites", n_sites).format(n=n_sites),
        "groups": list(groups.items()),
    }
    return show(request, "sites.html", values, place="sites")


@require_GET
@event_page(Action.VIEW_PLANNING)
def site(request: HttpRequest, facts: Facts, site: str) -> HttpResponse:
    """Show one site: what happens there, what is needed, who comes."""
    language = get_language() or "en"
    programme = facts.programme
    line = next((e for e in site_lines(programme, language, KINDS) if e.code == site), None)
    if line is None:
        raise RefusedError("There is no site {site}.", code="site.unknown", site=site)
    place = programme.sites[site]
    values = {
        "event": facts.event,
        "version": facts.version,
        "site": line,
        "place": place,
        "venue": next((venue for venue in programme.venues if venue.id == site), None),
        "position": f"{place.lat:.4f}, {place.lon:.4f}",
        "sessions": [
            {
                "code": session.id,
                "start": session.interval.start,
                "end": session.interval.end,
                "title": session.title,
                "attendance": session.attendance,
                "risk": session.risk,
            }
            for session in programme.sessions
            if session.venue_id == site
        ],
        "posts": [
            {
                "id": post.id,
                "capability": capability_name(post.capability),
                "officers": post.officers,
                "source": post.source,
                "is_assumed": post.is_assumed,
            }
            for post in programme.posts
            if post.site_id == site
        ],
        **_site_cover(facts, line, language),
    }
    return show(request, "site.html", values, place="sites")


def _site_cover(facts: Facts, line: SiteLine, language: str) -> dict[str, object]:
    cube = facts.cube
    if cube is None or line.code not in cube.site_ids:
        return {"drawing": None, "days": []}
    days = day_lines(cube.site(line.code), facts.days, facts.zone)
    url = reverse("desk:coverage", args=[facts.event.code])
    drawing = charts.force_chart(
        [(formats.day_short(entry.day, language), entry.need, entry.have) for entry in days],
        title=_("People needed and people on duty, hour by hour"),
        description=line.name,
        language=language,
        mirrored=get_language_bidi(),
    )
    rows = [
        {
            "day": entry.day,
            "slice": entry.slice,
            "look": _look(entry.slice),
            "words": STEPS[entry.slice.step],
            "url": f"{url}?scale=day&from={entry.day:%Y-%m-%d}",
        }
        for entry in days
    ]
    return {"drawing": drawing, "days": rows}


def _by_day(facts: Facts) -> dict[str, list[Slice]]:
    cube = facts.cube
    if cube is None:
        return {}
    days = columns(facts.days[0], len(facts.days), Scale.EVENT, facts.zone, (cube.start, cube.end))
    table: dict[str, list[Slice]] = {code: [] for code in cube.site_ids}
    for part in days:
        rows = cube.slices((cube.index(part.start), cube.index(part.end)))
        for code, row in zip(cube.site_ids, rows, strict=True):
            table[code].extend(row)
    return table


def _part_index(request: HttpRequest, facts: Facts, parts: Sequence[Column]) -> int:
    """Return the part that the address names; the first afternoon with a session otherwise."""
    key = request.GET.get("part", "")
    for index, part in enumerate(parts):
        if part.key == key:
            return index
    if "index" in request.GET:
        return min(whole(request, "index", 0), max(len(parts) - 1, 0))
    sessions = facts.programme.sessions
    if sessions:
        first = sessions[0].interval.start
        return next((i for i, part in enumerate(parts) if part.start <= first < part.end), 0)
    return 0


def _map_row(point: MapPoint, index: int) -> _Row:
    entry = point.slices[index]
    return _Row(point.line.code, point.line.name, entry, _look(entry), str(STEPS[entry.step]))


def _look(entry: Slice) -> str:
    return "idle" if entry.step is Step.NONE else entry.step.value


def _map_facts(
    points: Sequence[MapPoint], parts: Sequence[Column], words: Sequence[str]
) -> dict[str, object]:
    """Collect what the map draws; the first view shows the sites around the middle of them all."""
    lats = sorted(point.lat for point in points)
    lons = sorted(point.lon for point in points)
    middle = (lats[len(lats) // 2], lons[len(lons) // 2]) if points else (0.0, 0.0)
    return {
        "sites": [
            {
                "code": point.line.code,
                "name": point.line.name,
                "lat": point.lat,
                "lon": point.lon,
                "near": abs(point.lat - middle[0]) < _NEAR_DEGREES
                and abs(point.lon - middle[1]) < _NEAR_DEGREES,
                "parts": [(e.step.value, e.have, e.need) for e in point.slices],
            }
            for point in points
        ],
        "parts": [
            {"key": part.key, "words": text} for part, text in zip(parts, words, strict=True)
        ],
        "words": {step.value: str(text) for step, text in STEPS.items()},
        "signs": _SIGNS,
        "disputed": DISPUTED,
    }
