"""Build a good roster quickly: best responses of single persons, then weeks for everybody in turn.

*Responses.* Each person takes the cheapest legal roster beside all others; the marginal cost of cover is
linear for one person, so one pricing is exact. At first the price of a missing person falls with
the share already covered, which spreads people over the horizon; later it is the true cost.

*Weeks.* A window of days is freed for everybody and solved as a region; windows overlap by half. Their
length follows the time that the last one took. Long horizons are solved well by this alone: a year is
a chain of small grids. The prices of the windows, side by side, are where the Lagrangian bound of the
whole grid starts.

References
----------
.. [1] E. Burke, T. Curtois (2014), "New approaches to nurse rostering benchmark instances", EJOR 237.
   Greedy construction and re-optimising single schedules by dynamic programming.
.. [2] S. Helber, F. Sahling (2010), "A fix-and-optimize approach for the multi-level capacitated lot
   sizing problem", Int. J. Prod. Econ. 123. Overlapping windows in time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.planning.roster.named.dive import DiveParams
from passerelle.planning.roster.named.improve import solve_region
from passerelle.planning.roster.named.region import free_days

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from passerelle.planning.roster.named.arrays import Compiled
    from passerelle.planning.roster.named.pricers import RegionPricer
    from passerelle.planning.roster.named.pricing import PricingParams

__all__ = ["Weeks", "respond"]

_ANY: Final = 1e14
_LEAST_DAYS: Final = 7
_QUICK, _SLOW = 0.25, 1.0


def respond(
    pricer: RegionPricer,
    roster: NDArray[np.int16] | None,
    rng: np.random.Generator,
    over: Callable[[], bool],
    *,
    sweeps: int,
) -> tuple[NDArray[np.int16] | None, int | None]:
    """Let each person in turn take the cheapest roster beside the others.

    Parameters
    ----------
    pricer
        Of the whole grid.
    roster
        Where to start; None for nobody at work, then everybody answers at least once.
    rng
        For the order of persons.
    over
        Tells when to stop; not heeded before everybody has a roster.
    sweeps
        Most rounds; the first half spreads people over the horizon.

    Returns
    -------
    tuple[NDArray[np.int16] | None, int | None]
        The best roster, or None and the first person for whom no legal roster was found.
    """
    grid = pricer.region.compiled.grid
    now = grid.empty_roster() if roster is None else roster.copy()
    counts = grid.cover(now)
    best, best_value = roster, np.inf if roster is None else float(grid.value(roster))
    cost = np.zeros(pricer.allowed.shape)
    threshold = np.full(grid.n_people, _ANY)
    wanted = np.maximum(grid.need, 1)
    for turn in range(sweeps):
        for p in rng.permutation(grid.n_people):
            if best is not None and over():
                return best, None
            days = np.flatnonzero(now[p] >= 0)
            counts[days, now[p, days]] -= 1
            share = (grid.need - counts) / wanted if turn < (sweeps + 1) // 2 else 1.0
            cost[p] = grid.wish[p] + np.where(
                counts < grid.need, -grid.missing_price(counts) * share, grid.over
            )
            priced = pricer.price(cost, threshold, np.array([p]))
            if not len(priced.owner) and roster is None and turn == 0:
                return None, int(p)
            if len(priced.owner):
                now[p] = priced.rosters[0]
            days = np.flatnonzero(now[p] >= 0)
            counts[days, now[p, days]] += 1
        value = grid.value(now)
        if value < best_value:
            best, best_value = now.copy(), value
    return best, None


@dataclass(slots=True)
class Weeks:
    """Free everybody for some days, window after window.

    Parameters
    ----------
    compiled
        The grid.
    pricing
        Options.
    hot
        Limits known to bind.
    rng
        For the order of fixings.
    now
        Clock in seconds, for the length of windows only.
    window_seconds
        What one window should take.
    days
        Length of the next window.
    prices
        Prices of the cells as the windows left them.
    guess
        Prices of cover that windows begin with.
    """

    compiled: Compiled
    pricing: PricingParams
    hot: NDArray[np.bool_]
    rng: np.random.Generator
    now: Callable[[], float]
    window_seconds: float = 4.0
    days: float = 14.0
    prices: NDArray[np.float64] | None = None
    guess: NDArray[np.float64] | None = None

    def pass_over(
        self,
        roster: NDArray[np.int16],
        over: Callable[[], bool],
        report: Callable[[NDArray[np.int16]], None],
    ) -> NDArray[np.int16]:
        """Walk once over the horizon; return the roster improved.

        Parameters
        ----------
        roster
            Legal roster.
        over
            Tells when to stop.
        report
            Called with every better roster.
        """
        grid = self.compiled.grid
        everybody = np.arange(grid.n_people)
        if self.prices is None:
            self.prices = np.zeros(grid.need.shape)
        start = 0
        while start < grid.n_days and not over():
            length = max(_LEAST_DAYS, min(round(self.days), grid.n_days))
            stop = min(start + length, grid.n_days)
            began = self.now()
            limit = began + 4 * self.window_seconds

            def expired(limit: float = limit) -> bool:
                return over() or self.now() > limit

            region = free_days(self.compiled, roster, everybody, start, stop)
            solved = solve_region(
                region, roster, (np.empty(0, np.int64), roster[:0]), self.pricing,
                DiveParams(agreement=0.7, share=0.1, rounds=8, noise=0.05),
                hot=self.hot, expired=expired,
                rng=self.rng, guess=self.guess,
            )  # fmt: skip
            self.prices[start:stop] = solved.prices[start:stop]
            if solved.rosters is not None:
                roster = solved.rosters
                report(roster)
            spent = self.now() - began
            if spent > _SLOW * self.window_seconds:
                self.days = max(_LEAST_DAYS, 0.75 * length)
            elif spent < _QUICK * self.window_seconds:
                self.days = min(grid.n_days, 1.25 * length + 1)
            if stop == grid.n_days:
                break
            start += max(length // 2, 1)
        return roster
