"""Shift weight between the rosters of one person: pairwise steps with exact line search, compiled.

The mixture of all persons covers each cell by a fraction. The price of a cell is the slope of the
smoothed cost of cover,

    price(cover) = clip(centre + stiffness * (need - cover), low, mid),

and where more than ``spare`` are missing, with that many taken off the need, up to ``high``.

A step takes weight from the dearest roster of a person that has weight, gives it to the cheapest one, as
far as that pays; the prices follow at once. Plain functions on arrays; the result is the same with
compilation off.

References
----------
.. [1] S. Lacoste-Julien, M. Jaggi, M. Schmidt, P. Pletscher (2013), "Block-coordinate Frank-Wolfe
   optimization for structural SVMs", ICML. One block of the product, exact line search.
.. [2] S. Lacoste-Julien, M. Jaggi (2015), "On the global linear convergence of Frank-Wolfe optimization
   variants", NIPS. Pairwise steps.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["cell_prices", "reduced_costs", "take_roster"]

_HALVINGS = 14
_NOTHING = 1e-9
_WORTHWHILE = 1e-2

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def _bent(price: float, below: float, low: float, mid: float, high: float) -> float:
    """Keep a price in its range; what is ``below`` less and still above ``mid`` may rise to ``high``."""
    if price - below > mid:
        return min(price - below, high)
    return min(max(price, low), mid)


@njit(cache=True, nogil=True)
def cell_prices(
    centre: Floats, stiffness: float, need: Floats, cover: Floats, low: Floats, mid: Floats,
    high: Floats, spare: Floats, out: Floats,
) -> None:  # fmt: skip
    """Write the price of every cell at a fractional cover."""
    for d in range(need.shape[0]):
        for t in range(need.shape[1]):
            price = centre[d, t] + stiffness * (need[d, t] - cover[d, t])
            below = stiffness * spare[d, t]
            out[d, t] = _bent(price, below, low[d, t], mid[d, t], high[d, t])


@njit(cache=True, nogil=True)
def reduced_costs(rosters: Ints, costs: Floats, count: int, prices: Floats, out: Floats) -> None:
    """Write the reduced cost of each of a person's rosters."""
    for k in range(count):
        total = costs[k]
        for d in range(rosters.shape[1]):
            t = rosters[k, d]
            if t >= 0:
                total -= prices[d, t]
        out[k] = total


@njit(cache=True, nogil=True)
def _shift_cover(roster: Ints, weight: float, cover: Floats) -> None:
    """Add a roster with a weight to the cover."""
    for d in range(roster.shape[0]):
        if roster[d] >= 0:
            cover[d, roster[d]] += weight


@njit(cache=True, nogil=True)
def _place_for(
    rosters: Ints, weights: Floats, count: int, roster: Ints, cover: Floats
) -> tuple[int, int]:
    """Find where a roster stands or may stand; a full table gives up its lightest one."""
    for k in range(count):
        same = True
        for d in range(roster.shape[0]):
            if rosters[k, d] != roster[d]:
                same = False
                break
        if same:
            return k, count
    if count < rosters.shape[0]:
        return count, count + 1
    lightest = int(np.argmin(weights[:count]))
    heaviest = int(np.argmax(weights[:count]))
    _shift_cover(rosters[lightest], -weights[lightest], cover)
    _shift_cover(rosters[heaviest], weights[lightest], cover)
    weights[heaviest] += weights[lightest]
    weights[lightest] = 0.0
    return lightest, count


@njit(cache=True, nogil=True)
def _slope(
    give: Ints, take: Ints, step: float, more: float, centre: Floats, stiffness: float,
    need: Floats, cover: Floats, low: Floats, mid: Floats, high: Floats, spare: Floats,
) -> float:  # fmt: skip
    """Return the slope of the smoothed cost after ``step`` of weight went from ``take`` to ``give``."""
    total = more
    for d in range(give.shape[0]):
        if give[d] == take[d]:
            continue
        if give[d] >= 0:
            t = give[d]
            price = centre[d, t] + stiffness * (need[d, t] - cover[d, t] - step)
            below = stiffness * spare[d, t]
            total -= _bent(price, below, low[d, t], mid[d, t], high[d, t])
        if take[d] >= 0:
            t = take[d]
            price = centre[d, t] + stiffness * (need[d, t] - cover[d, t] + step)
            below = stiffness * spare[d, t]
            total += _bent(price, below, low[d, t], mid[d, t], high[d, t])
    return total


@njit(cache=True, nogil=True)
def take_roster(
    rosters: Ints, weights: Floats, costs: Floats, count: int, roster: Ints, cost: float,
    centre: Floats, stiffness: float, need: Floats, cover: Floats, low: Floats, mid: Floats,
    high: Floats, spare: Floats, prices: Floats, steps: int,
) -> int:  # fmt: skip
    """Take a roster into a person's mixture and shift weight; return the number of rosters kept.

    ``rosters[k, day]``, ``weights[k]`` and ``costs[k]`` are the person's table; ``cover`` follows.
    ``prices`` is room to write in.
    """
    place, count = _place_for(rosters, weights, count, roster, cover)
    rosters[place] = roster
    costs[place] = cost
    if count == 1:
        _shift_cover(roster, 1.0 - weights[0], cover)
        weights[0] = 1.0
        return count
    reduced = np.empty(count)
    for _ in range(steps):
        cell_prices(centre, stiffness, need, cover, low, mid, high, spare, prices)
        reduced_costs(rosters, costs, count, prices, reduced)
        give, take = 0, -1
        for k in range(count):
            if reduced[k] < reduced[give]:
                give = k
            if weights[k] > _NOTHING and (take < 0 or reduced[k] > reduced[take]):
                take = k
        if take == give or reduced[take] - reduced[give] < _WORTHWHILE:
            break
        more = costs[give] - costs[take]
        a, b = rosters[give], rosters[take]
        least, most = 0.0, weights[take]
        if _slope(a, b, most, more, centre, stiffness, need, cover, low, mid, high, spare) > 0:
            for _ in range(_HALVINGS):
                middle = (least + most) / 2
                if (
                    _slope(
                        a, b, middle, more, centre, stiffness, need, cover, low, mid, high, spare
                    )
                    > 0
                ):
                    most = middle
                else:
                    least = middle
            most = (least + most) / 2
        _shift_cover(b, -most, cover)
        _shift_cover(a, most, cover)
        weights[take] -= most
        weights[give] += most
    return count
