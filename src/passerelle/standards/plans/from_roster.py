"""From the planner's plan to postings that people can read.

The planner's plan says how many like crews of a group work which duties. People want to know *which*
crew, and want to hear of a new version only when their own duty moved. So crews are numbered: a crew
whose duties did not change keeps its number, the others take the number with which they share most
duties, the rest fill up. The numbering of the last published version is an argument; the node keeps
it.

Two views: one posting for all crews of a group on the same duty (tables, site sheets), or one posting
a crew (calendars and notices of a crew).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import ZoneInfo

from passerelle.kernel.times import Interval
from passerelle.standards.plans.postings import Posting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from passerelle.planning.roster.instance import Group, Instance
    from passerelle.planning.roster.plan import Duty, Plan

__all__ = ["CrewBook", "Names", "number_crews", "postings_by_crew", "postings_by_group"]

CrewBook: TypeAlias = "Mapping[str, tuple[tuple[Duty, ...], ...]]"
"""For each group the duties of crew 1, crew 2, …; a crew that rests has none."""


@dataclass(frozen=True, slots=True)
class Names:
    """Name what the planner knows by code; a code without a name stands for itself.

    Parameters
    ----------
    zone
        IANA zone whose days are counted.
    sites, groups
        Names by code.
    states
        Sending state of each group, ISO 3166-1 alpha-2; the contingent's code when absent.
    """

    zone: str
    sites: Mapping[str, str]
    groups: Mapping[str, str]
    states: Mapping[str, str]


def number_crews(
    plan: Plan, before: CrewBook | None = None
) -> dict[str, tuple[tuple[Duty, ...], ...]]:
    """Say which crew of each group works which duties.

    Parameters
    ----------
    plan
        The plan.
    before
        The numbering of the version before; ``None`` for the first.

    Returns
    -------
    dict of str to tuple
        For each group the duties of its crews in order of number. Crews at the end that rest in both
        versions are left out.
    """
    work: dict[str, list[tuple[Duty, ...]]] = {}
    for line in plan.lines:
        work.setdefault(line.group, []).extend([line.duties] * line.crews)
    old = before or {}
    groups = sorted({*work, *old})
    return {group: _numbered(work.get(group, []), old.get(group, ())) for group in groups}


def postings_by_group(instance: Instance, book: CrewBook, names: Names) -> tuple[Posting, ...]:
    """Return one posting for all crews of a group that work the same duty.

    Parameters
    ----------
    instance
        The instance that the plan answers: start, groups, crew sizes.
    book
        The numbered crews.
    names
        Names of sites and groups.
    """
    return tuple(_by_group(instance, book, names))


def postings_by_crew(
    instance: Instance, book: CrewBook, names: Names, *, groups: Iterable[str] | None = None
) -> tuple[Posting, ...]:
    """Return one posting for each duty of each crew.

    Parameters
    ----------
    instance
        The instance that the plan answers.
    book
        The numbered crews.
    names
        Names of sites and groups.
    groups
        Codes of the groups wanted; all when ``None``.
    """
    wanted = book.keys() if groups is None else frozenset(groups)
    return tuple(_by_crew(instance, book, names, wanted))


def _by_group(instance: Instance, book: CrewBook, names: Names) -> Iterator[Posting]:
    known = {group.code: group for group in instance.groups}
    zone = ZoneInfo(names.zone)
    for code, crews in book.items():
        numbers: dict[Duty, list[int]] = {}
        for number, duties in enumerate(crews, start=1):
            for duty in duties:
                numbers.setdefault(duty, []).append(number)
        seen: Counter[str] = Counter()
        for duty in sorted(numbers):
            day = _day(instance, duty, zone)
            place = f"{code}.{duty.site}.{duty.capability}.{day}"
            seen[place] += 1
            yield _posting(
                instance,
                known[code],
                duty,
                names,
                key=f"{place}.{seen[place]}",
                crew=_ranges(numbers[duty]),
                crews=len(numbers[duty]),
            )


def _by_crew(
    instance: Instance, book: CrewBook, names: Names, wanted: Iterable[str]
) -> Iterator[Posting]:
    known = {group.code: group for group in instance.groups}
    zone = ZoneInfo(names.zone)
    for code, crews in book.items():
        if code not in wanted:
            continue
        for number, duties in enumerate(crews, start=1):
            seen: Counter[str] = Counter()
            for duty in sorted(duties):
                day = _day(instance, duty, zone)
                seen[day] += 1
                yield _posting(
                    instance,
                    known[code],
                    duty,
                    names,
                    key=f"{code}.{number}.{day}.{seen[day]}",
                    crew=f"{code}-{number}",
                    crews=1,
                )


def _posting(
    instance: Instance, group: Group, duty: Duty, names: Names, *, key: str, crew: str, crews: int
) -> Posting:
    return Posting(
        key=_code(key),
        site=duty.site,
        site_name=names.sites.get(duty.site, duty.site),
        post="",
        capability=duty.capability,
        group=group.code,
        group_name=names.groups.get(group.code, group.code),
        state=names.states.get(group.code, group.contingent),
        crew=crew,
        crews=crews,
        people=crews * group.people,
        during=Interval(_at(instance, duty.start_min), _at(instance, duty.end_min)),
    )


def _numbered(
    work: list[tuple[Duty, ...]], old: tuple[tuple[Duty, ...], ...]
) -> tuple[tuple[Duty, ...], ...]:
    """Give each crew's work a number, as few as possible other than before."""
    places: dict[tuple[Duty, ...], list[int]] = {}
    for number, duties in reversed(list(enumerate(old))):
        places.setdefault(duties, []).append(number)
    found: dict[int, tuple[Duty, ...]] = {}
    moved: list[tuple[Duty, ...]] = []
    for duties in work:
        same = places.get(duties)
        if same:
            found[same.pop()] = duties
        else:
            moved.append(duties)
    _place_by_overlap(moved, old, found)
    free = (number for number in range(len(old) + len(work)) if number not in found)
    for duties in moved:
        found[next(free)] = duties
    last = max(found, default=-1)
    return tuple(found.get(number, ()) for number in range(last + 1))


def _place_by_overlap(
    moved: list[tuple[Duty, ...]],
    old: tuple[tuple[Duty, ...], ...],
    found: dict[int, tuple[Duty, ...]],
) -> None:
    """Give moved work the free number with which it shares most duties; take it out of ``moved``."""
    holders: dict[Duty, list[int]] = {}
    for number, duties in enumerate(old):
        if number not in found:
            for duty in duties:
                holders.setdefault(duty, []).append(number)
    shared: Counter[tuple[int, int]] = Counter()
    for index, duties in enumerate(moved):
        shared.update((index, number) for duty in duties for number in holders.get(duty, ()))
    placed: set[int] = set()
    for (index, number), _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if index not in placed and number not in found:
            placed.add(index)
            found[number] = moved[index]
    moved[:] = [duties for index, duties in enumerate(moved) if index not in placed]


def _ranges(numbers: list[int]) -> str:
    """Write ``1-3, 7`` for the crews 1, 2, 3 and 7."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and parts[-1][1] + 1 == number:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in parts)


def _at(instance: Instance, minute: int) -> datetime:
    return instance.start + timedelta(minutes=minute)


def _day(instance: Instance, duty: Duty, zone: ZoneInfo) -> str:
    return f"{_at(instance, duty.start_min).astimezone(zone):%Y%m%d}"


def _code(key: str) -> str:
    """Return a key of at most 64 characters; a longer one is replaced by a digest of itself."""
    return key if len(key) <= 64 else hashlib.sha256(key.encode("utf-8")).hexdigest()[:32]
