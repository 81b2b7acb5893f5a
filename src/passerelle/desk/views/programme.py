"""The programme: sessions, one session with its phases, the need and its explanation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from passerelle.desk import formats
from passerelle.desk.boards.coverage import SiteLine
from passerelle.desk.boards.places import site_lines, site_name
from passerelle.desk.drawings.phases import phase_bar
from passerelle.desk.frame import show
from passerelle.desk.views.page import can, event_page
from passerelle.desk.words import (
    FORMULAS,
    KINDS,
    PHASES,
    SEARCH_LEVELS,
    THREATS,
    capability_name,
)
from passerelle.kernel.capabilities import catalogue
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.events.queries import explanation, planned
from passerelle.planning.programme.session import Phase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest, HttpResponse

    from passerelle.desk.facts import Facts
    from passerelle.planning.need.values import Need
    from passerelle.planning.programme import Block, Session

__all__ = ["need", "session", "sessions"]

_ROWS_SHOWN = 150
_PEAK = frozenset({Phase.INGRESS, Phase.EVENT, Phase.EGRESS})


@dataclass(frozen=True, slots=True)
class _NeedRow:
    number: int
    site: str
    capability: str
    unit: str
    start: datetime
    end: datetime
    low: int
    central: int
    high: int
    minimum: int
    url: str

    @property
    def range(self) -> str:
        """Low to high as one text."""
        return f"{self.low}\N{EN DASH}{self.high}"


@require_GET
@event_page(Action.VIEW_PLANNING)
def sessions(request: HttpRequest, facts: Facts) -> HttpResponse:
    """List the sessions of a day."""
    programme = facts.programme
    day = facts.day(request.GET.get("day", ""))
    sport = request.GET.get("sport", "")
    names = _names(facts)
    chosen = [
        entry
        for entry in programme.sessions
        if entry.interval.start.astimezone(facts.zone).date() == day
        and (not sport or entry.sport == sport)
    ]
    language = get_language() or "en"
    values = {
        "event": facts.event,
        "version": facts.version,
        "headline": _("{day}: {count}").format(
            day=formats.day(day, language),
            count=ngettext("{n} session", "{n} sessions", len(chosen)).format(n=len(chosen)),
        ),
        "all_days": facts.days,
        "day": day,
        "sport": sport,
        "sports": sorted({entry.sport for entry in programme.sessions}),
        "can_import": can(request, Action.IMPORT_EVENT),
        "rows": [
            {
                "code": entry.id,
                "start": entry.interval.start,
                "end": entry.interval.end,
                "title": entry.title,
                "medal": entry.medal,
                "site": {"code": entry.venue_id, "name": names[entry.venue_id]},
                "attendance": entry.attendance,
                "risk": entry.risk,
            }
            for entry in chosen
        ],
    }
    return show(request, "sessions.html", values, place="programme")


@require_GET
@event_page(Action.VIEW_PLANNING)
def session(request: HttpRequest, facts: Facts, session: str) -> HttpResponse:
    """Show one session: what is known, its phases, what is needed around it."""
    found = next((entry for entry in facts.programme.sessions if entry.id == session), None)
    if found is None:
        raise RefusedError(
            "There is no session {session}.", code="session.unknown", session=session
        )
    block = _blocks(facts.revision.pk).get(session)
    phases = (
        [(str(PHASES[w.phase]), w.interval, w.phase in _PEAK) for w in block.windows]
        if block
        else []
    )
    start = min([w.start for _name, w, _peak in phases] + [found.interval.start])
    end = max([w.end for _name, w, _peak in phases] + [found.interval.end])
    names = _names(facts)
    local = found.interval.start.astimezone(facts.zone)
    values = {
        "event": facts.event,
        "version": facts.version,
        "session": _session_facts(found),
        "site": SiteLine(found.venue_id, names[found.venue_id], ""),
        "phases": [{"words": name, "start": w.start, "end": w.end} for name, w, _peak in phases],
        "drawing": phase_bar(
            [(name, w.start, w.end, peak) for name, w, peak in phases],
            title=_("Phases of the session"),
            zone=facts.zone,
            mirrored=get_language_bidi(),
        )
        if phases
        else None,
        "needs": _need_rows(facts, names, site=found.venue_id, start=start, end=end)[:40],
        "need_url": f"{reverse('desk:need', args=[facts.event.code])}"
        f"?site={found.venue_id}&day={local:%Y-%m-%d}",
    }
    return show(request, "session.html", values, place="programme")


@require_GET
@event_page(Action.VIEW_PLANNING)
def need(request: HttpRequest, facts: Facts) -> HttpResponse:
    """List the figures of the need of a day; one of them explained beside the list."""
    snapshot, figures = facts.snapshot, facts.need
    if snapshot is None or figures is None:
        return show(request, "empty.html", {"event": facts.event}, place="need")
    names = _names(facts)
    day = facts.day(request.GET.get("day", ""))
    site, capability = request.GET.get("site", ""), request.GET.get("capability", "")
    start = datetime.combine(day, time(0), tzinfo=facts.zone)
    query = request.GET.copy()
    query.pop("at", None)
    prefix = f"?{query.urlencode()}&at=" if query else "?at="
    rows = _need_rows(
        facts,
        names,
        site=site,
        capability=capability,
        start=start,
        end=start + timedelta(days=1),
        prefix=prefix,
    )
    at = request.GET.get("at", "")
    language = get_language() or "en"
    kinds = sorted((capability_name(code), code) for code in figures.capabilities)
    values = {
        "event": facts.event,
        "version": facts.version,
        "headline": ngettext(
            "{n} figure makes the need of this event",
            "{n} figures make the need of this event",
            len(figures),
        ).format(n=formats.isolated(formats.number(len(figures), language))),
        "all_days": facts.days,
        "day": day,
        "site": site,
        "sites": site_lines(facts.programme, language, KINDS),
        "capability": capability,
        "capabilities": [{"code": code, "words": words} for words, code in kinds],
        "rows": rows[:_ROWS_SHOWN],
        "n_rows": len(rows),
        "assumptions": facts.programme.assumptions,
        "figure": _figure(facts, figures, names, int(at), language)
        if at.isdecimal() and len(at) < 9 and int(at) < len(figures)
        else None,
    }
    return show(request, "need.html", values, place="need")


def _names(facts: Facts) -> Mapping[str, str]:
    language = get_language() or "en"
    host = facts.programme.host
    return {code: site_name(s, language, host) for code, s in facts.programme.sites.items()}


@lru_cache(maxsize=4)
def _blocks(revision_id: int) -> dict[str, Block]:
    """Lay out the phases of all sessions of a revision; kept, because a revision never changes."""
    from passerelle.planning.need.coefficients import (  # noqa: PLC0415 - slow import
        standard_coefficients,
    )
    from passerelle.planning.need.phases import blocks  # noqa: PLC0415 - slow import

    event = planned(revision_id).event
    return {block.session.id: block for block in blocks(event, standard_coefficients())}


def _session_facts(found: Session) -> dict[str, object]:
    return {
        "code": found.id,
        "title": found.title,
        "start": found.interval.start,
        "end": found.interval.end,
        "sport": found.sport,
        "stage": found.stage,
        "attendance": found.attendance,
        "risk": found.risk,
        "threat": THREATS[found.threat],
        "search": SEARCH_LEVELS[found.search_level],
        "vip": found.vip,
        "teams": ", ".join(found.teams),
        "supporters": found.supporters,
        "assumed": found.assumed,
    }


def _need_rows(
    facts: Facts,
    names: Mapping[str, str],
    *,
    start: datetime,
    end: datetime,
    site: str = "",
    capability: str = "",
    prefix: str = "",
) -> list[_NeedRow]:
    """List the figures that touch a span of time, at one site and of one capability when named."""
    figures = facts.need
    if figures is None:
        return []
    chosen = (figures.start < end.timestamp()) & (figures.end > start.timestamp())
    chosen &= figures.high > 0
    for wanted, codes, column in (
        (site, figures.site_ids, figures.site),
        (capability, figures.capabilities, figures.capability),
    ):
        if wanted:
            chosen &= column == (codes.index(wanted) if wanted in codes else -1)
    url = prefix or f"{reverse('desk:need', args=[facts.event.code])}?site={site}&at="
    rows = np.flatnonzero(chosen)
    order = np.lexsort((figures.start[rows], figures.capability[rows], figures.site[rows]))
    return _Rows(figures, names, url).of(rows[order].tolist())


class _Rows:
    """Turn rows of the need's columns into what a table shows."""

    def __init__(self, figures: Need, names: Mapping[str, str], url: str) -> None:
        self.figures, self.names, self.url = figures, names, url
        self.words = [capability_name(code) for code in figures.capabilities]
        self.units = [_unit(code) for code in figures.capabilities]

    def of(self, rows: Sequence[int]) -> list[_NeedRow]:
        """Return the rows in the order given."""
        f = self.figures
        return [
            _NeedRow(
                number=row,
                site=self.names.get(f.site_ids[f.site[row]], f.site_ids[f.site[row]]),
                capability=self.words[f.capability[row]],
                unit=self.units[f.capability[row]],
                start=datetime.fromtimestamp(int(f.start[row]), UTC),
                end=datetime.fromtimestamp(int(f.end[row]), UTC),
                low=int(f.low[row]),
                central=int(f.central[row]),
                high=int(f.high[row]),
                minimum=int(f.minimum[row]),
                url=f"{self.url}{row}",
            )
            for row in rows
        ]


