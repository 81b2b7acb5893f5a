"""Raise the bound by branching on sums of missing and of surplus people, then on persons.

In every roster the number of people missing in a set of cells is whole, while the master may miss 3.67
of them. Branching on such a sum, "at most 3" or "at least 4", touches slack columns only, so pricing
stays as it is, and one branch is mostly hopeless at once. Sets from coarse to fine: all cells, one
shift type, one week, a type in a week, one day, one cell.

A tree *by person* splits on what one person does on one day instead: work or rest, else a shift, else a type.
Pricing closes the other types and forces the day; rosters that disagree are closed in the master. Where limits
are soft this raises the bound several times faster than sums do, because surplus costs nothing there.

The tree is walked best first. Its bound is the least of all open leaves; a leaf is closed when its
bound, rounded up, is not below the best roster. The leaves are kept: they are the certificate.

References
----------
.. [1] F. Vanderbeck (2011), "Branching in branch-and-price: a generic scheme", Math. Programming 130.
   Section 3, branching on aggregate variables.
.. [2] D. Ryan, B. Foster (1981), "An integer programming approach to scheduling", Computer Scheduling of
   Public Transport. Splits on pairs; here of a person and what a day holds.
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

__all__ = ["Fixing", "Leaf", "Tree"]

_FRACTION: Final = 0.02
_ROUNDING: Final = 1e-4
_ANY: Final = 1e14
_CLEAR: Final = 0.1
"""A coarse split of a person's day is taken when its share is at least so far from 0 and 1."""


class Fixing(NamedTuple):
    """Say that a person works one of some types on a day, or none of them.

    Parameters
    ----------
    person, day
        Whom and when.
    types
        The types, ascending.
    works
        One of them, or none.
    """

    person: int
    day: int
    types: tuple[int, ...]
    works: bool


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
    fixings
        What persons do on days.
    """

    bound: float
    limits: tuple[tuple[int, float, float], ...]
    prices: NDArray[np.float64] | None
    sums: NDArray[np.float64] | None
    fixings: tuple[Fixing, ...] = ()


@dataclass(slots=True)
class Tree:
    """Walk the tree, one node a step.

    Parameters
    ----------
    pricer, master
        Of the whole grid, solved at the root.
    root
        Bound and prices of the root.
    by_person
        Split persons, not sums.
    found
        The roster of the last node whose master was whole.
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
    by_person: bool = False
    _allowed: BoolArray = field(init=False)
    _forced: BoolArray = field(init=False)

    def __post_init__(self) -> None:
        self._allowed, self._forced = self.pricer.allowed, self.pricer.forced
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
        self.found = None
        if not self.enter(leaf):
            self.closed.append(leaf._replace(bound=math.inf))
            return
        done = generate(
            self.pricer, self.master, GenerationParams(rounds=150), expired,
            bound_wanted=value - self.unit + _ROUNDING,
        )  # fmt: skip
        if done.bound > leaf.bound:
            leaf = leaf._replace(bound=done.bound, prices=done.prices.cells, sums=done.prices.sums)
        if self.by_person:
            self.found = self._whole()
        if self._is_closed(leaf.bound, value):
            self.closed.append(leaf)
        elif not done.converged:
            self._push(leaf)
        else:
            self._split(leaf)

    def enter(self, leaf: Leaf) -> bool:
        """Set bounds of sums and what is fixed to those of a leaf; tell whether everybody has a roster."""
        low = np.full(len(self.master.sums), -np.inf)
        high = np.full(len(self.master.sums), np.inf)
        for number, least, most in leaf.limits:
            low[number] = max(low[number], least)
            high[number] = min(high[number], most)
        self.master.bound_sums(low, high)
        if not self.by_person:
            return True
        self.leave()
        if leaf.fixings:
            self.pricer.allowed, self.pricer.forced = self._allowed.copy(), self._forced.copy()
            is_open = np.ones(self.master.n_columns, dtype=np.bool_)
            for fixing in leaf.fixings:
                self._fix(fixing, is_open)
            self.master.set_open(is_open)
        return self._everybody_has_one(leaf)

    def leave(self) -> None:
        """Put pricer and rosters back as they were at the root."""
        if self.by_person:
            self.pricer.allowed, self.pricer.forced = self._allowed, self._forced
            self.master.set_open(np.ones(self.master.n_columns, dtype=np.bool_))

    def _fix(self, fixing: Fixing, is_open: BoolArray) -> None:
        """Let a person work one of some types on a day, or none; close the rosters that disagree."""
        person, day, types, works = fixing
        closed = np.ones(self._allowed.shape[2], dtype=np.bool_)
        closed[list(types)] = False
        self.pricer.allowed[person, day, closed if works else ~closed] = False
        if works:
            self.pricer.forced[person, day] = True
        mine = self.master.owner == person
        agrees = np.isin(self.master.rosters[:, day], types) == works
        is_open[mine & ~agrees] = False

    def _everybody_has_one(self, leaf: Leaf) -> bool:
        """Give persons without an open roster their cheapest one; tell whether all have one."""
        master = self.master
        lacking = np.setdiff1d(np.arange(len(master.region.people)), master.owner[master.open])
        if not lacking.size:
            return True
        cells = self.root.cells if leaf.prices is None else leaf.prices
        cost = master.region.wish - cells
        priced = self.pricer.price(cost, np.full(len(cost), _ANY), lacking)
        master.add(priced.owner, priced.rosters)
        return bool(np.isin(lacking, priced.owner).all())

    def _whole(self) -> NDArray[np.int16] | None:
        """Return the roster of the master when no weight is split."""
        chosen = np.flatnonzero(self.master.weights > 1 - _ROUNDING)
        if len(chosen) != len(self.master.region.people):
            return None
        order = np.argsort(self.master.owner[chosen])
        return self.master.rosters[chosen[order]]

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
        """Branch on a person, or the coarsest sum that is not whole; keep the leaf when all are."""
        if self.by_person:
            self._split_person(leaf)
            return
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

    def _split_person(self, leaf: Leaf) -> None:
        """Branch on what a person does on a day; keep the leaf when all that is whole."""
        split = self._undecided()
        if split is None:
            self.stuck.append(leaf)
            return
        for works in (True, False):
            fixings = (*leaf.fixings, split._replace(works=works))
            self._push(leaf._replace(fixings=fixings))

    def _undecided(self) -> Fixing | None:
        """Find the person and day to branch on: work or rest first, then shifts, then types."""
        master = self.master
        grid = master.region.compiled.grid
        used = np.flatnonzero(master.weights > _ROUNDING)
        share = np.zeros((len(master.region.people), grid.n_days, grid.n_types))
        columns, days = np.nonzero(master.rosters[used] >= 0)
        types = master.rosters[used][columns, days]
        np.add.at(share, (master.owner[used][columns], days, types), master.weights[used][columns])
        everything = tuple(range(grid.n_types))
        shift_of = everything if grid.soft is None else grid.soft.shift_of
        shifts = [tuple(t for t in everything if shift_of[t] == s) for s in sorted(set(shift_of))]
        for family in ([everything], shifts, [(t,) for t in everything]):
            parts = np.stack([share[:, :, list(one)].sum(axis=2) for one in family])
            merit = np.minimum(parts, 1 - parts)
            place = int(merit.argmax())
            if merit.flat[place] > (_CLEAR if len(family) < len(everything) else _FRACTION):
                kind, person, day = np.unravel_index(place, merit.shape)
                return Fixing(int(person), int(day), family[int(kind)], works=True)
        return None

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
