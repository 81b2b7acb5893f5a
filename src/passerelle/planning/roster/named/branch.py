"""Raise the bound by branching on sums of missing and of surplus people.

In every roster the number of people missing in a set of cells is whole, while the master may miss 3.67
of them. Branching on such a sum, "at most 3" or "at least 4", touches slack columns only, so pricing
stays as it is, and one branch is mostly hopeless at once. Sets from coarse to fine: all cells, one
shift type, one week, a type in a week, one day, one cell.

The tree is walked best first. Its bound is the least of all open leaves; a leaf is closed when its
bound, rounded up, is not below the best roster. The leaves are kept: they are the certificate.

References
----------
.. [1] F. Vanderbeck (2011), "Branching in branch-and-price: a generic scheme", Math. Programming 130.
   Section 3, branching on aggregate variables.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from passerelle.planning.roster.named.generation import GenerationParams, generate
from passerelle.planning.roster.named.instance import DAYS_PER_WEEK
from passerelle.planning.roster.named.master import MOST_SUMS, Sum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from passerelle.planning.roster.named.instance import BoolArray
    from passerelle.planning.roster.named.master import Duals, Master
    from passerelle.planning.roster.named.pricers import RegionPricer

__all__ = ["Leaf", "Tree"]

_FRACTION: Final = 0.02
_ROUNDING: Final = 1e-4


class Leaf(NamedTuple):
    """Hold one part of the space and the prices that bound it.

    Parameters
    ----------
    bound
        Lower bound on the cost in this part, without the constant of wishes.
    limits
        Bounds of sums: number of the sum, least, most.
    prices
        Prices that prove the bound; None where only a parent's bound is known.
    sums
        Prices of the sums.
    """

    bound: float
    limits: tuple[tuple[int, float, float], ...]
    prices: NDArray[np.float64] | None
    sums: NDArray[np.float64] | None


@dataclass(slots=True)
class Tree:
    """Walk the tree, one node a step.

    Parameters
    ----------
    pricer, master
        Of the whole grid, solved at the root.
    root
        Bound and prices of the root.
    """

    pricer: RegionPricer
    master: Master
    root: Duals
    root_bound: float
    open: list[tuple[float, int, Leaf]] = field(default_factory=list)
    closed: list[Leaf] = field(default_factory=list)
    stuck: list[Leaf] = field(default_factory=list)
    count: int = 0
    found: NDArray[np.int16] | None = None

    def __post_init__(self) -> None:
        self._push(Leaf(self.root_bound, (), self.root.cells, np.empty(0)))

    @property
    def bound(self) -> float:
        """Least bound of all leaves."""
        leaves = [leaf.bound for _, _, leaf in self.open]
        leaves += [leaf.bound for leaf in self.closed + self.stuck]
        return min(leaves, default=self.root_bound)

    @property
    def is_done(self) -> bool:
        """Whether no step can raise the bound any more."""
        if not self.open:
            return True
        stuck = min((leaf.bound for leaf in self.stuck), default=math.inf)
        return stuck <= self.open[0][0]

    def leaves(self) -> Iterator[Leaf]:
        """Yield all leaves; together they hold every roster."""
        for _, _, leaf in sorted(self.open, key=lambda item: item[1]):
            yield leaf
        yield from self.closed
        yield from self.stuck

    def step(self, value: float, expired: Callable[[], bool]) -> None:
        """Solve the open leaf with the least bound and split it.

        Parameters
        ----------
        value
            Cost of the best roster, without the constant of wishes.
        expired
            Tells when to stop; the leaf then goes back as it was.
        """
        _, _, leaf = heapq.heappop(self.open)
        if self._is_closed(leaf.bound, value):
            self.closed.append(leaf)
            return
        self.enter(leaf)
        done = generate(
            self.pricer, self.master, GenerationParams(rounds=150), expired,
            bound_wanted=value - self.unit + _ROUNDING,
        )  # fmt: skip
        if done.bound > leaf.bound:
            leaf = Leaf(done.bound, leaf.limits, done.prices.cells, done.prices.sums)
        if self._is_closed(leaf.bound, value):
            self.closed.append(leaf)
        elif not done.converged:
            self._push(leaf)
        else:
            self._split(leaf)

    def enter(self, leaf: Leaf) -> None:
        """Set the bounds of the sums to those of a leaf."""
        low = np.full(len(self.master.sums), -np.inf)
        high = np.full(len(self.master.sums), np.inf)
        for number, least, most in leaf.limits:
            low[number] = max(low[number], least)
            high[number] = min(high[number], most)
        self.master.bound_sums(low, high)

    def best_leaf(self) -> Leaf | None:
        """Return the open leaf with the least bound."""
        return self.open[0][2] if self.open else None

    def _push(self, leaf: Leaf) -> None:
        self.count += 1
        heapq.heappush(self.open, (leaf.bound, self.count, leaf))

    @property
    def unit(self) -> int:
        """What every cost is a multiple of."""
        return self.master.region.compiled.grid.unit

    def _is_closed(self, bound: float, value: float) -> bool:
        """Whether nothing cheaper can be below a bound; costs are whole multiples of the unit."""
        return bound > value - self.unit + _ROUNDING

    def _split(self, leaf: Leaf) -> None:
        """Branch on the coarsest sum that is not whole; keep the leaf when all are."""
        row = self._fractional()
        if row is None or len(self.master.sums) >= MOST_SUMS:
            self.stuck.append(leaf)
            return
        sum_, value = row
        number = next(
            (
                k
                for k, known in enumerate(self.master.sums)
                if known.is_surplus == sum_.is_surplus and (known.cells == sum_.cells).all()
            ),
            -1,
        )
        if number < 0:
            number = self.master.add_sum(sum_)
        for low, high in ((-np.inf, math.floor(value)), (math.ceil(value), np.inf)):
            limits = (*leaf.limits, (number, low, high))
            # The prices of the parent prove the parent's bound for the child as well.
            sums = np.zeros(len(self.master.sums))
            if leaf.sums is not None:
                sums[: len(leaf.sums)] = leaf.sums
            self._push(Leaf(leaf.bound, limits, leaf.prices, sums))

    def _fractional(self) -> tuple[Sum, float] | None:
        """Find the sum to branch on: the coarsest kind, in it the one nearest to a half."""
        missing, surplus = self.master.slack()
        for family in self._families():
            best: tuple[Sum, float] | None = None
            merit = _FRACTION
            for label, cells in family:
                for is_surplus, amounts in ((False, missing), (True, surplus)):
                    value = float(amounts[cells].sum())
                    distance = abs(value - round(value))
                    if distance > merit:
                        best, merit = (Sum(label, is_surplus, cells), value), distance
            if best is not None:
                return best
        return None

    def _families(self) -> Iterator[list[tuple[str, BoolArray]]]:
        """Yield families of cell sets, coarse to fine."""
        rows = self.master.region.rows
        days, types = rows.shape
        everything = np.ones_like(rows)
        by_type = everything[None] & (np.arange(types)[:, None, None] == np.arange(types))
        week = np.arange(days) // DAYS_PER_WEEK
        by_week = everything[None] & (np.unique(week)[:, None, None] == week[:, None])
        by_day = everything[None] & (np.arange(days)[:, None, None] == np.arange(days)[:, None])
        yield [("all", everything)]
        yield [(f"type {t}", cells) for t, cells in enumerate(by_type)]
        yield [(f"week {w}", cells) for w, cells in enumerate(by_week)]
        yield [
            (f"type {t} week {w}", a & b)
            for t, a in enumerate(by_type)
            for w, b in enumerate(by_week)
        ]
        yield [(f"day {d}", cells) for d, cells in enumerate(by_day)]
        yield [
            (f"type {t} day {d}", a & b)
            for t, a in enumerate(by_type)
            for d, b in enumerate(by_day)
        ]
