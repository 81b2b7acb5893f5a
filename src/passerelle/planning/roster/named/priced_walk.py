"""Bound the cheapest roster of a person over a long horizon, with prices on minutes and weekends.

A walk over days that keeps only the rest or the run and the last type costs milliseconds for a year. For
any price ``a`` a minute and ``b >= 0`` a weekend,

    cost + a * (minutes - limit) + b * (weekends - cap) <= cost

of every legal roster, where the limit is the most minutes for ``a > 0`` and the least for ``a < 0``. The
best prices are searched by turns with golden sections; limits on types are left out. So the value is a
lower bound, and the checker needs nothing from the solver but the prices of cover.

References
----------
.. [1] G. Handler, I. Zang (1980), "A dual algorithm for the constrained shortest path problem",
   Networks 10. Prices on the resources of a path.
.. [2] J. Kiefer (1953), "Sequential minimax search for a maximum", Proc. AMS 4. Golden sections.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.planning.roster.named.instance import DAYS_PER_WEEK, SATURDAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from passerelle.planning.roster.named.instance import DayGrid

__all__ = ["priced_cost", "walk_priced"]

_GOLDEN: Final = (5**0.5 - 1) / 2
_SECTIONS: Final = 16
_TURNS: Final = 2
_NARROWER: Final = 0.05
"""Width of the second search, as a share of the first."""


def priced_cost(grid: DayGrid, person: int, cost: NDArray[np.float64]) -> float:
    """Return a lower bound on the cost of a person's legal rosters.

    Parameters
    ----------
    grid
        The instance.
    person
        Place of the person.
    cost
        Cost of each shift, shape ``(n_days, n_types)``.
    """
    dearest = float(np.abs(cost).max(initial=0.0))
    widest = 2 * dearest / max(int(grid.type_minutes.min(initial=1)), 1)
    minute, weekend = 0.0, 0.0
    best = walk_priced(grid, person, cost, minute, weekend)
    for turn in range(_TURNS):
        minutes, weekends = widest * _NARROWER**turn, 2 * dearest * _NARROWER**turn
        walk = partial(walk_priced, grid, person, cost)
        value, at = _highest(partial(walk, weekend=weekend), minute - minutes, minute + minutes)
        if value > best:
            best, minute = value, at
        low, high = max(weekend - weekends, 0.0), weekend + weekends
        value, at = _highest(partial(_by_weekend, walk, minute), low, high)
        if value > best:
            best, weekend = value, at
    return best


def _by_weekend(walk: Callable[[float, float], float], minute: float, weekend: float) -> float:
    return walk(minute, weekend)


def _highest(function: Callable[[float], float], low: float, high: float) -> tuple[float, float]:
    """Search the highest value of a concave function; return it and its place."""
    inner, outer = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    left, right = function(inner), function(outer)
    for _ in range(_SECTIONS):
        if left >= right:
            high, outer, right = outer, inner, left
            inner = high - _GOLDEN * (high - low)
            left = function(inner)
        else:
            low, inner, left = inner, outer, right
            outer = low + _GOLDEN * (high - low)
            right = function(outer)
    return (left, inner) if left >= right else (right, outer)


def walk_priced(
    grid: DayGrid, person: int, cost: NDArray[np.float64], minute: float, weekend: float
) -> float:
    """Return the lower bound at given prices of a minute and of a weekend.

    Parameters
    ----------
    grid, person, cost
        See :func:`priced_cost`.
    minute, weekend
        Prices; the second at least 0.
    """
    contract = grid.contracts[person]
    longest, shortest = min(contract.max_run, grid.n_days), contract.min_run
    paid = cost + minute * grid.type_minutes
    paid = np.where((grid.type_cap[person] > 0) & ~grid.closed[person][:, None], paid, np.inf)
    forbidden = np.where(grid.banned, np.inf, 0.0)
    rest = np.full(contract.min_rest, np.inf)
    rest[-1] = 0.0
    work = np.full((longest, grid.n_types), np.inf)
    for day in range(grid.n_days):
        weekday = (grid.first_weekday + day) % DAYS_PER_WEEK
        rested, worked = np.empty_like(rest), np.empty_like(work)
        rested[0] = work[shortest - 1 :].min(initial=np.inf)
        if 0 < day < shortest and day <= longest:
            # A run that touches the first day may end when it likes.
            rested[0] = min(rested[0], work[day - 1].min())
        last = rest[-1]
        rested[1:] = rest[:-1]
        rested[-1] = min(rested[-1], last)
        worked[0] = last + paid[day] + (weekend if weekday >= SATURDAY else 0.0)
        worked[1:] = (work[:-1, :, None] + forbidden).min(axis=1) + paid[day]
        if weekday == SATURDAY:
            worked[1:] += weekend
        rest, work = rested, worked
    limit = contract.max_minutes if minute > 0 else contract.min_minutes
    least = min(float(rest.min()), float(work.min()))
    return least - minute * limit - weekend * contract.max_weekends
