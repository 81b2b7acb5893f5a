"""A plan as columns: lines of duties, each worked by so many crews of a group.

Everything a page shows of a plan is a sum over these columns; nothing is stored a second time. The
columns are read-only and belong to one version, so they are decoded once a process.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from passerelle.node.packing import pack_columns, unpack_columns
from passerelle.planning.roster.plan import Duty, Line, Plan
from passerelle.standards.plans import number_crews

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


__all__ = ["IntArray", "PlanTable", "crew_book", "plan_of", "read_table", "table_of", "write_table"]

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)  # no slots: the columns by duty are derived once and kept
class PlanTable:
    """Hold the lines of a plan.

    Parameters
    ----------
    groups, sites, capabilities
        What the indices mean.
    group_people
        People in one crew of each group, shape ``(n_groups,)``.
    line_group, line_crews
        Group and number of crews of each line, shape ``(n_lines,)``.
    duty_line
        Line of each duty, rising, shape ``(n_duties,)``.
    duty_site, duty_capability
        Where and as what, shape ``(n_duties,)``.
    duty_start, duty_end
        Seconds since 1970-01-01T00:00Z on site, shape ``(n_duties,)``; rising within a line.
    crew_group, crew_number, crew_line
        Group of each crew on duty, its number in the group (from 1, kept over replans) and the line
        that it works, shape ``(n_crews,)``; sorted by group and number.
    """

    groups: tuple[str, ...]
    sites: tuple[str, ...]
    capabilities: tuple[str, ...]
    group_people: IntArray
    line_group: IntArray
    line_crews: IntArray
    duty_line: IntArray
    duty_site: IntArray
    duty_capability: IntArray
    duty_start: IntArray
    duty_end: IntArray
    crew_group: IntArray
    crew_number: IntArray
    crew_line: IntArray

    def __post_init__(self) -> None:
        if self.line_group.shape != self.line_crews.shape:
            raise ValueError("Expected one group and one number of crews for each line.")
        for name in ("duty_site", "duty_capability", "duty_start", "duty_end"):
            if getattr(self, name).shape != self.duty_line.shape:
                raise ValueError(f"Expected {name} of shape {self.duty_line.shape}.")
        if np.any(self.duty_start >= self.duty_end):
            raise ValueError("Expected start < end in every duty.")
        if len(self.crew_line) != int(self.line_crews.sum()):
            raise ValueError("Expected every crew of every line to have a number.")
        if np.any(np.diff(self.duty_line) < 0):
            raise ValueError("Expected duties in the order of their lines.")

    @cached_property
    def duty_group(self) -> IntArray:
        """Group of each duty, shape ``(n_duties,)``."""
        return self.line_group[self.duty_line]

    @cached_property
    def duty_crews(self) -> IntArray:
        """Crews that work each duty, shape ``(n_duties,)``."""
        return self.line_crews[self.duty_line]

    @cached_property
    def duty_people(self) -> IntArray:
        """People who work each duty, shape ``(n_duties,)``."""
        return self.duty_crews * self.group_people[self.duty_group]

    @property
    def n_crew_duties(self) -> int:
        """Duties, each counted once for every crew that works it."""
        return int(self.duty_crews.sum())

    @property
    def n_people(self) -> int:
        """People who have at least one duty."""
        return int((self.line_crews * self.group_people[self.line_group]).sum())

    def crews_of(self, group: str) -> Iterator[tuple[int, int]]:
        """Yield the number of each crew of a group that has a duty, with the line that it works."""
        if group in self.groups:
            for crew in np.flatnonzero(self.crew_group == self.groups.index(group)):
                yield int(self.crew_number[crew]), int(self.crew_line[crew])

    def lines_of(self, group: str) -> Iterator[tuple[int, int]]:
        """Yield the lines of a group, each with the lowest number among its crews."""
        if group in self.groups:
            for line in np.flatnonzero(self.line_group == self.groups.index(group)):
                yield int(line), self.crew_numbers(int(line))[0]

    def crew_numbers(self, line: int) -> tuple[int, ...]:
        """Return the numbers of the crews that work a line."""
        return tuple(self.crew_number[self.crew_line == line].tolist())

    def crews_on(self, group: str, site: str, capability: str, start: int, end: int) -> int:
        """Count the crews of a group on one duty, by its seconds since 1970-01-01T00:00Z."""
        try:
            wanted = (
                self.groups.index(group),
                self.sites.index(site),
                self.capabilities.index(capability),
            )
        except ValueError:
            return 0
        chosen = (self.duty_start == start) & (self.duty_end == end)
        chosen &= (self.duty_group == wanted[0]) & (self.duty_site == wanted[1])
        chosen &= self.duty_capability == wanted[2]
        return int(self.duty_crews[chosen].sum())

    def duties_of(self, line: int) -> range:
        """Return the rows of the duties of a line."""
        low, high = np.searchsorted(self.duty_line, (line, line + 1))
        return range(int(low), int(high))


_COLUMNS = (
    "group_people",
    "line_group",
    "line_crews",
    "duty_line",
    "duty_site",
    "duty_capability",
    "duty_start",
    "duty_end",
    "crew_group",
    "crew_number",
    "crew_line",
)


def table_of(
    plan: Plan, start: datetime, people: dict[str, int], before: PlanTable | None = None
) -> PlanTable:
    """Lay a plan of the planner out as columns, and number its crews.

    Parameters
    ----------
    plan
        Lines in minutes since ``start``.
    start
        First instant of the instance.
    people
        People in a crew, by code of the group.
    before
        The published plan: a crew whose duties did not change keeps its number.
    """
    merged: Counter[tuple[str, tuple[Duty, ...]]] = Counter()
    for line in plan.lines:
        merged[line.group, line.duties] += line.crews
    lines = sorted(merged)
    duties = [(number, duty) for number, (_, work) in enumerate(lines) for duty in work]
    groups = sorted({group for group, _ in lines})
    at_group = {code: k for k, code in enumerate(groups)}
    at_site, sites = _index(duty.site for _, duty in duties)
    at_capability, capabilities = _index(duty.capability for _, duty in duties)
    zero = int(start.timestamp())
    crews = _number(lines, plan, before, start)
    return PlanTable(
        groups=tuple(groups),
        sites=sites,
        capabilities=capabilities,
        group_people=_column(people[code] for code in groups),
        line_group=_column(at_group[group] for group, _ in lines),
        line_crews=_column(merged[line] for line in lines),
        duty_line=_column(number for number, _ in duties),
        duty_site=_column(at_site[duty.site] for _, duty in duties),
        duty_capability=_column(at_capability[duty.capability] for _, duty in duties),
        duty_start=_column(zero + 60 * duty.start_min for _, duty in duties),
        duty_end=_column(zero + 60 * duty.end_min for _, duty in duties),
        crew_group=_column(at_group[group] for group, _, _ in crews),
        crew_number=_column(number for _, number, _ in crews),
        crew_line=_column(line for _, _, line in crews),
    )


def crew_book(table: PlanTable, start: datetime) -> dict[str, tuple[tuple[Duty, ...], ...]]:
    """Return for each group the duties of crew 1, crew 2, … in minutes since ``start``."""
    work = _work(table, start)
    book: dict[str, tuple[tuple[Duty, ...], ...]] = {}
    for code in table.groups:
        by_number = dict(table.crews_of(code))
        book[code] = tuple(
            work[by_number[number]] if number in by_number else ()
            for number in range(1, max(by_number, default=0) + 1)
        )
    return book


def plan_of(table: PlanTable, start: datetime, instance_hash: str) -> Plan:
    """Return the plan that a table holds, in minutes since ``start``."""
    work = _work(table, start)
    return Plan(
        instance_hash,
        tuple(
            Line(table.groups[table.line_group[line]], int(table.line_crews[line]), duties)
            for line, duties in enumerate(work)
        ),
    )


def write_table(table: PlanTable) -> bytes:
    """Pack a table for the database."""
    texts = {
        "groups": table.groups,
        "sites": table.sites,
        "capabilities": table.capabilities,
    }
    return pack_columns({name: getattr(table, name) for name in _COLUMNS}, texts)


def read_table(packed: bytes) -> PlanTable:
    """Return the table that :func:`write_table` was given."""
    columns, texts = unpack_columns(packed)
    return PlanTable(
        groups=tuple(texts["groups"]),
        sites=tuple(texts["sites"]),
        capabilities=tuple(texts["capabilities"]),
        **{name: columns[name] for name in _COLUMNS},
    )


def _work(table: PlanTable, start: datetime) -> list[tuple[Duty, ...]]:
    """Return the duties of each line."""
    zero = int(start.timestamp())
    return [
        tuple(
            Duty(
                (int(table.duty_start[row]) - zero) // 60,
                (int(table.duty_end[row]) - zero) // 60,
                table.sites[table.duty_site[row]],
                table.capabilities[table.duty_capability[row]],
            )
            for row in table.duties_of(line)
        )
        for line in range(len(table.line_group))
    ]


def _number(
    lines: list[tuple[str, tuple[Duty, ...]]],
    plan: Plan,
    before: PlanTable | None,
    start: datetime,
) -> list[tuple[str, int, int]]:
    """Give every crew a number; return group, number and line of each, sorted."""
    book = number_crews(plan, None if before is None else crew_book(before, start))
    at = {line: k for k, line in enumerate(lines)}
    return [
        (group, number, at[group, duties])
        for group, crews in sorted(book.items())
        for number, duties in enumerate(crews, start=1)
        if (group, duties) in at
    ]


def _column(values: Iterator[int]) -> IntArray:
    array = np.fromiter(values, dtype=np.int64)
    array.setflags(write=False)
    return array


def _index(codes: Iterator[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    found = tuple(sorted(set(codes)))
    return {code: k for k, code in enumerate(found)}, found