def _unit(code: str) -> str:
    known = catalogue().get(code)
    return known.unit_labels.get(get_language() or "en") if known else ""


def _figure(
    facts: Facts, figures: Need, names: Mapping[str, str], row: int, language: str
) -> dict[str, object]:
    """Explain one figure: formula, inputs, coefficients, the computation itself."""
    assert facts.snapshot is not None
    told = explanation(facts.snapshot.pk, row)
    shown = _Rows(figures, names, "").of([row])[0]
    known = {entry.id: entry for entry in facts.programme.sessions}
    code = figures.site_ids[figures.site[row]]
    return {
        "site": SiteLine(code, names.get(code, code), ""),
        "capability": shown.capability,
        "unit": shown.unit,
        "start": shown.start,
        "end": shown.end,
        "central": shown.central,
        "minimum": shown.minimum,
        "range": shown.range,
        "formula": told.formula,
        "formula_words": FORMULAS.get(told.formula, ""),
        "version": told.coefficient_version,
        "trace": "\n".join(told.trace),
        "inputs": [
            (name, _value(value, language), name in told.assumed) for name, value in told.inputs
        ],
        "coefficients": told.coefficients,
        "sessions": [known[key] for key in told.session_ids if key in known],
    }


def _value(value: float | str, language: str) -> str:
    if isinstance(value, str):
        return value
    return formats.number(value, language, 0 if float(value).is_integer() else 3)
