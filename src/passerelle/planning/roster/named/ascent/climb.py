"""Find prices of cover without a linear programme: a proximal method over mixtures of rosters.

Every person has a few rosters with weights that sum to one. The cost of cover is smoothed: its slope is

    price(cover) = clip(centre + stiffness * (need - cover), -over, under),

so fractions of people cost fractions of prices; where a need has a floor, the price leaves this range for
what is missing below it. A round prices the persons in batches, takes each new
roster into its person's mixture and shifts weight at once (:mod:`._kernels`); then the prices become
the next centre and the stiffness falls. Now and then all are priced at a running mean of the centres,
which gives the Lagrangian bound: the centres swing around the best prices, and the bound is concave, so
their mean proves more than any of them while they swing. The mixture is close to the solution of the master's linear programme, its prices
are close to the dual one; both cost a few dozen pricings, whatever the number of rows.

Strandmark and others solve the master itself by a first-order method; here there is no master at all.

References
----------
.. [1] P. Strandmark, Y. Qu, T. Curtois (2020), "First-order linear programming in a column-generation
   based heuristic approach to the nurse rostering problem", Computers & OR 120.
.. [2] S. Lacoste-Julien, M. Jaggi, M. Schmidt, P. Pletscher (2013), "Block-coordinate Frank-Wolfe
   optimization for structural SVMs", ICML. The steps.
.. [3] R. Rockafellar (1976), "Monotone operators and the proximal point algorithm", SIAM J. Control
   Optim. 14. The centre.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.planning.roster.named.ascent._kernels import (
    cell_prices,
    reduced_costs,
    take_roster,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from passerelle.planning.roster.named.instance import IntArray
    from passerelle.planning.roster.named.pricers import RegionPricer

__all__ = ["AscentParams", "Climb"]

_ANY: Final = 1e14
_EPS: Final = 1e-6


@dataclass(frozen=True, slots=True)
class AscentParams:
    """Choose how prices climb.

    Parameters
    ----------
    kept
        Rosters a person in the mixture.
    steps
        Most shifts of weight after each new roster.
    batches
        Parts into which persons are divided in a round; each part is priced at once.
    bound_every
        Rounds from one bound to the next.
    newest
        Share of the newest centre in the running mean at which bounds are taken.
    stiffness, least_stiffness
        Change of a price a person missing, first and at last, as a share of the highest price.
    fall
        Factor of the stiffness a round.
    wild
        Rounds after which the limits that bind are learnt anew: the first prices break many that the
        last ones never meet, and every limit kept makes pricing slower.
    gap
        Stop when mixture and bound differ by less than this share.
    """

    kept: int = 12
    steps: int = 3
    batches: int = 8
    bound_every: int = 4
    newest: float = 0.15
    stiffness: float = 0.2
    least_stiffness: float = 0.025
    fall: float = 0.97
    wild: tuple[int, ...] = (16, 48)
    gap: float = 2e-3


class Climb:
    """Keep the mixtures and the best bound; may be taken up again at any time.

    Parameters
    ----------
    pricer
        Of the whole grid or of a region; not to be shared, see ``wild``.
    params
        Options.
    rng
        For the order of persons.
    """

    def __init__(
        self, pricer: RegionPricer, params: AscentParams, rng: np.random.Generator
    ) -> None:
        region = pricer.region
        grid, rows = region.compiled.grid, region.rows
        n = len(region.people)
        self.pricer, self.params, self.rng = pricer, params, rng
        self.need = np.where(rows, region.need, 0).astype(np.float64)
        self.low = np.where(rows, -grid.over, 0).astype(np.float64)
        self.high = np.where(rows, grid.top, 0).astype(np.float64)
        self.mid = np.where(rows, grid.under, 0).astype(np.float64)
        self.spare = np.zeros(rows.shape) if grid.spare is None else grid.spare.astype(np.float64)
        self.cover = np.zeros(rows.shape)
        self.centre = np.zeros(rows.shape)
        self.rosters = np.full((n, params.kept, grid.n_days), -1, dtype=np.int64)
        self.weights = np.zeros((n, params.kept))
        self.costs = np.zeros((n, params.kept))
        self.count = np.zeros(n, dtype=np.int64)
        scale = max(float(self.mid.max(initial=0.0)), -float(self.low.min(initial=0.0)), 1.0)
        self.stiffness = params.stiffness * scale
        self.least_stiffness = params.least_stiffness * scale
        self.rounds = 0
        self.bound = -np.inf
        self.prices = self.mean = self.centre
        self._room = np.empty(rows.shape)
        self._cost = np.zeros((n, *rows.shape))

    @property
    def value(self) -> float:
        """Cost of the mixture: never below the value of the linear relaxation."""
        gap = self.need - self.cover
        cover = np.maximum(gap, 0) * self.mid - np.maximum(-gap, 0) * self.low
        grave = np.maximum(gap - self.spare, 0) * (self.high - self.mid)
        return float((self.weights * self.costs).sum() + cover.sum() + grave.sum())

    @property
    def is_close(self) -> bool:
        """Whether bound and mixture nearly meet."""
        value = self.value
        return value - self.bound <= self.params.gap * max(abs(value), 1.0)

    def prices_now(self) -> NDArray[np.float64]:
        """Return the prices at the cover of the mixture."""
        out = np.empty_like(self.cover)
        self._write_prices(out)
        return out

    def leaders(self) -> NDArray[np.int16]:
        """Return the heaviest roster of each person."""
        heaviest = self.weights.argmax(axis=1)
        leaders: NDArray[np.int64] = self.rosters[np.arange(len(heaviest)), heaviest]
        return leaders.astype(np.int16)

    def columns(self) -> tuple[IntArray, NDArray[np.int16]]:
        """Return all rosters in the mixtures: person and roster."""
        owner, place = np.nonzero(np.arange(self.params.kept) < self.count[:, None])
        return owner, self.rosters[owner, place].astype(np.int16)

    def begin(self, roster: NDArray[np.int16]) -> None:
        """Give each person a first roster; then the prices start from its cover."""
        for i in range(len(self.count)):
            self._take(i, roster[i].astype(np.int64))

    def run(self, over: Callable[[], bool], report: Callable[[Climb], None], rounds: int) -> None:
        """Climb.

        Parameters
        ----------
        over
            Tells when to stop; not heeded before the first bound.
        report
            Called with every better bound.
        rounds
            Most rounds.
        """
        n = len(self.count)
        for _ in range(rounds):
            self.rounds += 1
            if self.rounds in self.params.wild:
                self.pricer.forget()
            exact = self.rounds % self.params.bound_every == 0
            order = self.rng.permutation(n)
            parts = [np.arange(n)] if exact else np.array_split(order, self.params.batches)
            least = sum(self._price(part, self.mean if exact else None) for part in parts)
            bound = least + float((self.mean * self.need).sum())
            bound += float((np.minimum(self.mid - self.mean, 0) * self.spare).sum())
            if exact and bound > self.bound:
                self.bound, self.prices = bound, self.mean
                report(self)
            self.centre = self.prices_now()
            newest = max(self.params.newest, 1 / self.rounds)
            self.mean = (1 - newest) * self.mean + newest * self.centre
            self.stiffness = max(self.stiffness * self.params.fall, self.least_stiffness)
            if (exact and self.is_close) or (self.bound > -np.inf and over()):
                return

    def _write_prices(self, out: NDArray[np.float64]) -> None:
        cell_prices(
            self.centre, self.stiffness, self.need, self.cover, self.low, self.mid, self.high,
            self.spare, out,
        )  # fmt: skip

    def _price(self, part: IntArray, prices: NDArray[np.float64] | None) -> float:
        """Price some persons, at the prices of now when None; return the sum of their least costs."""
        if not len(part):
            return 0.0
        prices = self.prices_now() if prices is None else prices
        region = self.pricer.region
        threshold = np.full(len(self.count), _ANY)
        reduced = np.empty(self.params.kept)
        for i in part:
            np.subtract(region.wish[i], prices, out=self._cost[i])
            count = int(self.count[i])
            if count:
                reduced_costs(self.rosters[i], self.costs[i], count, prices, reduced)
                threshold[i] = reduced[:count].min() + _EPS
        priced = self.pricer.price(self._cost, threshold, part)
        for i, roster in zip(priced.owner, priced.rosters, strict=True):
            self._take(int(i), roster.astype(np.int64))
        for i in np.setdiff1d(part, priced.owner):
            # Nothing cheaper is known: shift weight to the cheapest roster at hand.
            place = self._cheapest(int(i), prices)
            if place >= 0:
                self._take(int(i), self.rosters[i, place].copy())
        return float(priced.lower[part].sum()) - 2 * _EPS * len(part)

    def _cheapest(self, i: int, prices: NDArray[np.float64]) -> int:
        count = int(self.count[i])
        if not count:
            return -1
        reduced = np.empty(count)
        reduced_costs(self.rosters[i], self.costs[i], count, prices, reduced)
        return int(reduced.argmin())

    def _take(self, i: int, roster: NDArray[np.int64]) -> None:
        """Take a roster into a mixture."""
        cost = float(self.pricer.region.own_costs(np.array([i]), roster[None])[0])
        self.count[i] = take_roster(
            self.rosters[i], self.weights[i], self.costs[i], int(self.count[i]), roster, cost,
            self.centre, self.stiffness, self.need, self.cover, self.low, self.mid, self.high,
            self.spare, self._room, self.params.steps,
        )  # fmt: skip
