"""Improve a roster by freeing a region and solving it again with column generation.

Four neighbourhoods: everybody for some days; some persons for the whole horizon; the persons around
one costly day, for the whole horizon or for some weeks. A region is solved like the whole grid: master,
pricing, dives. Its first prices are those of the whole grid, which need no start of their own. When its
Lagrangian bound reaches the value that the region already has, it is left at once, which happens most
of the time and costs a few milliseconds. Sizes grow where regions are solved quickly without success and
shrink where time runs out; kinds are drawn by success a second.

Two regions are solved side by side, each on one thread, from the same roster. Every person's row is legal by
itself, so the rows that both changed put together are a roster as well.

References
----------
.. [1] D. Pisinger, S. Ropke (2019), "Large neighborhood search", Handbook of Metaheuristics, 3rd ed.
.. [2] S. Ropke, D. Pisinger (2006), "An adaptive large neighborhood search heuristic for the pickup
   and delivery problem with time windows", Transportation Science 40. The choice of kinds.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from passerelle.planning.roster.named.dive import DiveParams, dive
from passerelle.planning.roster.named.generation import GenerationParams, generate
from passerelle.planning.roster.named.master import Duals, Master
from passerelle.planning.roster.named.pricers import pricer_for
from passerelle.planning.roster.named.region import free_days

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from passerelle.planning.roster.named.arrays import Compiled
    from passerelle.planning.roster.named.instance import IntArray
    from passerelle.planning.roster.named.pricing import PricingParams
    from passerelle.planning.roster.named.region import Region

__all__ = ["Improver", "Kind", "Solved", "solve_region"]

_KEEP: Final = 0.85
_FOR_EACH: Final = 0.15
"""Share of the time that a kind without success gets, before shares are made to sum to one."""
_AT_ONCE: Final = 2
"""Regions of one step; not the number of threads, on which nothing may depend."""
_DIVES: Final = 3
"""Most dives of one region; the first that gains is the last."""


class Solved(NamedTuple):
    """Hold the roster of everybody after a region was solved, if it is as good, and the prices."""

    rosters: NDArray[np.int16] | None
    prices: NDArray[np.float64]


def solve_region(
    region: Region,
    current: NDArray[np.int16],
    pool: tuple[IntArray, NDArray[np.int16]],
    pricing: PricingParams,
    params: DiveParams,
    *,
    hot: NDArray[np.bool_] | None,
    expired: Callable[[], bool],
    rng: np.random.Generator,
    guess: NDArray[np.float64] | None = None,
) -> Solved:
    """Solve a region; hand back the roster when it costs no more than now.

    Parameters
    ----------
    region
        What is free.
    current
        Roster of everybody.
    pool
        Rosters to begin with: place in the region's people, and rosters that fit the fixed days.
    pricing, params
        Options.
    hot
        Limits known to bind; None to learn them anew.
    expired
        Tells when to stop.
    rng
        For the order of fixings.
    guess
        Prices of cover to begin with, such as those of the whole grid.

    Returns
    -------
    Solved
        The roster of everybody, or None when nothing as good was found, and the prices.
    """
    n = len(region.people)
    mine = current[region.people]
    pricer = pricer_for(region, pricing, hot)
    master = Master(region)
    master.add(np.arange(n), mine)
    if len(pool[0]):
        master.add(*pool)
    now, unit = _region_value(region, mine), region.compiled.grid.unit
    generation = GenerationParams(rounds=60, smoothing=0.5, gap=0.05)
    centre = None
    if guess is not None:
        centre = Duals(np.zeros(n), np.where(region.rows, guess, 0.0), np.empty(0))
    found = generate(
        pricer, master, generation, expired, bound_wanted=now - unit + 1e-3, guess=centre
    )
    prices = found.prices.cells
    if found.bound > now - unit + 1e-3:
        return Solved(None, prices)
    best, least = None, now
    for _ in range(_DIVES):
        rosters = dive(pricer, master, generation, params, expired, cutoff=now + 1e-6, rng=rng)
        value = np.inf if rosters is None else _region_value(region, rosters)
        if value <= least:
            best, least = rosters, int(value)
        if least < now or expired():
            break
        master.solve()
    if best is None:
        return Solved(None, prices)
    changed = current.copy()
    changed[region.people] = best
    return Solved(changed, prices)


def _region_value(region: Region, rosters: NDArray[np.int16]) -> int:
    """Return what the region's people cost, and cover on the region's rows."""
    grid = region.compiled.grid
    own = int(region.own_costs(np.arange(len(rosters)), rosters).sum())
    return own + int(grid.gap_cost(region.need - grid.cover(rosters))[region.rows].sum())


@dataclass(slots=True)
class Kind:
    """Keep the size and the success of one kind of neighbourhood.

    Parameters
    ----------
    name
        ``days``, ``people``, ``around`` or ``weeks``.
    size
        Days for ``days``, persons for the others.
    least, most
        Range of the size.
    merit
        Running success a second.
    seconds
        Running time of a region.
    """

    name: str
    size: float
    least: int
    most: int
    merit: float = 1.0
    seconds: float = 1.0


class _Try(NamedTuple):
    """Hold one region to be solved, and how."""

    kind: Kind
    region: Region
    pool: tuple[IntArray, NDArray[np.int16]]
    pace: DiveParams
    rng: np.random.Generator


@dataclass(slots=True)
class Improver:
    """Improve one roster step by step.

    Parameters
    ----------
    compiled
        The grid.
    roster
        The best roster; replaced by better ones.
    rng
        Source of all choices.
    pricing
        Options.
    now
        Clock in seconds, only for time slices.
    region_seconds
        Seconds that one region should take at most.
    pool
        Rosters of persons: owner and rosters, legal, cheapest first by reduced cost.
    prices, lower
        Prices of cover of the whole grid, and the least cost of each person at them.
    """

    compiled: Compiled
    roster: NDArray[np.int16]
    rng: np.random.Generator
    pricing: PricingParams
    now: Callable[[], float]
    region_seconds: float = 4.0
    pool: tuple[IntArray, NDArray[np.int16]] | None = None
    prices: NDArray[np.float64] | None = None
    lower: NDArray[np.float64] | None = None
    kinds: list[Kind] = field(default_factory=list)

    def __post_init__(self) -> None:
        people, days = self.compiled.grid.n_people, self.compiled.grid.n_days
        self.kinds = [Kind("people", min(6, people), 2, people)]
        if days > 14:
            self.kinds.append(Kind("days", 10, 4, days))
        if people > 6:
            self.kinds.append(Kind("around", min(8, people), 3, people))
        if days > 28:
            self.kinds.append(Kind("weeks", min(14, people), 4, people))

    def step(self, over: Callable[[], bool]) -> bool:
        """Try some regions side by side; tell whether the roster became better."""
        tries = [self._try() for _ in range(_AT_ONCE)]
        if self.pricing.threads == 1:
            done = [self._solve(one, over) for one in tries]
        else:
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                done = list(pool.map(lambda one: self._solve(one, over), tries))
        before = self.roster
        value = self.compiled.grid.value(before)
        best, least = before, value
        for one, (rosters, seconds) in zip(tries, done, strict=True):
            gain = 0
            if rosters is not None:
                gain = value - self.compiled.grid.value(rosters)
                best, least = self._together(best, least, rosters, (rosters != before).any(axis=1))
            self._learn(one.kind, gain, seconds)
        self.roster = best
        return least < value

    def _try(self) -> _Try:
        """Draw a kind, a region of it and a pace."""
        merits = np.array([kind.merit for kind in self.kinds])
        # Kinds share the time, not the turns: by success, and a part for each.
        weights = (merits / max(merits.sum(), 1e-9) + _FOR_EACH) / [k.seconds for k in self.kinds]
        kind = self.kinds[int(self.rng.choice(len(weights), p=weights / weights.sum()))]
        region, whole = self._draw(kind)
        pool = self._pool_for(region) if whole else (np.empty(0, np.int64), self.roster[:0])
        share = float(self.rng.choice([0.02, 0.05, 0.1]))
        pace = DiveParams(agreement=0.7, share=share, rounds=12, noise=0.1)
        rng = np.random.default_rng(int(self.rng.integers(2**62)))
        return _Try(kind, region, pool, pace, rng)

    def _solve(self, one: _Try, over: Callable[[], bool]) -> tuple[NDArray[np.int16] | None, float]:
        """Solve one region on one thread; return what it gives and the seconds it took."""
        began = self.now()
        deadline = began + self.region_seconds
        solved = solve_region(
            one.region, self.roster, one.pool, replace(self.pricing, threads=1), one.pace,
            hot=None, expired=lambda: over() or self.now() > deadline, rng=one.rng,
            guess=self.prices,
        )  # fmt: skip
        return solved.rosters, self.now() - began

    def _together(
        self,
        best: NDArray[np.int16],
        least: int,
        rosters: NDArray[np.int16],
        changed: NDArray[np.bool_],
    ) -> tuple[NDArray[np.int16], int]:
        """Return the best of a roster, another one, and the first with the rows that the other changed."""
        mixed = best.copy()
        mixed[changed] = rosters[changed]
        for other in (rosters, mixed):
            value = self.compiled.grid.value(other)
            if value <= least:
                best, least = other, value
        return best, least

    def _learn(self, kind: Kind, gain: int, seconds: float) -> None:
        """Keep the success of a kind and its size."""
        seconds = max(seconds, 1e-3)
        success = (1.0 if gain > 0 else 0.0) / seconds
        kind.merit = _KEEP * kind.merit + (1 - _KEEP) * min(10.0, success)
        kind.seconds = _KEEP * kind.seconds + (1 - _KEEP) * max(seconds, 0.02)
        if seconds > self.region_seconds:
            kind.size = max(kind.least, kind.size * 0.8)
        elif gain <= 0 and seconds < self.region_seconds / 3:
            kind.size = min(kind.most, kind.size * 1.04)

    def _draw(self, kind: Kind) -> tuple[Region, bool]:
        """Choose a region of a kind; tell whether it spans the whole horizon."""
        grid = self.compiled.grid
        everybody = np.arange(grid.n_people)
        size = round(kind.size)
        if kind.name == "days":
            start = int(self.rng.integers(0, max(grid.n_days - size, 0) + 1))
            stop = min(start + size, grid.n_days)
            return free_days(self.compiled, self.roster, everybody, start, stop), False
        if kind.name == "people":
            chance = 0.2 + self._dear()
            people = self.rng.choice(everybody, size, replace=False, p=chance / chance.sum())
            people.sort()
            return free_days(self.compiled, self.roster, people, 0, grid.n_days), True
        day, kind_of_shift = self._costly_cell()
        people = self._around(day, kind_of_shift, size)
        if kind.name == "around":
            return free_days(self.compiled, self.roster, people, 0, grid.n_days), True
        weeks = 7 * int(self.rng.integers(2, 6))
        start = max(0, min(day - int(self.rng.integers(0, weeks)), grid.n_days - weeks))
        stop = min(start + weeks, grid.n_days)
        return free_days(self.compiled, self.roster, people, start, stop), False

    def _costly_cell(self) -> tuple[int, int]:
        """Draw a cell of cover, mostly one with cost."""
        grid = self.compiled.grid
        cost = grid.gap_cost(grid.need - grid.cover(self.roster))
        weight = np.sqrt(cost.astype(np.float64)) + 0.02 * self.compiled.has_row
        flat = weight.ravel()
        if flat.sum() <= 0:
            flat = np.ones_like(flat)
        cell = int(self.rng.choice(len(flat), p=flat / flat.sum()))
        return cell // grid.n_types, cell % grid.n_types

    def _around(self, day: int, shift: int, size: int) -> IntArray:
        """Choose persons who could change a cell: able to work it, and near it in their roster."""
        grid = self.compiled.grid
        able = self.compiled.allowed[:, day, shift]
        score = self.rng.random(grid.n_people) + 0.7 * able
        low, high = max(day - 2, 0), min(day + 3, grid.n_days)
        score += 0.3 * (self.roster[:, low:high] == shift).any(axis=1) + 0.3 * self._dear()
        return np.sort(np.argsort(-score, kind="stable")[: min(size, grid.n_people)])

    def _dear(self) -> NDArray[np.float64]:
        """Tell who has a dearer roster than need be at the prices: 0 to 1, a person each.

        The gap of a roster to the bound is the sum of these differences and of what cover costs above
        its prices; freeing persons without a difference gains little.
        """
        grid = self.compiled.grid
        if self.prices is None or self.lower is None:
            return np.zeros(grid.n_people)
        people, days = np.nonzero(self.roster >= 0)
        types = self.roster[people, days]
        paid = -self.lower
        np.add.at(paid, people, grid.wish[people, days, types] - self.prices[days, types])
        if grid.soft is not None:
            paid += grid.soft.costs(np.arange(grid.n_people), self.roster)
        dearer: NDArray[np.float64] = np.sqrt(np.maximum(paid, 0) / max(paid.max(), 1e-9))
        return dearer

    def _pool_for(self, region: Region) -> tuple[IntArray, NDArray[np.int16]]:
        """Pick rosters of the pool for the region's people, a few each."""
        if self.pool is None:
            return np.empty(0, np.int64), self.roster[:0]
        owner, rosters = self.pool
        place = np.full(self.compiled.grid.n_people, -1, dtype=np.int64)
        place[region.people] = np.arange(len(region.people))
        mine = np.flatnonzero(place[owner] >= 0)
        return place[owner[mine]], rosters[mine]
