"""When the phases of each session lie: from the programme to blocks.

Sessions of one site that follow each other without a night between them form an *opening*: the site
is guarded, searched and locked down once before the first, and each session then has its own
ingress, event, egress and dispersal (``docs/adr/0011-merging-sessions-of-a-site.md``).

Instants are whole seconds since 1970 inside this module, which keeps a year of sessions cheap.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Final

from passerelle.kernel.times import Interval
from passerelle.planning.programme import Block, Phase, PhaseWindow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from passerelle.planning.need.coefficients import Coefficients
    from passerelle.planning.programme import Event, Session, Venue

__all__ = ["SHARED_PHASES", "Opening", "Window", "blocks", "openings"]

SHARED_PHASES: Final = (Phase.NIGHT, Phase.SEARCH, Phase.LOCKDOWN)
"""Phases that belong to the site, once an opening; the others belong to each session."""

_HOUR: Final = 3600
_MINUTE: Final = 60
_LEAST_SEARCH: Final = _HOUR
"""A search squeezed between two openings keeps at least an hour."""


@dataclass(frozen=True, slots=True)
class Window:
    """Place one phase in time.

    Parameters
    ----------
    phase
        Which phase.
    start, end
        Seconds since 1970, ``start < end``.
    session
        Index of the session in the event; for a shared phase the first of the opening.
    """

    phase: Phase
    start: int
    end: int
    session: int


@dataclass(frozen=True, slots=True)
class Opening:
    """Hold sessions of one site between two searches.

    Parameters
    ----------
    venue
        Index of the venue in the event.
    sessions
        Indices of the sessions in the event, by start.
    windows
        Phases, shared ones first.
    search_h
        Length of the search in hours.
    """

    venue: int
    sessions: tuple[int, ...]
    windows: tuple[Window, ...]
    search_h: float


def openings(event: Event, coefficients: Coefficients) -> tuple[Opening, ...]:
    """Lay out all openings of the event, by venue, then time."""
    rank = {venue.id: i for i, venue in enumerate(event.venues)}
    order = sorted(
        range(len(event.sessions)),
        key=lambda i: (rank[event.sessions[i].venue_id], event.sessions[i].interval.start, i),
    )
    found: list[Opening] = []
    for site, members in groupby(order, key=lambda i: rank[event.sessions[i].venue_id]):
        found += _of_site(event, site, tuple(members), coefficients)
    return tuple(found)


def blocks(event: Event, coefficients: Coefficients) -> tuple[Block, ...]:
    """Join every session with its phases, in the order of the event's sessions.

    The first session of an opening carries the shared phases; the others have none of them.
    """
    windows: dict[int, list[PhaseWindow]] = {i: [] for i in range(len(event.sessions))}
    for opening in openings(event, coefficients):
        for window in opening.windows:
            interval = Interval(
                datetime.fromtimestamp(window.start, UTC), datetime.fromtimestamp(window.end, UTC)
            )
            windows[window.session].append(PhaseWindow(window.phase, interval))
    return tuple(Block(session, tuple(windows[i])) for i, session in enumerate(event.sessions))


def _of_site(
    event: Event, site: int, members: tuple[int, ...], coefficients: Coefficients
) -> Iterator[Opening]:
    venue = event.venues[site]
    previous: tuple[Window, ...] = ()
    for run in _runs(event, venue, members, coefficients):
        own = tuple(_session_windows(event, venue, run, coefficients))
        shared, search_h = _shared_windows(event, run, own[0].start, previous, coefficients)
        yield Opening(site, run, shared + own, search_h)
        previous = own


def _gates_s(venue: Venue, coefficients: Coefficients) -> int:
    return _seconds(coefficients[f"window.gates{_large(venue, coefficients)}"], _HOUR)


def _large(venue: Venue, coefficients: Coefficients) -> str:
    return "-large" if venue.capacity >= coefficients["window.large-seats"] else ""


def _seconds(value: float, unit: int) -> int:
    return round(value * unit)


def _span(session: Session) -> tuple[int, int]:
    return int(session.interval.start.timestamp()), int(session.interval.end.timestamp())


def _runs(
    event: Event, venue: Venue, members: Iterable[int], coefficients: Coefficients
) -> Iterator[tuple[int, ...]]:
    """Split the sessions of a site where a night lies between them."""
    gap = _seconds(coefficients["window.opening-gap"], _HOUR)
    gates = _gates_s(venue, coefficients)
    run: list[int] = []
    last_end = 0
    for index in members:
        start, end = _span(event.sessions[index])
        if run and start - gates - last_end >= gap:
            yield tuple(run)
            run = []
        run.append(index)
        last_end = max(last_end, end) if len(run) > 1 else end
    if run:
        yield tuple(run)


def _session_windows(
    event: Event, venue: Venue, run: tuple[int, ...], coefficients: Coefficients
) -> Iterator[Window]:
    gates = _gates_s(venue, coefficients)
    least = _seconds(coefficients["window.gates-least"], _HOUR)
    egress = _seconds(coefficients[f"window.egress{_large(venue, coefficients)}"], _MINUTE)
    dispersal = _seconds(coefficients["window.dispersal"], _MINUTE)
    before = None
    for index in run:
        start, end = _span(event.sessions[index])
        opened = start - gates
        if before is not None and before <= start:  # else another part of the site is used
            opened = max(opened, min(before, start - least))
        yield Window(Phase.INGRESS, opened, start, index)
        yield Window(Phase.EVENT, start, end, index)
        yield Window(Phase.EGRESS, end, end + egress, index)
        yield Window(Phase.DISPERSAL, end + egress, end + egress + dispersal, index)
        before = end


def _shared_windows(
    event: Event,
    run: tuple[int, ...],
    gates: int,
    previous: tuple[Window, ...],
    coefficients: Coefficients,
) -> tuple[tuple[Window, ...], float]:
    """Place night, search and lockdown before the gates of an opening."""
    level = max(event.sessions[i].search_level for i in run)
    closed = gates - _seconds(coefficients["window.search-before-gates"], _MINUTE)
    search = closed - _seconds(coefficients[f"window.search-{level.word}"], _HOUR)
    emptied = max((w.end for w in previous if w.phase is Phase.EGRESS), default=None)
    if emptied is not None:
        search = max(search, min(emptied, closed - _LEAST_SEARCH))
    night = search - _seconds(coefficients["window.night-before"], _HOUR)
    left = max((w.end for w in previous), default=None)
    if left is not None:
        bridged = search - left <= _seconds(coefficients["window.night-bridge"], _HOUR)
        night = left if bridged else max(night, left)
    windows = [Window(Phase.NIGHT, night, search, run[0])] if night < search else []
    windows.append(Window(Phase.SEARCH, search, closed, run[0]))
    windows.append(Window(Phase.LOCKDOWN, closed, gates, run[0]))
    return tuple(windows), (closed - search) / _HOUR
