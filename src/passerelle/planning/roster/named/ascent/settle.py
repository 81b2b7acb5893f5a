"""Settle on one roster a person: best responses around given prices that give way to true costs.

Each person in turn takes the cheapest roster at

    clip(prices + stiffness * (need - cover of the others - 1/2), -over, under).

A soft start keeps everybody near the prices, which know about the whole horizon: about minutes and weekends
that are needed more elsewhere. As the stiffness grows the true cost of one more person takes over,
until nobody wants to change. The prices follow what is missing after every round.

References
----------
.. [1] D. Bertsekas (1982), "Constrained Optimization and Lagrange Multiplier Methods", chapter 2.
   The method of multipliers; here block by block and over whole numbers, so without a guarantee.
.. [2] D. Wedelin (1995), "An algorithm for large scale 0-1 integer programming with application to
   airline crew scheduling", Annals of OR 57. Prices that are bent until they round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from passerelle.planning.roster.named.pricers import RegionPricer

__all__ = ["SettleParams", "settle"]

_EPS: Final = 1e-6


@dataclass(frozen=True, slots=True)
class SettleParams:
    """Choose how rosters settle.

    Parameters
    ----------
    stiffness
        First change of a price a person missing, as a share of the highest price.
    growth
        Factor of the stiffness a round.
    memory
        Share of that change which stays in the prices after a round.
    rounds
        Most rounds.
    """

    stiffness: float = 0.03
    growth: float = 1.1
    memory: float = 0.2
    rounds: int = 40


def settle(
    pricer: RegionPricer,
    prices: NDArray[np.float64],
    start: NDArray[np.int16],
    params: SettleParams,
    *,
    rng: np.random.Generator,
    over: Callable[[], bool],
) -> NDArray[np.int16]:
    """Settle.

    Parameters
    ----------
    pricer
        Of the whole grid.
    prices
        Of cover, shape ``(n_days, n_types)``.
    start
        A legal roster each.
    params
        Options.
    rng
        For the order of persons.
    over
        Tells when to stop.

    Returns
    -------
    NDArray[np.int16]
        The best of the rosters after each round.
    """
    grid, rows = pricer.region.compiled.grid, pricer.region.rows
    low, high = -grid.over.astype(np.float64), grid.under.astype(np.float64)
    scale = max(float(high[rows].max(initial=0.0)), 1.0)
    now, at = start.copy(), prices.copy()
    counts = grid.cover(now)
    best, least = start, grid.value(start)
    stiffness = params.stiffness * scale
    cost = np.zeros((grid.n_people, *rows.shape))
    threshold = np.full(grid.n_people, np.inf)
    for _ in range(params.rounds):
        before = now.copy()
        for p in rng.permutation(grid.n_people):
            if over():
                return best
            days = np.flatnonzero(now[p] >= 0)
            counts[days, now[p, days]] -= 1
            bent = np.clip(at + stiffness * (grid.need - counts - 0.5), low, high)
            if grid.spare is not None:
                # Below the floor the price leaves its usual range.
                wanted = grid.need - grid.spare - counts - 0.5
                bent = np.clip(at + stiffness * wanted, bent, grid.top)
            cost[p] = grid.wish[p] - np.where(rows, bent, 0.0)
            threshold[p] = cost[p, days, now[p, days]].sum() - _EPS
            if grid.soft is not None:
                threshold[p] += grid.soft.costs(np.array([p]), now[p : p + 1])[0]
            priced = pricer.price(cost, threshold, np.array([p]))
            if len(priced.owner):
                now[p] = priced.rosters[0]
            days = np.flatnonzero(now[p] >= 0)
            counts[days, now[p, days]] += 1
        value = grid.value(now)
        if value < least:
            best, least = now.copy(), value
        if stiffness >= scale and (now == before).all():
            break
        missing = np.where(rows, grid.need - counts, 0)
        at = np.clip(at + params.memory * stiffness * missing, low, high)
        stiffness *= params.growth
    return best
