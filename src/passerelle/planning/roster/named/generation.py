"""Generate columns for a region: master, prices, pricing, until nothing cheaper exists.

Prices are smoothed towards those of the best Lagrangian bound. Every round of pricing gives a bound

    L(prices) = prices · need + sum over persons of their cheapest roster at these prices,

valid for any prices between minus the surplus and plus the shortfall weight, whether or not the
round finds a column that helps.

References
----------
.. [1] P. Wentges (1997), "Weighted Dantzig-Wolfe decomposition for linear mixed-integer programming",
   Int. Trans. Oper. Res. 4. The smoothing.
.. [2] A. Pessoa, R. Sadykov, E. Uchoa, F. Vanderbeck (2018), "Automation and combination of
   linear-programming based stabilization techniques in column generation", INFORMS J. Comput. 30.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.planning.roster.named.master import Duals, Master
    from passerelle.planning.roster.named.pricers import RegionPricer

__all__ = ["Generated", "GenerationParams", "generate"]

_EPS: Final = 1e-6


@dataclass(frozen=True, slots=True)
class GenerationParams:
    """Choose how columns are generated.

    Parameters
    ----------
    rounds
        Most rounds of master and pricing.
    smoothing
        Weight of the best prices so far, 0 (none) up to below 1.
    gap
        Stop when master and bound differ by less than this cost.
    """

    rounds: int = 500
    smoothing: float = 0.6
    gap: float = 1e-3


@dataclass(frozen=True, slots=True)
class Generated:
    """Hold the end of a generation.

    Parameters
    ----------
    master_value
        Value of the last LP; no bound unless ``converged``.
    bound
        Best Lagrangian bound.
    prices
        Prices of that bound.
    converged
        No cheaper roster exists, or the gap closed.
    """

    master_value: float
    bound: float
    prices: Duals
    converged: bool


def generate(
    pricer: RegionPricer,
    master: Master,
    params: GenerationParams,
    expired: Callable[[], bool],
    *,
    bound_wanted: float = np.inf,
    value_wanted: float = -np.inf,
    guess: Duals | None = None,
) -> Generated:
    """Add columns until none helps, the gap closes or time is up.

    Parameters
    ----------
    pricer, master
        Of the same region; the master must hold at least one roster a person.
    params
        Options.
    expired
        Tells when to stop.
    bound_wanted
        Stop as soon as the bound reaches this value.
    value_wanted
        Stop as soon as the master falls to this value.
    guess
        Prices known from elsewhere; the first round prices at them.

    Returns
    -------
    Generated
        Value, bound and prices.
    """
    region = pricer.region
    wish = region.wish
    value, duals = master.solve()
    best = -np.inf
    centre = duals if guess is None else guess
    smoothing = params.smoothing
    for round_ in range(params.rounds):
        if value <= value_wanted:
            break
        weights = (smoothing, 0.0) if round_ and smoothing > 0 else (0.0,)
        weights = (1.0, 0.0) if guess is not None and not round_ else weights
        added = 0
        exact = True
        for weight in weights:
            at = duals.mixed(centre, weight)
            known = master.priced(at.cells)
            threshold = np.full(len(region.people), np.inf)
            np.minimum.at(threshold, master.owner[master.open], known[master.open])
            cost = wish - at.cells
            priced = pricer.price(cost, threshold + _EPS)
            exact = priced.exact
            lagrangian = master.worth(at) + float((priced.lower - 2 * _EPS).sum())
            if lagrangian > best:
                best, centre = lagrangian, at
            reduced = master.reduced(priced.owner, priced.rosters, duals.cells)
            good = reduced < duals.people[priced.owner] - _EPS
            added = master.add(priced.owner[good], priced.rosters[good])
            if added:
                break
        if value - best <= params.gap or best >= bound_wanted:
            return Generated(value, best, centre, converged=True)
        if not added:
            return Generated(value, best, centre, converged=exact)
        if expired():
            break
        value, duals = master.solve()
    return Generated(value, best, centre, converged=False)
