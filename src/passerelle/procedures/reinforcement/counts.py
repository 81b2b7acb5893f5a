"""Counts: four units at seven stages, by capability, place and time (domain, section 1, rule 1).

A count is taken over an interval in the dossier as it stands:

- *asked*: lines of the request in force; *offered*: offers that stand, were accepted or committed;
  *accepted*: items of co-signed commitments less releases and recalls (an acceptance that is not yet
  co-signed allocates nothing and counts as offered);
- *named*: people on the roll; *cleared*: of these, who are deployable that day;
  *arrived*: who arrived and have not left; *on duty*: who did a duty.

Units: *posts* and *present* are the peak over the days of the interval, *people* are distinct, and
*person-days* sum over days the people present. From *named* on people are known one by one: *present*
on a day is those whose stay covers it, and *posts* are what these fill of the item's posts, in
proportion, rounded down. Animals are not people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from passerelle.kernel.counts import Count, Stage, Unit
from passerelle.kernel.times import Interval
from passerelle.procedures.reinforcement.commitments import arrangement_signed_on, items
from passerelle.procedures.reinforcement.offers import OfferStatus, lines, offers
from passerelle.procedures.reinforcement.roll import missing_conditions, roll

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.reinforcement.commitments import Item
    from passerelle.procedures.reinforcement.roll import Entry
    from passerelle.procedures.reinforcement.terms import Terms

__all__ = ["Strand", "count_dossier", "days_of", "figures_of", "strands_of", "sum_day"]

_DAY = timedelta(days=1)


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
    capability
        Code of the catalogue.
    during
        When.
    posts, present, people
        How much.
    person
        Who, when it is one.
    """

    source: str
    capability: str
    during: Interval
    posts: int
    present: int
    people: int
    person: str = ""


def count_dossier(
    dossier: Dossier,
    during: Interval,
    *,
    at: datetime,
    capability: str = "",
    place: str = "",
) -> tuple[Count, ...]:
    """Count one dossier: 4 units × 7 stages over an interval.

    Parameters
    ----------
    dossier
        A dossier of reinforcement.
    during
        The time to which the figures refer, whole days in UTC as a rule.
    at
        The instant at which validity of offers is judged.
    capability
        Only this capability; empty for all.
    place
        Only this site; empty for the whole event.

    Returns
    -------
    tuple of Count
        28 figures, stages in order, units in order.
    """
    strands = strands_of(dossier, at, capability=capability, place=place)
    return tuple(
        Count(figure, unit, stage, place or "*", during)
        for stage in Stage
        for unit, figure in figures_of(strands[stage], during)
    )


def strands_of(
    dossier: Dossier, at: datetime, *, capability: str = "", place: str = ""
) -> dict[Stage, list[Strand]]:
    """Return what is counted at each stage, as quantities over time; as :func:`count_dossier`."""
    return {
        Stage.ASKED: list(_asked(dossier, capability, place)),
        Stage.OFFERED: list(_offered(dossier, at, capability, place)),
        Stage.ACCEPTED: list(_accepted(dossier, capability, place)),
        **_people(dossier, capability, place),
    }


def _matches(code: str, places: tuple[str, ...], capability: str, place: str) -> bool:
    return (not capability or code == capability) and (not place or place in places)


def _strand(source: str, terms: Terms) -> Strand:
    return Strand(source, terms.capability, terms.during, terms.posts, terms.present, terms.people)


def _asked(dossier: Dossier, capability: str, place: str) -> Iterator[Strand]:
    for line in lines(dossier).values():
        if _matches(line.terms.capability, line.terms.places, capability, place):
            yield _strand(line.code, line.terms)


def _offered(dossier: Dossier, at: datetime, capability: str, place: str) -> Iterator[Strand]:
    for offer in offers(dossier).values():
        is_there = offer.status_at(at) in {OfferStatus.STANDING, OfferStatus.ACCEPTED}
        if is_there and _matches(offer.terms.capability, offer.terms.places, capability, place):
            yield _strand(offer.code, offer.terms)


def _accepted(dossier: Dossier, capability: str, place: str) -> Iterator[Strand]:
    for item in items(dossier).values():
        if _matches(item.terms.capability, item.terms.places, capability, place):
            yield from _segments(item)


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
            Interval(start, end),
            terms.posts * people // terms.people,
            terms.present * people // terms.people,
            people,
        )


def _people(dossier: Dossier, capability: str, place: str) -> dict[Stage, list[Strand]]:
    committed = items(dossier)
    signed_on = arrangement_signed_on(dossier)
    found: dict[Stage, list[Strand]] = {
        stage: [] for stage in (Stage.NAMED, Stage.CLEARED, Stage.ARRIVED, Stage.ON_DUTY)
    }
    for entry in roll(dossier).values():
        item = committed.get(entry.item)
        if item is None or entry.is_animal or not entry.is_active:
            continue
        if capability and item.terms.capability != capability:
            continue
        if not place or place in item.terms.places:
            for stage, during in _stays(entry, item, signed_on):
                found[stage].append(_one(item, entry, during))
        for during, where in entry.duties:
            if not place or where == place:
                found[Stage.ON_DUTY].append(_one(item, entry, during))
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


def _one(item: Item, entry: Entry, during: Interval) -> Strand:
    terms = item.terms
    return Strand(item.code, terms.capability, during, terms.posts, terms.present, 1, entry.code)


def figures_of(strands: Iterable[Strand], during: Interval) -> Iterator[tuple[Unit, int]]:
    """Yield the four figures of one stage over an interval."""
    inside = [strand for strand in strands if strand.during.overlaps(during)]
    posts = present = person_days = 0
    for day in days_of(during):
        filled, here = sum_day([strand for strand in inside if strand.during.overlaps(day)])
        posts, present, person_days = max(posts, filled), max(present, here), person_days + here
    most: dict[str, int] = {}
    for strand in inside:
        if not strand.person:
            most[strand.source] = max(most.get(strand.source, 0), strand.people)
    known = {strand.person for strand in inside if strand.person}
    yield Unit.POSTS, posts
    yield Unit.PRESENT, present
    yield Unit.PEOPLE, len(known) + sum(most.values())
    yield Unit.PERSON_DAYS, person_days


def sum_day(today: Sequence[Strand]) -> tuple[int, int]:
    """Return posts filled and people present on one day."""
    posts = present = 0
    for source in {strand.source for strand in today}:
        mine = [strand for strand in today if strand.source == source]
        known = {strand.person for strand in mine if strand.person}
        if known:
            most = max(mine, key=lambda strand: strand.present)
            present += len(known)
            posts += most.posts * min(len(known), most.present) // max(most.present, 1)
        else:
            present += max(strand.present for strand in mine)
            posts += max(strand.posts for strand in mine)
    return posts, present


def days_of(during: Interval) -> Iterator[Interval]:
    """Cut an interval at midnight in UTC."""
    start = during.start
    while start < during.end:
        midnight = datetime.combine(start.date() + _DAY, time(), UTC)
        end = min(midnight, during.end)
        yield Interval(start, end)
        start = end
