"""A plan as columns: lines of duties, each worked by so many crews of a group.

Everything a page shows of a plan is a sum over these columns; nothing is stored a second time. The
columns are read-only and belong to one version, so they are decoded once a process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from passerelle.node.packing import pack_columns, unpack_columns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from passerelle.planning.roster.plan import Plan

__all__ = ["IntArray", "PlanTable", "read_table", "table_of", "write_table"]

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
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

    def __post_init__(self) -> None:
        if self.line_group.shape != self.line_crews.shape:
            raise ValueError("Expected one group and one number of crews for each line.")
        for name in ("duty_site", "duty_capability", "duty_start", "duty_end"):
            if getattr(self, name).shape != self.duty_line.shape:
                raise ValueError(f"Expected {name} of shape {self.duty_line.shape}.")
        if np.any(self.duty_start >= self.duty_end):
            raise ValueError("Expected start < end in every duty.")
        if np.any(np.diff(self.duty_line) < 0):
            raise ValueError("Expected duties in the order of their lines.")

    @property
    def duty_group(self) -> IntArray:
        """Group of each duty, shape ``(n_duties,)``."""
        return self.line_group[self.duty_line]

    @property
    def duty_crews(self) -> IntArray:
        """Crews that work each duty, shape ``(n_duties,)``."""
        return self.line_crews[self.duty_line]

    @property
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

    def lines_of(self, group: str) -> Iterator[tuple[int, int]]:
        """Yield the lines of a group, each with the number of its first crew (from 1)."""
        if group not in self.groups:
            return
        first = 1
        for line in np.flatnonzero(self.line_group == self.groups.index(group)):
            yield int(line), first
            first += int(self.line_crews[line])

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
)


def table_of(plan: Plan, start: datetime, people: dict[str, int]) -> PlanTable:
    """Lay a plan of the planner out as columns.

    Parameters
    ----------
    plan
        Lines in minutes since ``start``.
    start
        First instant of the instance.
    people
        People in a crew, by code of the group.
    """
    lines = sorted(plan.lines, key=lambda line: (line.group, line.duties, line.crews))
    duties = [(number, duty) for number, line in enumerate(lines) for duty in line.duties]
    groups = sorted({line.group for line in lines})
    sites = sorted({duty.site for _, duty in duties})
    capabilities = sorted({duty.capability for _, duty in duties})
    zero = int(start.timestamp())

    def column(values: Iterator[int]) -> IntArray:
        array = np.fromiter(values, dtype=np.int64)
        array.setflags(write=False)
        return array

    at_group = {code: k for k, code in enumerate(groups)}
    at_site = {code: k for k, code in enumerate(sites)}
    at_capability = {code: k for k, code in enumerate(capabilities)}
    return PlanTable(
        groups=tuple(groups),
        sites=tuple(sites),
        capabilities=tuple(capabilities),
        group_people=column(people[code] for code in groups),
        line_group=column(at_group[line.group] for line in lines),
        line_crews=column(line.crews for line in lines),
        duty_line=column(number for number, _ in duties),
        duty_site=column(at_site[duty.site] for _, duty in duties),
        duty_capability=column(at_capability[duty.capability] for _, duty in duties),
        duty_start=column(zero + 60 * duty.start_min for _, duty in duties),
        duty_end=column(zero + 60 * duty.end_min for _, duty in duties),
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
