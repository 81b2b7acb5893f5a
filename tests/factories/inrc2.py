"""Small random problems of the nurse rostering competition, and their optimum by trying everything.

Files are written in the competition's format and read back, so that reading is tried as well. The optimum
comes from the independent scorer alone.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from passerelle.planning.formats.inrc2.case import read_case
from passerelle.planning.formats.inrc2.files import Assignment, Week
from passerelle.planning.formats.inrc2.invent import InventedSize, invent
from passerelle.planning.formats.inrc2.scoring import score

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.planning.formats.inrc2.case import Case

__all__ = ["best_cost", "random_case"]


def random_case(
    folder: Path, seed: int, *, nurses: int, weeks: int, shifts: int, skills: int
) -> Case:
    """Invent a small problem, write it, read it back."""
    size = InventedSize(nurses=nurses, weeks=weeks, shifts=shifts, skills=skills, week_files=weeks)
    invent(folder, size, seed)
    return read_case(folder, "H0", "-".join(map(str, range(weeks))))


def best_cost(case: Case) -> int | None:
    """Find the least cost of a problem of one week by trying every combination; None for none.

    Rows of shifts are tried for everybody; skills of a day and shift are chosen by trying all.
    """
    names = list(case.scenario.nurses)
    choices = (None, *case.scenario.shifts)
    rows = list(product(choices, repeat=7))
    alone = {name: np.array([_alone(case, name, row) for row in rows]) for name in names}
    cover = {}
    for day in range(7):
        for chosen in product(choices, repeat=len(names)):
            cover[day, chosen] = _cover(case, day, dict(zip(names, chosen, strict=True)))
    codes = np.array([[choices.index(shift) for shift in row] for row in rows])
    shape = (len(choices),) * len(names)
    tables = [
        np.array([cover[day, chosen] for chosen in product(choices, repeat=len(names))]).reshape(
            shape
        )
        for day in range(7)
    ]
    best = np.inf
    everyone = [np.flatnonzero(np.isfinite(alone[name])) for name in names]
    for first in everyone[0]:
        total = alone[names[0]][first]
        if len(names) == 1:
            best = min(best, total + sum(tables[d][codes[first, d]] for d in range(7)))
            continue
        axes = np.ix_(*everyone[1:])
        costs = total + sum(alone[name][axis] for name, axis in zip(names[1:], axes, strict=True))
        for day in range(7):
            costs = costs + tables[day][(codes[first, day], *(codes[axis, day] for axis in axes))]
        best = min(best, float(costs.min(initial=np.inf)))
    return int(best) if np.isfinite(best) else None


def _alone(case: Case, name: str, row: tuple[str | None, ...]) -> float:
    """Return what a row of shifts costs its nurse; infinite when a rule is broken."""
    skill = next(iter(case.scenario.nurses[name].skills))
    mine = [Assignment(name, d, shift, skill) for d, shift in enumerate(row) if shift is not None]
    scenario = replace(case.scenario, nurses={name: case.scenario.nurses[name]})
    weeks = [
        Week(need={}, wishes=tuple(wish for wish in week.wishes if wish[0] == name))
        for week in case.weeks
    ]
    costs = score(scenario, {name: case.history[name]}, weeks, mine)
    return float("inf") if costs.hard else float(costs.value)


def _cover(case: Case, day: int, chosen: dict[str, str | None]) -> float:
    """Return the least cost of cover of a day, over all choices of skills."""
    total = 0.0
    for shift in case.scenario.shifts:
        here = [sorted(case.scenario.nurses[n].skills) for n, s in chosen.items() if s == shift]
        best = np.inf
        for skills in product(*here):
            cost = 0.0
            for skill in case.scenario.skills:
                least, wanted = case.weeks[0].need[shift, skill, day]
                there = skills.count(skill)
                cost += np.inf if there < least else 30.0 * max(wanted - there, 0)
            best = min(best, cost)
        total += best
    return total
