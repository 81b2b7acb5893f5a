"""Score a solution as the competition does: hard violations are counted, soft constraints paid.

A run that is still open on the last day is not too short yet; what lies before the first day comes from
the history. Nothing here is used by the solver and nothing of the solver is used here.

References
----------
.. [1] S. Ceschia, N. Dang, P. De Causmaecker, S. Haspeslagh, A. Schaerf (2015), "Second international
   nurse rostering competition (INRC-II): problem description and rules", arXiv 1501.04177.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.planning.formats.inrc2.files import ANY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from passerelle.planning.formats.inrc2.files import (
        Assignment,
        Contract,
        History,
        Range,
        Scenario,
        Week,
    )

__all__ = ["Costs", "score"]

_OPTIMAL, _RUN_OF_SHIFT, _RUN, _WISH, _WEEKEND, _TOTAL = 30, 15, 30, 10, 30, 20


@dataclass(frozen=True, slots=True)
class Costs:
    """Hold the score: hard violations and the cost of each soft constraint.

    Parameters
    ----------
    hard
        Violations of single assignment, least cover, succession and skill together.
    total, runs, rests, wishes, weekends, complete, optimal
        Costs in the order of the official validator.
    """

    hard: int
    total: int
    runs: int
    rests: int
    wishes: int
    weekends: int
    complete: int
    optimal: int

    @property
    def value(self) -> int:
        """Sum of all soft costs."""
        soft = (self.total, self.runs, self.rests, self.wishes, self.weekends)
        return sum(soft) + self.complete + self.optimal


def score(
    scenario: Scenario,
    history: dict[str, History],
    weeks: Sequence[Week],
    solution: Sequence[Assignment],
) -> Costs:
    """Score a solution of the whole horizon.

    Parameters
    ----------
    scenario, history
        Of the problem.
    weeks
        One a week, in order.
    solution
        Assignments of all weeks.

    Returns
    -------
    Costs
        As the official validator counts.
    """
    days = 7 * len(weeks)
    rows: dict[str, list[str | None]] = {name: [None] * days for name in scenario.nurses}
    hard = 0
    staffed: dict[tuple[str, str, int], int] = {}
    for nurse, day, shift, skill in solution:
        hard += rows[nurse][day] is not None
        hard += skill not in scenario.nurses[nurse].skills
        rows[nurse][day] = shift
        staffed[shift, skill, day] = staffed.get((shift, skill, day), 0) + 1
    optimal = wishes = 0
    for number, week in enumerate(weeks):
        for (shift, skill, day), (least, best) in week.need.items():
            here = staffed.get((shift, skill, 7 * number + day), 0)
            hard += max(least - here, 0)
            optimal += _OPTIMAL * max(best - here, 0)
        for nurse, shift, day in week.wishes:
            worked = rows[nurse][7 * number + day]
            wishes += _WISH * (worked is not None and shift in (ANY, worked))
    totals = [0, 0, 0, 0, 0]
    for name, row in rows.items():
        contract = scenario.contracts[scenario.nurses[name].contract]
        hard += _successions(scenario, history[name].last, row)
        for k, cost in enumerate(_personal(scenario, contract, history[name], row)):
            totals[k] += cost
    total, runs, rests, weekends, complete = totals
    return Costs(hard, total, runs, rests, wishes, weekends, complete, optimal)


def _successions(scenario: Scenario, last: str, row: Sequence[str | None]) -> int:
    """Count banned successions, from the last shift of the history on."""
    before: str | None = last if last in scenario.banned else None
    count = 0
    for shift in row:
        count += before is not None and shift in scenario.banned[before]
        before = shift
    return count


def _personal(
    scenario: Scenario, contract: Contract, before: History, row: Sequence[str | None]
) -> tuple[int, int, int, int, int]:
    """Return the costs of totals, runs, rests, weekends and complete weekends of one nurse."""
    work = [shift is not None for shift in row]
    assigned = before.total + sum(work)
    total = _TOTAL * _outside(assigned, contract.total)
    runs = _RUN * _misfit(work, contract.work, before.work)
    for shift, limits in scenario.shifts.items():
        same = [worked == shift for worked in row]
        earlier = before.same_shift if before.last == shift else 0
        runs += _RUN_OF_SHIFT * _misfit(same, limits, earlier)
    rests = _RUN * _misfit([not worked for worked in work], contract.rest, before.rest)
    pairs = [(work[d], work[d + 1]) for d in range(5, len(work), 7)]
    weekends = before.weekends + sum(any(pair) for pair in pairs)
    over = _WEEKEND * max(weekends - contract.weekends, 0)
    broken = sum(any(pair) and not all(pair) for pair in pairs)
    return total, runs, rests, over, _WEEKEND * broken * contract.complete


def _outside(value: int, limits: Range) -> int:
    """Count the units outside a range."""
    return max(limits[0] - value, 0) + max(value - limits[1], 0)


def _misfit(marks: Sequence[bool], limits: Range, before: int) -> int:
    """Count the days by which runs are too short or too long; a run from before goes on."""
    least, most = limits
    cost = 0
    for start, length in _runs(marks):
        earlier = before if start == 0 else 0
        # Days before the first one were paid by the past.
        cost += max(earlier + length - most, 0) - max(earlier - most, 0)
        if start + length < len(marks):
            cost += max(least - earlier - length, 0)
    if before and not (marks and marks[0]):
        cost += max(least - before, 0)
    return cost


def _runs(marks: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield first day and length of every run of marks."""
    start = 0
    for day, mark in enumerate([*marks, False]):
        if not mark:
            if day > start:
                yield start, day - start
            start = day + 1
