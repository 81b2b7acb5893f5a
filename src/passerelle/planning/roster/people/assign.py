"""Give the lines of a plan to named officers, group by group.

Every officer takes one line, so a fair share is a matching: the cost of an officer on a line is the sum of
the squared loads that he or she would have then, each measured from the mean of the group and in units of
its spread, plus the wishes that would not be met. Squares make one heavy load dearer than two middling ones, and
the sum over the group is least exactly where the loads lie closest together. Leave and missing
certificates forbid a line; a seat that nobody may take stays empty and says why.

References
----------
.. [1] R. Burkard, M. Dell'Amico, S. Martello (2012), "Assignment Problems", SIAM, chapter 4.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.planning.roster.people._kernels import match_rows
from passerelle.planning.roster.people.officer import Load, Officer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from passerelle.planning.roster.instance import Instance
    from passerelle.planning.roster.plan import Line, Plan

__all__ = ["FairnessParams", "NamedLine", "Vacancy", "assign_officers", "line_load"]

_FORBIDDEN: Final = 1e9
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class FairnessParams:
    """Weigh what is shared.

    Parameters
    ----------
    nights, weekends, hours
        Weight of a squared night, weekend and eight-hour day away from the mean.
    wishes
        Weight of one point of a wish.
    """

    nights: float = 1.0
    weekends: float = 1.0
    hours: float = 1.0
    wishes: float = 1.0

    def __post_init__(self) -> None:
        if min(self.nights, self.weekends, self.hours, self.wishes) < 0:
            raise ValueError("Expected weights >= 0.")


@dataclass(frozen=True, slots=True)
class NamedLine:
    """Say which officer works which line; a resting officer has none."""

    officer: str
    line: Line | None
    load: Load


@dataclass(frozen=True, slots=True)
class Vacancy:
    """Report a seat of a line that nobody of the group may take.

    Parameters
    ----------
    line
        The line.
    blocked
        For each reason (``leave``, ``certificate``, ``nobody-left``), how many officers it blocks.
    """

    line: Line
    blocked: dict[str, int]


def line_load(instance: Instance, line: Line) -> Load:
    """Count nights, weekends and minutes of a line."""
    nights = sum(instance.is_night(duty.start_min, duty.end_min) for duty in line.duties)
    days = {duty.start_min // 1440 for duty in line.duties}
    weekends = set()
    for day in days:
        # The start is a local midnight in UTC; noon is on the same date in both.
        weekday = (instance.start + timedelta(days=day, hours=12)).weekday()
        if weekday >= _SATURDAY:
            weekends.add(day - weekday + _SATURDAY)
    minutes = sum(duty.end_min - duty.start_min for duty in line.duties)
    return Load(nights, len(weekends), minutes)


def assign_officers(
    instance: Instance,
    plan: Plan,
    officers: Sequence[Officer],
    params: FairnessParams | None = None,
) -> tuple[list[NamedLine], list[Vacancy]]:
    """Give every seat of every line to an officer of its group.

    Parameters
    ----------
    instance, plan
        What was planned.
    officers
        The nominal roll.
    params
        Weights of fairness.

    Returns
    -------
    tuple[list[NamedLine], list[Vacancy]]
        Officers with their lines, in the order of the roll, and the seats left empty.
    """
    params = params or FairnessParams()
    people = {group.code: group.people for group in instance.groups}
    seats: dict[str, list[Line]] = {}
    for line in plan.lines:
        if line.duties:
            seats.setdefault(line.group, []).extend([line] * (line.crews * people[line.group]))
    roll: dict[str, list[Officer]] = {}
    for officer in officers:
        roll.setdefault(officer.group, []).append(officer)
    named: dict[str, NamedLine] = {}
    vacancies: list[Vacancy] = []
    for group in sorted(set(seats) | set(roll)):
        found, empty = _match_group(instance, seats.get(group, []), roll.get(group, []), params)
        named |= {item.officer: item for item in found}
        vacancies += empty
    return [named[officer.code] for officer in officers], vacancies


def _match_group(
    instance: Instance, seats: list[Line], roll: list[Officer], params: FairnessParams
) -> tuple[list[NamedLine], list[Vacancy]]:
    """Match the seats of one group with its officers; some rest, some seats may stay empty."""
    lines = list(dict.fromkeys(seats))
    place = {line: k for k, line in enumerate(lines)}
    loads = [line_load(instance, line) for line in lines] + [Load()]
    reasons = [[_blocked(officer, line) for line in lines] for officer in roll]
    cost = _costs(roll, lines, loads, params)
    for i, row in enumerate(reasons):
        for k, reason in enumerate(row):
            if reason:
                cost[i, k] = _FORBIDDEN
    columns = [place[line] for line in seats]
    # Resting seats fill up the officers left; a seat without officer costs one forbidden match.
    columns += [len(lines)] * max(len(roll) - len(seats), 0)
    table = cost[:, columns] if roll else np.empty((0, len(columns)))
    missing = len(columns) - len(roll)
    if missing > 0:
        table = np.vstack([table, np.full((missing, len(columns)), _FORBIDDEN / 2)])
    chosen = match_rows(np.ascontiguousarray(table)) if len(columns) else np.empty(0, np.int64)
    named, filled = [], set()
    for i, officer in enumerate(roll):
        k = columns[int(chosen[i])]
        works = k < len(lines) and not reasons[i][k]
        if works:
            filled.add(int(chosen[i]))
        total = officer.before + (loads[k] if works else Load())
        named.append(NamedLine(officer.code, lines[k] if works else None, total))
    vacancies = []
    for seat, line in enumerate(seats):
        if seat not in filled:
            blocked = Counter(row[place[line]] or "nobody-left" for row in reasons)
            vacancies.append(Vacancy(line, dict(blocked)))
    return named, vacancies


def _costs(
    roll: list[Officer], lines: list[Line], loads: list[Load], params: FairnessParams
) -> NDArray[np.float64]:
    """Return the cost of each officer on each line, resting last."""
    weights = np.array([params.nights, params.weekends, params.hours])
    scale = np.array([1.0, 1.0, 480.0])
    before = np.array([[o.before.nights, o.before.weekends, o.before.minutes] for o in roll])
    after = np.array([[load.nights, load.weekends, load.minutes] for load in loads])
    before = before.reshape(-1, 3) / scale
    after = after / scale
    mean = before.mean(axis=0) if len(roll) else 0.0
    away = before[:, None, :] - mean + after[None, :, :]
    cost: NDArray[np.float64] = (away * away * weights).sum(axis=2)
    for i, officer in enumerate(roll):
        if not officer.unwanted:
            continue
        for k, line in enumerate(lines):
            cost[i, k] += params.wishes * sum(
                weight
                for start, end, weight in officer.unwanted
                if any(d.start_min < end and start < d.end_min for d in line.duties)
            )
    return cost


def _blocked(officer: Officer, line: Line) -> str:
    """Name the first rule that keeps an officer from a line; empty when none does."""
    for duty in line.duties:
        for start, end in officer.leave:
            if duty.start_min < end and start < duty.end_min:
                return "leave"
        if officer.certificates.get(duty.capability, duty.end_min) < duty.end_min:
            return "certificate"
    return ""
