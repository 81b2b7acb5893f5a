"""Solve week by week: each week with what is known then, as the second nurse rostering competition was run.

When a week is planned, its need and wishes are known, and what everybody did before; later weeks are not. Limits
over the whole horizon (shifts, weekends) and runs across Sunday still want foresight. Therefore each solve spans
the rest of the horizon: later weeks are assumed to need what the weeks known so far needed, in turn, the newest
first, without wishes; then the first week is kept and the rest thrown away. Counters need no shares of a week
so, and a Sunday is left in a way that a week like this one can follow. There is no bound: the price of not
knowing is seen beside the solve of all weeks at once.

References
----------
.. [1] S. Ceschia, N. Dang, P. De Causmaecker, S. Haspeslagh, A. Schaerf (2019), "The Second International Nurse
   Rostering Competition", Annals of OR 274. The multi-stage problem.
.. [2] A. Legrain, J. Omer, S. Rosat (2020), "An online stochastic algorithm for a dynamic nurse scheduling
   problem", EJOR 285. There later weeks are sampled; here each is assumed once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from passerelle.planning.roster.named.instance import DAYS_PER_WEEK, Contract
from passerelle.planning.roster.named.solve import solve

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from passerelle.planning.roster.named.instance import DayGrid
    from passerelle.planning.roster.named.search import NamedParams
    from passerelle.planning.roster.named.soft.values import Past
    from passerelle.planning.roster.stop import Stop

__all__ = ["Rolled", "known_grid", "solve_weekly"]


@dataclass(frozen=True, slots=True, eq=False)
class Rolled:
    """Report a solve week by week.

    Parameters
    ----------
    roster
        Type worked or -1, shape ``(n_people, n_days)``.
    value
        Its cost over the whole horizon.
    expected
        Cost of the rest of the horizon that each solve expected, week by week.
    """

    roster: NDArray[np.int16]
    value: int
    expected: tuple[float, ...]


def solve_weekly(
    grid: DayGrid,
    next_stop: Callable[[], Stop],
    *,
    seed: int = 0,
    params: NamedParams | None = None,
) -> Rolled:
    """Solve week by week.

    Parameters
    ----------
    grid
        The whole horizon, with soft rules; a week is looked at when its turn comes.
    next_stop
        Makes the limit of the next week's solve.
    seed
        Seed of all random choices.
    params
        Options of each solve.

    Returns
    -------
    Rolled
        The roster put together and its cost.
    """
    if grid.soft is None:
        raise ValueError("Expected a grid with soft rules: it knows the days before the first one.")
    roster = grid.empty_roster()
    pasts, expected = grid.soft.pasts, []
    for week in range(grid.n_days // DAYS_PER_WEEK):
        known = known_grid(grid, week, pasts)
        result = solve(known, next_stop(), seed=seed, params=params)
        found = known.empty_roster() if result.roster is None else result.roster
        kept = found[:, :DAYS_PER_WEEK]
        roster[:, DAYS_PER_WEEK * week : DAYS_PER_WEEK * (week + 1)] = kept
        expected.append(result.value)
        assert known.soft is not None
        pasts = tuple(known.soft.past_after(p, kept[p]) for p in range(grid.n_people))
    return Rolled(roster, grid.value(roster), tuple(expected))


def known_grid(grid: DayGrid, week: int, pasts: tuple[Past, ...]) -> DayGrid:
    """Return the rest of the horizon as it looks on the eve of a week.

    Parameters
    ----------
    grid
        The whole horizon; only weeks up to this one are read.
    week
        The week to plan, from 0.
    pasts
        What everybody did before it.

    Returns
    -------
    DayGrid
        From the week on; the need of later weeks is assumed, wishes and closed days are those of the week.
    """
    assert grid.soft is not None
    days = grid.n_days - DAYS_PER_WEEK * week
    later = days // DAYS_PER_WEEK - 1
    assumed = [week, *(week - k % (week + 1) for k in range(later))]
    read = np.concatenate([np.arange(DAYS_PER_WEEK) + DAYS_PER_WEEK * w for w in assumed])
    this = read[:DAYS_PER_WEEK]
    wish = np.zeros((grid.n_people, days, grid.n_types), dtype=np.int32)
    wish[:, :DAYS_PER_WEEK] = grid.wish[:, this]
    closed = np.zeros((grid.n_people, days), dtype=np.bool_)
    closed[:, :DAYS_PER_WEEK] = grid.closed[:, this]
    return replace(
        grid,
        contracts=(Contract.unlimited(days),) * grid.n_people,
        type_cap=np.where(grid.type_cap > 0, days, 0),
        closed=closed,
        wish=wish,
        need=grid.need[read],
        under=grid.under[read],
        over=grid.over[read],
        spare=None if grid.spare is None else grid.spare[read],
        soft=replace(grid.soft, pasts=pasts),
    )
