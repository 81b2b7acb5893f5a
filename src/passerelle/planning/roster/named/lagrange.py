"""Bound a long grid without a master: subgradient steps on the prices of cover.

Over half a year and more the master has thousands of rows while pricing everybody once takes a second.
Every pricing at prices between minus the surplus and plus the shortfall weight gives a valid bound, so
the prices themselves are improved: along the smoothed difference of need and cover, with Polyak's step
towards the best roster known, shorter when nothing improves. Limits on shift types outside the state
are relaxed, which keeps the bound valid.

References
----------
.. [1] F. Barahona, R. Anbil (2000), "The volume algorithm: producing primal solutions with a
   subgradient method", Math. Programming 87. The smoothed direction.
.. [2] B. Polyak (1969), "Minimization of unsmooth functionals". The step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from passerelle.planning.roster.named.pricing import Pricer

__all__ = ["raise_bound"]

_PATIENCE: Final = 6
_SMALLEST_STEP: Final = 1e-4


def raise_bound(
    pricer: Pricer,
    prices: NDArray[np.float64],
    value: float,
    over: Callable[[], bool],
    report: Callable[[float, NDArray[np.float64]], None],
    *,
    rounds: int = 2000,
) -> tuple[float, NDArray[np.float64]]:
    """Improve prices from a start.

    Parameters
    ----------
    pricer
        Of the whole grid.
    prices
        Where to start, shape ``(n_days, n_types)``.
    value
        Cost of the best roster, without the constant of wishes.
    over
        Tells when to stop; one round is always done.
    report
        Called with every better bound and its prices.
    rounds
        Most rounds.

    Returns
    -------
    tuple[float, NDArray[np.float64]]
        Best bound, without the constant of wishes, and its prices.
    """
    region = pricer.region
    grid, rows = region.compiled.grid, region.rows
    low, high = -grid.over.astype(np.float64), grid.under.astype(np.float64)
    at = np.where(rows, np.clip(prices, low, high), 0.0)
    best, best_at = -np.inf, at
    step, stalled = 0.5, 0
    direction = np.zeros_like(at)
    for round_ in range(rounds):
        lower, counts = pricer.relaxed(np.subtract(region.wish, at, dtype=np.float64))
        bound = float((at * region.need)[rows].sum() + lower.sum())
        if bound > best:
            stalled = 0 if bound > best + 1e-3 * (value - best) else stalled + 1
            best, best_at = bound, at
            report(best, best_at)
        else:
            stalled += 1
        if over() or best > value - 1 or step < _SMALLEST_STEP:
            break
        slope = np.where(rows, region.need - counts, 0.0)
        direction = slope if round_ == 0 else 0.3 * slope + 0.7 * direction
        if stalled > _PATIENCE:
            step, stalled, at, direction = step * 0.6, 0, best_at, slope
        move = direction.copy()
        move[((at >= high) & (move > 0)) | ((at <= low) & (move < 0))] = 0.0
        length = float((move * move).sum())
        if length <= 0:
            break
        at = np.where(rows, np.clip(at + step * (value - best) / length * move, low, high), 0.0)
    return best, best_at
