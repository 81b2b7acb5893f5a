"""Hold crews to duties that somebody ordered: the crews meant become a group of their own.

The engine knows locks of whole groups. A lock of some crews therefore splits them off; crews of a
group are identical, so which of them are meant does not matter. Several locks of a group fall on the
same crews where that keeps every rule, and on others where it does not.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Final

from passerelle.kernel.problems import InputError, Issue
from passerelle.planning.roster.check import check_line
from passerelle.planning.roster.instance import Shifts
from passerelle.planning.roster.plan import Line, Plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from passerelle.planning.roster.instance import Group, Instance
    from passerelle.planning.roster.plan import Duty

__all__ = ["APART", "Lock", "joined_plan", "with_duties", "with_locks"]

APART: Final = "~"
"""Stands between the code of a group and the number of a part that was split off."""


@dataclass(frozen=True, slots=True)
class Lock:
    """Order that so many crews of a group work a duty.

    Parameters
    ----------
    group
        Code of the group.
    duty
        The duty, on site.
    crews
        How many crews, ``>= 1``.
    """

    group: str
    duty: Duty
    crews: int

    def __post_init__(self) -> None:
        if self.crews < 1:
            raise ValueError(f"Expected crews >= 1, got {self.crews}.")


def with_locks(instance: Instance, locks: Sequence[Lock]) -> Instance:
    """Return an instance in which every plan keeps the locks.

    Parameters
    ----------
    instance
        The problem.
    locks
        What is ordered.

    Raises
    ------
    InputError
        With every lock that cannot be kept: an unknown group, a duty that breaks a rule by itself, or
        more crews than there are.
    """
    known = {group.code for group in instance.groups}
    issues = [
        _issue(lock, "unknown-group", "a group of the plan", lock.group)
        for lock in locks
        if lock.group not in known
    ]
    groups: list[Group] = []
    for group in instance.groups:
        mine = sorted(
            (lock for lock in locks if lock.group == group.code), key=lambda k: (k.duty, k.crews)
        )
        groups += _split(instance, group, mine, issues) if mine else [group]
    if issues:
        raise InputError(issues)
    return with_duties(replace(instance, groups=tuple(groups)), (lock.duty for lock in locks))


def with_duties(instance: Instance, duties: Iterable[Duty]) -> Instance:
    """Return an instance in whose catalogue the duties stand."""
    marks: dict[tuple[str, str], set[int]] = defaultdict(set)
    sizes: dict[tuple[str, str], list[int]] = defaultdict(list)
    for duty in duties:
        marks[duty.site, duty.capability] |= {duty.start_min, duty.end_min}
        sizes[duty.site, duty.capability].append(duty.end_min - duty.start_min)
    if not marks:
        return instance
    found = {(s.site, s.capability): s for s in instance.shifts}
    for key, more in marks.items():
        old = found.get(key) or Shifts(*key, (), min(sizes[key]), max(sizes[key]))
        found[key] = Shifts(
            *key,
            tuple(sorted({*old.marks_min, *more})),
            min(old.least_min, *sizes[key]),
            max(old.most_min, *sizes[key]),
        )
    return replace(instance, shifts=tuple(found[key] for key in sorted(found)))


def joined_plan(plan: Plan) -> Plan:
    """Return a plan with all crews under the codes of their own groups, equal lines added up."""
    counted: dict[tuple[str, tuple[Duty, ...]], int] = defaultdict(int)
    for line in plan.lines:
        counted[line.group.partition(APART)[0], line.duties] += line.crews
    lines = (Line(group, crews, duties) for (group, duties), crews in counted.items())
    return replace(plan, lines=tuple(lines))


def _issue(lock: Lock, code: str, expected: str, found: object) -> Issue:
    place = f"{lock.group}/{lock.duty.site}@{lock.duty.start_min}"
    return Issue("locks", 0, place, f"lock.{code}", expected, str(found))


def _split(
    instance: Instance, group: Group, locks: Sequence[Lock], issues: list[Issue]
) -> list[Group]:
    """Return the parts of a group, those with locked duties last."""
    free = group.strength
    parts: list[tuple[int, tuple[Duty, ...]]] = []
    for lock in locks:
        broken = next(_broken(instance, group, (lock.duty,)), None)
        if broken is not None:
            issues.append(_issue(lock, broken[0], broken[1], broken[2]))
            continue
        left, now = lock.crews, []
        for crews, duties in parts:
            line = tuple(sorted((*duties, lock.duty)))
            taken = 0 if lock.duty in duties or any(_broken(instance, group, line)) else crews
            taken = min(taken, left)
            left -= taken
            now += [(taken, line)] if taken else []
            now += [(crews - taken, duties)] if crews > taken else []
        taken = min(free, left)
        free, left = free - taken, left - taken
        parts = [*now, *([(taken, (lock.duty,))] if taken else [])]
        if left:
            has = lock.crews - left
            issues.append(_issue(lock, "strength", f"{lock.crews} crews that can keep it", has))
    codes = {other.code for other in instance.groups}
    names = (code for n in count(1) if (code := f"{group.code}{APART}{n}") not in codes)
    return [
        replace(group, strength=free),
        *(
            replace(group, code=next(names), strength=crews, locked=(*group.locked, *duties))
            for crews, duties in parts
        ),
    ]


def _broken(
    instance: Instance, group: Group, duties: tuple[Duty, ...]
) -> Iterator[tuple[str, str, str]]:
    """Yield code, what was expected and what was found of each rule that locked duties break.

    A run may still grow, so the shortest run is not asked for.
    """
    for duty in duties:
        if duty.capability not in group.capabilities:
            yield "capability", "/".join(group.capabilities), duty.capability
        if group.sites is not None and duty.site not in group.sites:
            yield "site", "/".join(group.sites), duty.site
    for violation in check_line(instance, group, duties):
        if violation.rule != "run-least":
            yield violation.rule, violation.expected, violation.found
