"""Strands: a quantity over a time, from which every count is taken.

A line, an offer, an item of a commitment, a person on the roll: each gives strands at the stages that
it reached. Counts then only filter, sum and take peaks (:mod:`.counts`, :mod:`.sheets`). Animals are
not people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from passerelle.kernel.counts import Stage
from passerelle.kernel.times import Interval
from passerelle.procedures.reinforcement.commitments import arrangement_signed_on, items
from passerelle.procedures.reinforcement.offers import OfferStatus, lines, offers
from passerelle.procedures.reinforcement.roll import missing_conditions, roll

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.reinforcement.commitments import Item
    from passerelle.procedures.reinforcement.roll import Entry
    from passerelle.procedures.reinforcement.terms import Terms

__all__ = ["Figures", "Strand", "days_of", "figures_of", "strands_of", "sum_day"]

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Strand:
    """Give a quantity over a time.

    Strands of one ``source`` (a line, an offer, an item) are parts of one quantity: on a day, and
    for distinct people, the largest counts. When the people are known one by one, ``person`` names
    one, and ``posts`` and ``present`` are those of the item it helps to fill.

    Parameters
    ----------
    source
        Code of the line, offer or item.
    capability, places
        What and where.
    during
        When.
    posts, present, people
        How much.
    person
        Reference of the person; empty when people are not known one by one.
    """

    source: str
    capability: str
    places: tuple[str, ...]
    during: Interval
    posts: int
    present: int
    people: int
    person: str = ""

    def matches(self, capability: str, place: str) -> bool:
        """Tell whether it is of the capability and at the place; empty means any."""
        return (not capability or self.capability == capability) and (
            not place or place in self.places
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """Hold the four units of one stage."""

    posts: int = 0
    present: int = 0
    people: int = 0
    person_days: int = 0


def strands_of(dossier: Dossier, at: datetime) -> Mapping[Stage, Sequence[Strand]]:
    """Return the strands of a dossier by stage; validity of offers is judged at ``at``."""
    return {
        Stage.ASKED: [_strand(line.code, line.terms) for line in lines(dossier).values()],
        Stage.OFFERED: [
            _strand(offer.code, offer.terms)
            for offer in offers(dossier).values()
            if offer.status_at(at) in {OfferStatus.STANDING, OfferStatus.ACCEPTED}
        ],
        Stage.ACCEPTED: [part for item in items(dossier).values() for part in _segments(item)],
        **_people(dossier),
    }


def figures_of(strands: Iterable[Strand], days: Sequence[Interval]) -> Figures:
    """Take the four units over consecutive days: peaks, distinct people, person-days.

    Parameters
    ----------
    strands
        Of one stage, filtered already.
    days
        The interval, cut at midnight UTC.
    """
    if not days:
        return Figures()
    during = Interval(days[0].start, days[-1].end)
    inside = [strand for strand in strands if strand.during.overlaps(during)]
    if not inside:
        return Figures()
    posts = present = person_days = 0
    for day in days:
        filled, here = sum_day([strand for strand in inside if strand.during.overlaps(day)])
        posts, present, person_days = max(posts, filled), max(present, here), person_days + here
    most: dict[str, int] = {}
    for strand in inside:
        if not strand.person:
            most[strand.source] = max(most.get(strand.source, 0), strand.people)
    known = {strand.person for strand in inside if strand.person}
    return Figures(posts, present, len(known) + sum(most.values()), person_days)


def days_of(during: Interval) -> Iterator[Interval]:
    """Cut an interval at every midnight UTC."""
    start = during.start
    while start < during.end:
        midnight = datetime.combine(start.date() + _DAY, time(), UTC)
        end = min(midnight, during.end)
        yield Interval(start, end)
        start = end


def _strand(source: str, terms: Terms) -> Strand:
    return Strand(
        source,
        terms.capability,
        terms.places,
        terms.during,
        terms.posts,
        terms.present,
        terms.people,
    )


def _segments(item: Item) -> Iterator[Strand]:
    """Split an item where people leave it."""
    terms = item.terms
    cuts = {one.start for one in item.withdrawals if terms.during.start < one.start}
    starts = sorted({terms.during.start, *(cut for cut in cuts if terms.during.contains(cut))})
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else terms.during.end
        people = item.people_at(start)
        yield Strand(
            item.code,
            terms.capability,
            terms.places,
            Interval(start, end),
            terms.posts * people // terms.people,
            terms.present * people // terms.people,
            people,
        )


def _people(dossier: Dossier) -> dict[Stage, list[Strand]]:
    committed = items(dossier)
    signed_on = arrangement_signed_on(dossier)
    found: dict[Stage, list[Strand]] = {
        stage: [] for stage in (Stage.NAMED, Stage.CLEARED, Stage.ARRIVED, Stage.ON_DUTY)
    }
    for entry in roll(dossier).values():
        item = committed.get(entry.item)
        if item is None or entry.is_animal or not entry.is_active:
            continue
        for stage, during in _stays(entry, item, signed_on):
            found[stage].append(_one(item, entry, during, item.terms.places))
        for during, where in entry.duties:
            found[Stage.ON_DUTY].append(_one(item, entry, during, (where,)))
    return found


def _stays(entry: Entry, item: Item, signed_on: date | None) -> Iterator[tuple[Stage, Interval]]:
    yield Stage.NAMED, entry.during
    for day in days_of(entry.during):
        if not missing_conditions(entry, item, signed_on, day.start):
            yield Stage.CLEARED, day
    if entry.arrived is not None:
        end = entry.departed or max(entry.during.end, entry.arrived + _DAY)
        if entry.arrived < end:
            yield Stage.ARRIVED, Interval(entry.arrived, end)


def _one(item: Item, entry: Entry, during: Interval, places: tuple[str, ...]) -> Strand:
    terms = item.terms
    return Strand(
        item.code, terms.capability, places, during, terms.posts, terms.present, 1, entry.code
    )


def sum_day(today: Sequence[Strand]) -> tuple[int, int]:
    """Return posts filled and people present on one day."""
    by_source: dict[str, list[Strand]] = {}
    for strand in today:
        by_source.setdefault(strand.source, []).append(strand)
    posts = present = 0
    for mine in by_source.values():
        known = {strand.person for strand in mine if strand.person}
        if known:
            most = max(mine, key=lambda strand: strand.present)
            present += len(known)
            posts += most.posts * min(len(known), most.present) // max(most.present, 1)
        else:
            present += max(strand.present for strand in mine)
            posts += max(strand.posts for strand in mine)
    return posts, present
