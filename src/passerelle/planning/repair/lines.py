"""Crew lines while a plan is repaired: what was published, what stands now, what has been lost.

Crews of a group that work the same line are one entry with a number; an entry is split when only
some of its crews are touched.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.check import check_line
from passerelle.planning.roster.locks import APART
from passerelle.planning.roster.plan import Line, Plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.planning.roster.instance import Group, Instance
    from passerelle.planning.roster.plan import Duty

__all__ = [
    "CrewLine",
    "Doors",
    "Roll",
    "door_day",
    "doors_of",
    "plan_of_lines",
    "restore_runs",
    "split_plan",
]

IntArray = npt.NDArray[np.int32]

_DAY: Final = 1440


@dataclass(slots=True)
class CrewLine:
    """Hold the line of some crews of a group.

    Parameters
    ----------
    group
        Index of the group in the instance after the change.
    crews
        How many crews work it.
    published
        The published duties by local day of their start, door to door; never changed.
    duties
        The duties that stand now, by the same day; the very same object while nothing is changed.
    lost
        Days whose published duty the change took away.
    away
        Spans in which the crews cannot work; duties that have begun then are finished.
    source
        The published line in the plan; ``None`` for crews that rest or whose group was cut.
    row
        Number of the line in its roll; -1 when its group was cut.
    """

    group: int
    crews: int
    published: dict[int, Duty]
    duties: dict[int, Duty] = field(default_factory=dict)
    lost: frozenset[int] = frozenset()
    away: tuple[tuple[int, int], ...] = ()
    source: Line | None = None
    row: int = -1

    def is_away(self, start_min: int, end_min: int) -> bool:
        """Tell whether the crews cannot work in a span, duties under way apart."""
        return any(start_min < b and a < end_min for a, b in self.away)

    def split(self, crews: int) -> CrewLine:
        """Take so many crews out as a line of their own."""
        self.crews -= crews
        found = self.copy()
        found.crews = crews
        return found

    def copy(self) -> CrewLine:
        """Return a copy that can be changed apart."""
        duties = self.duties if self.is_as_published else dict(self.duties)
        return CrewLine(
            self.group,
            self.crews,
            self.published,
            duties,
            self.lost,
            self.away,
            self.source,
            self.row,
        )

    @property
    def is_as_published(self) -> bool:
        """Whether no duty was ever taken or given."""
        return self.duties is self.published

    @property
    def line(self) -> tuple[Duty, ...]:
        """The duties that stand now, in order."""
        return tuple(sorted(self.duties.values()))

    def drop(self, day: int) -> None:
        """Take the duty of a day away."""
        self._own()
        del self.duties[day]

    def lose(self, day: int) -> None:
        """Take the published duty of a day away because of the change."""
        self.drop(day)
        self.lost |= {day}

    def give(self, day: int, duty: Duty) -> None:
        """Post the crews on a duty."""
        self._own()
        self.duties[day] = duty

    def _own(self) -> None:
        if self.is_as_published:
            self.duties = dict(self.published)


def door_day(instance: Instance, group: Group, duty: Duty) -> int:
    """Return the local day on which a duty starts, door to door."""
    return (duty.start_min - instance.travel[group.base].get(duty.site, 0)) // _DAY


class Roll:
    """Hold the lines of a published plan by group, read once for any number of changes.

    Parameters
    ----------
    instance, plan
        What was published; crews that appear in no line get a line without duties.
    """

    def __init__(self, instance: Instance, plan: Plan) -> None:
        self.instance, self.plan = instance, plan
        by_group: dict[str, list[Line]] = {group.code: [] for group in instance.groups}
        for line in plan.lines:
            by_group[line.group].append(line)
        self._rows_at: dict[str, list[int]] = defaultdict(list)
        self.of_group: list[list[CrewLine]] = []
        row = 0
        for index, group in enumerate(instance.groups):
            mine = by_group[group.code]
            found = []
            for line in mine:
                days = {door_day(instance, group, duty): duty for duty in line.duties}
                found.append(CrewLine(index, line.crews, days, days, source=line, row=row))
                for site in {duty.site for duty in line.duties}:
                    self._rows_at[site].append(row)
                row += 1
            idle = group.strength - sum(line.crews for line in mine)
            if idle > 0:
                rests: dict[int, Duty] = {}
                found.append(CrewLine(index, idle, rests, rests, row=row))
                row += 1
            self.of_group.append(found)
        lines = [line for found in self.of_group for line in found]
        self.doors = doors_of(instance, instance.groups, lines)

    def near(self, lines: Sequence[CrewLine], sites: Iterable[str]) -> list[CrewLine]:
        """Return the lines with a published duty at one of the sites, and all of cut groups."""
        found = [line for line in lines if line.row < 0]
        rows = {row for site in sites for row in self._rows_at.get(site, ())}
        if rows:
            found += [line for line in lines if line.row in rows]
        return found


@dataclass(frozen=True, slots=True)
class Doors:
    """Hold starts and ends door to door of many lines, shape ``(n_lines, most_duties)``."""

    starts: IntArray
    ends: IntArray
    counts: IntArray


def doors_of(instance: Instance, groups: Sequence[Group], lines: Sequence[CrewLine]) -> Doors:
    """Write down when the crews of lines leave and come back."""
    most = max((len(line.duties) for line in lines), default=0)
    found = Doors(
        np.zeros((len(lines), most), dtype=np.int32),
        np.zeros((len(lines), most), dtype=np.int32),
        np.array([len(line.duties) for line in lines], dtype=np.int32),
    )
    for i, line in enumerate(lines):
        travel = instance.travel[groups[line.group].base]
        for j, duty in enumerate(line.line):
            there = travel.get(duty.site, 0)
            found.starts[i, j], found.ends[i, j] = duty.start_min - there, duty.end_min + there
    return found


def restore_runs(instance: Instance, line: CrewLine, now_min: int) -> None:
    """Give up duties after a loss until the rest of the line keeps the least length of runs."""
    group = instance.groups[line.group]
    while line.lost and any(check_line(instance, group, line.line)):
        later = [d for d in sorted(line.duties) if line.duties[d].start_min >= now_min]
        if not later:
            return
        nearest = min(later, key=lambda d: min(abs(d - lost) for lost in line.lost))
        line.lose(nearest)


def plan_of_lines(instance: Instance, lines: Sequence[CrewLine]) -> Plan:
    """Return the plan that the lines make; lines of the published plan stay the same objects."""
    moved = {line.group for line in lines if not line.is_as_published or line.source is None}
    found: list[Line] = []
    counted: dict[tuple[str, tuple[Duty, ...]], list[CrewLine]] = defaultdict(list)
    for line in lines:
        if line.group not in moved and line.source is not None:
            found.append(line.source)
        elif line.duties and line.crews:
            duties = line.source.duties if line.is_as_published and line.source else line.line
            counted[instance.groups[line.group].code, duties].append(line)
    for (code, duties), alike in counted.items():
        crews = sum(line.crews for line in alike)
        source = next((line.source for line in alike if line.source), None)
        is_source = source is not None and (source.crews, source.duties) == (crews, duties)
        found.append(source if source is not None and is_source else Line(code, crews, duties))
    return Plan(instance.hash, tuple(found))


def split_plan(plan: Plan, instance_hash: str, apart: Sequence[Line]) -> Plan:
    """Return a plan with the crews that were split off under the codes of their parts.

    Parameters
    ----------
    plan
        All crews under the codes of their own groups.
    instance_hash
        Hash of the instance that the plan answers.
    apart
        The lines of the parts; they are taken out of those of their groups.
    """
    gone: dict[tuple[str, tuple[Duty, ...]], int] = defaultdict(int)
    for line in apart:
        gone[line.group.partition(APART)[0], line.duties] += line.crews
    lines: list[Line] = []
    for line in plan.lines:
        taken = min(line.crews, gone.get((line.group, line.duties), 0))
        if taken:
            gone[line.group, line.duties] -= taken
        if line.crews > taken:
            lines.append(replace(line, crews=line.crews - taken) if taken else line)
    return Plan(instance_hash, (*lines, *apart))
