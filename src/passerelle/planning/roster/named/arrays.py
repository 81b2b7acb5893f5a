"""Compile a day grid into the arrays that the pricing kernels read.

Minutes are counted in units of the greatest common divisor of all shift lengths. A *follow class*
gathers the shift types of a person that forbid the same followers; within a stretch of work only
the class of the last type matters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from passerelle.planning.roster.named.instance import DAYS_PER_WEEK, SATURDAY
from passerelle.planning.roster.named.soft.automaton import compile_soft

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passerelle.planning.roster.named.instance import BoolArray, DayGrid, IntArray
    from passerelle.planning.roster.named.soft.automaton import Automata

__all__ = ["Compiled", "Window", "compile_grid", "run_lengths", "window_around"]


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """Hold a grid in the form of the kernels; first axis is the person where there is one.

    Parameters
    ----------
    units
        Length of each type in units.
    allowed
        The person may work the type on the day.
    type_class, n_classes, banned
        Follow class of each type, their number, and ``banned[p, class, type]``.
    min_units, max_units
        Least and most units worked.
    weekend_of
        Number of the weekend of each day, -1 on other days.
    has_row
        Cover of the cell costs something.
    soft
        Soft limits, None where all limits are hard.
    """

    grid: DayGrid
    units: IntArray
    allowed: BoolArray
    type_class: IntArray
    n_classes: IntArray
    banned: BoolArray
    min_units: IntArray
    max_units: IntArray
    min_run: IntArray
    max_run: IntArray
    min_rest: IntArray
    max_weekends: IntArray
    weekend_of: IntArray
    has_row: BoolArray
    soft: Automata | None


@dataclass(frozen=True, slots=True)
class Window:
    """Name the days of one person on which pricing runs.

    At ``first`` the person may begin work, at ``last`` every rest has been long enough for what is
    fixed after it. ``open_start`` and ``open_end`` say that the border is the border of the horizon.
    """

    first: int
    last: int
    open_start: bool
    open_end: bool


def compile_grid(grid: DayGrid) -> Compiled:
    """Compile a grid.

    Parameters
    ----------
    grid
        The instance.

    Returns
    -------
    Compiled
        Arrays for :mod:`._kernels`.
    """
    people, types = grid.n_people, grid.n_types
    unit = math.gcd(*(int(m) for m in grid.type_minutes)) if types else 1
    allowed = ~grid.closed[:, :, None] & (grid.type_cap > 0)[:, None, :]
    type_class = np.zeros((people, types), dtype=np.int64)
    n_classes = np.ones(people, dtype=np.int64)
    banned = np.zeros((people, max(types, 1), types), dtype=np.bool_)
    for p in range(people):
        usable = grid.type_cap[p] > 0
        class_of: dict[bytes, int] = {}
        for t in np.flatnonzero(usable):
            followers = grid.banned[t] & usable
            k = class_of.setdefault(followers.tobytes(), len(class_of))
            type_class[p, t] = k
            banned[p, k] = followers
        n_classes[p] = max(len(class_of), 1)
    contracts = grid.contracts
    weekday = (np.arange(grid.n_days) + grid.first_weekday) % DAYS_PER_WEEK
    week = (np.arange(grid.n_days) + grid.first_weekday) // DAYS_PER_WEEK
    longest = np.array([min(c.max_run, grid.n_days) for c in contracts], dtype=np.int64)
    return Compiled(
        grid=grid,
        units=grid.type_minutes // unit,
        allowed=allowed,
        type_class=type_class,
        n_classes=n_classes,
        banned=banned[:, : int(n_classes.max(initial=1))],
        min_units=np.array([-(-c.min_minutes // unit) for c in contracts], dtype=np.int64),
        max_units=np.array([c.max_minutes // unit for c in contracts], dtype=np.int64),
        min_run=np.array([c.min_run for c in contracts], dtype=np.int64),
        max_run=longest,
        min_rest=np.array([c.min_rest for c in contracts], dtype=np.int64),
        max_weekends=np.array([c.max_weekends for c in contracts], dtype=np.int64),
        weekend_of=np.where(weekday >= SATURDAY, week, -1).astype(np.int64),
        has_row=(grid.top > 0) | (grid.over > 0),
        soft=None if grid.soft is None else compile_soft(grid, grid.soft),
    )


def window_around(work: BoolArray, start: int, stop: int, min_rest: int) -> Window:
    """Find the days that pricing must walk over when days ``start`` to ``stop - 1`` are free.

    Parameters
    ----------
    work
        Days worked in the legal roster whose other days stay fixed, shape ``(n_days,)``.
    start, stop
        First free day and the day after the last free one.
    min_rest
        Shortest rest of the person.

    Returns
    -------
    Window
        The smallest window that contains the free days and whose borders need no memory.
    """
    days = len(work)
    before = np.flatnonzero(work[:start])
    first = start
    if before.size and int(before[-1]) + 1 > start - min_rest:
        first = int(before[-1])
        while first > 0 and work[first - 1]:
            first -= 1
    after = np.flatnonzero(work[stop:])
    last = stop
    if after.size and int(after[0]) < min_rest:
        last = stop + int(after[0])
        while last < days and work[last]:
            last += 1
    return Window(first, last, first == 0, last == days)


def run_lengths(work: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """List the stretches of work as pairs of first day and day after the last.

    Parameters
    ----------
    work
        Days worked.

    Returns
    -------
    list[tuple[int, int]]
        In order of days.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], work, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
