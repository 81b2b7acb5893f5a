"""The count sheet of a dossier: every figure by capability, place and day, as canonical bytes.

Both sides hold the same acts, hence compute the same sheet for the same cut-off, byte for byte; the
digest is what two offices compare over the telephone. A sheet names no person. It is what remains of
the roll after erasure.

Sheets of several partners add up: people of different partners are different people, so posts, present
and people sum on a day; peaks over the event are then taken over the days of the sum.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from passerelle.kernel.canonical import canonical_bytes, digest
from passerelle.kernel.counts import Stage
from passerelle.kernel.times import Interval, format_instant, parse_instant
from passerelle.procedures.reinforcement.offers import OfferStatus, offers
from passerelle.procedures.reinforcement.strands import Figures, days_of, figures_of, strands_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passerelle.kernel.canonical import Json
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.reinforcement.strands import Strand

__all__ = ["ANY", "CountSheet", "Scope", "add_sheets", "as_of", "count_sheet", "valid_until"]

ANY: Final = "*"
"""Stands for every capability, every place, the whole time."""
_FORMAT: Final = "passerelle-counts/1"
_DAY: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)
_MOST_DAYS: Final = 400


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """Say what a row of figures is about.

    Parameters
    ----------
    capability, place
        Code, or ``*``.
    day
        Day in UTC, ``2024-07-24``; ``*`` for the whole time.
    stage
        How far the deployment came.
    """

    capability: str
    place: str
    day: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class CountSheet:
    """Hold all figures of one dossier, or of several added up, at a cut-off.

    Parameters
    ----------
    cut_off
        The instant at which validity of offers was judged.
    during
        Whole days in UTC that the figures cover; ``None`` when there is nothing to count.
    rows
        Figures by scope; a scope without a row counts nothing.
    """

    cut_off: datetime
    during: Interval | None
    rows: Mapping[Scope, Figures] = field(default_factory=dict)

    def at(
        self, stage: Stage, *, capability: str = ANY, place: str = ANY, day: str = ANY
    ) -> Figures:
        """Return the figures of one scope; zeros when there are none."""
        return self.rows.get(Scope(capability, place, day, stage), Figures())

    def to_json(self) -> dict[str, Json]:
        """Return the sheet as JSON, rows in order."""
        during = self.during
        return {
            "format": _FORMAT,
            "cut_off": format_instant(self.cut_off),
            "from": None if during is None else format_instant(during.start),
            "to": None if during is None else format_instant(during.end),
            "rows": [
                [*_key(scope), one.posts, one.present, one.people, one.person_days]
                for scope, one in sorted(self.rows.items(), key=lambda row: _key(row[0]))
            ],
        }

    def to_bytes(self) -> bytes:
        """Return the canonical bytes that both sides compute alike."""
        return canonical_bytes(self.to_json())

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes."""
        return digest(self.to_json())

    @classmethod
    def from_json(cls, document: Mapping[str, Json]) -> CountSheet:
        """Read a sheet that this node wrote."""
        start, end, rows = document["from"], document["to"], document["rows"]
        assert isinstance(rows, list)
        return cls(
            parse_instant(str(document["cut_off"])),
            Interval(parse_instant(str(start)), parse_instant(str(end))) if start else None,
            {
                Scope(c, p, d, Stage(s)): Figures(*figures) for c, p, d, s, *figures in rows
            },  # rows of eight
        )


def count_sheet(dossier: Dossier, cut_off: datetime) -> CountSheet:
    """Count a dossier by capability, place and day.

    Parameters
    ----------
    dossier
        A dossier of reinforcement.
    cut_off
        The instant at which validity of offers is judged.
    """
    strands = strands_of(dossier, cut_off)
    everything = [one for found in strands.values() for one in found]
    if not everything:
        return CountSheet(cut_off, None)
    during = _whole_days(everything)
    days = list(days_of(during))
    rows: dict[Scope, Figures] = {}
    for stage, found in strands.items():
        for (capability, place), mine in _scopes(found).items():
            named = [(day.start.date().isoformat(), [day]) for day in days]
            for name, span in [*named, (ANY, days)]:
                figures = figures_of(mine, span)
                if figures != Figures():
                    rows[Scope(capability, place, name, stage)] = figures
    return CountSheet(cut_off, during, rows)


def as_of(dossier: Dossier, now: datetime) -> datetime:
    """Return since when the counts are what they are: the last act, or a later expiry of an offer.

    Taken as cut-off it makes the sheet a function of the record alone, so that two nodes that look at
    different moments still hold the same bytes.
    """
    last = max(step.act.at for step in dossier.steps)
    lapsed = [
        one.valid_until + _SECOND
        for one in offers(dossier).values()
        if one.status is OfferStatus.STANDING and last <= one.valid_until < now
    ]
    return max((last, *lapsed))


def valid_until(dossier: Dossier, cut_off: datetime) -> datetime | None:
    """Return when the sheet changes by itself, because an offer expires; ``None`` for never."""
    ends = [
        one.valid_until
        for one in offers(dossier).values()
        if one.status_at(cut_off) is OfferStatus.STANDING
    ]
    return min(ends, default=None)


def add_sheets(sheets: Sequence[CountSheet], cut_off: datetime) -> CountSheet:
    """Add the sheets of several partners up; see the module for what sums and what peaks.

    The plain version: pages use :func:`~.columns.add_columns`, which is tested to say the same.
    """
    spans = [one.during for one in sheets if one.during is not None]
    if not spans:
        return CountSheet(cut_off, None)
    daily: dict[Scope, Figures] = {}
    whole: dict[Scope, Figures] = {}
    for sheet in sheets:
        for scope, one in sheet.rows.items():
            target = whole if scope.day == ANY else daily
            so_far = target.get(scope, Figures())
            target[scope] = Figures(
                so_far.posts + one.posts,
                so_far.present + one.present,
                so_far.people + one.people,
                so_far.person_days + one.person_days,
            )
    peaks: dict[Scope, tuple[int, int]] = {}
    for scope, one in daily.items():
        key = Scope(scope.capability, scope.place, ANY, scope.stage)
        posts, present = peaks.get(key, (0, 0))
        peaks[key] = max(posts, one.posts), max(present, one.present)
    for scope, one in whole.items():
        whole[scope] = Figures(*peaks.get(scope, (0, 0)), one.people, one.person_days)
    during = Interval(min(one.start for one in spans), max(one.end for one in spans))
    return CountSheet(cut_off, during, {**daily, **whole})


def _key(scope: Scope) -> tuple[str, str, str, str]:
    return scope.capability, scope.place, scope.day, scope.stage.value


def _whole_days(strands: Iterable[Strand]) -> Interval:
    spans = [one.during for one in strands]
    first = min(one.start for one in spans).date()
    last = (max(one.end for one in spans) - timedelta(microseconds=1)).date()
    last = min(last, first + _MOST_DAYS * _DAY)  # a wrong year must not make a million days
    return Interval(_midnight(first), _midnight(last + _DAY))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _scopes(strands: Sequence[Strand]) -> dict[tuple[str, str], list[Strand]]:
    """Sort strands into every scope to which they belong, totals included."""
    found: dict[tuple[str, str], list[Strand]] = {}
    for one in strands:
        for capability in (one.capability, ANY):
            for place in (*dict.fromkeys(one.places), ANY):
                found.setdefault((capability, place), []).append(one)
    return found
