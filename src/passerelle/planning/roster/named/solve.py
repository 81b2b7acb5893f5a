"""Solve a day grid: the one entry point.

Order of work: a greedy roster; columns for the whole grid, which give the bound; dives of different
pace from that root; then improvement by freeing regions, until the value equals the bound rounded up
or time is over. All costs are whole numbers, so a bound of 1140.6 proves 1141.

The best legal roster is kept from the first second on; a solve may be cut anywhere.
"""

from __future__ import annotations

import math
import resource
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle import __version__
from passerelle.planning.roster.named.arrays import compile_grid
from passerelle.planning.roster.named.branch import Tree
from passerelle.planning.roster.named.dive import DiveParams, dive
from passerelle.planning.roster.named.generation import GenerationParams, generate
from passerelle.planning.roster.named.improve import Improver
from passerelle.planning.roster.named.master import Master
from passerelle.planning.roster.named.pricing import Pricer, PricingParams
from passerelle.planning.roster.named.region import whole_grid
from passerelle.planning.roster.observer import Progress, Silent
from passerelle.planning.roster.result import Status, relative_gap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from passerelle.planning.roster.named.instance import DayGrid, IntArray
    from passerelle.planning.roster.observer import Observer
    from passerelle.planning.roster.stop import Stop

__all__ = ["NamedParams", "NamedResult", "solve"]

_ROUNDING: Final = 1e-4
_PACES: Final = (
    DiveParams(0.8, 0.04, 15),
    DiveParams(0.6, 0.02, 15, 0.05),
    DiveParams(0.9, 0.02, 20, 0.05),
    DiveParams(0.7, 0.08, 15, 0.1),
)


@dataclass(frozen=True, slots=True)
class NamedParams:
    """Choose how a day grid is solved.

    Parameters
    ----------
    threads
        Threads that price.
    dives
        Most dives from the root.
    root_share, dive_share, tree_share
        Shares of the time left for the root, the first dives and the first walk in the tree.
    columns
        Rosters a person that a dive begins with.
    """

    threads: int = 2
    dives: int = 4
    root_share: float = 0.4
    dive_share: float = 0.4
    tree_share: float = 0.1
    columns: int = 25


@dataclass(frozen=True, slots=True, eq=False)
class NamedResult:
    """Report a solve of a day grid.

    Parameters
    ----------
    status
        OPTIMAL only with proof.
    roster
        Type worked or -1, shape ``(n_people, n_days)``; None when there is none.
    value, bound
        Cost of the roster and proven lower bound on that of every roster.
    prices
        Prices of the cells of cover that prove the bound.
    seed, versions, instance_hash, seconds, peak_mb, iterations
        How it was made.
    """

    status: Status
    roster: NDArray[np.int16] | None
    value: float
    bound: float
    prices: NDArray[np.float64] | None
    seed: int
    versions: Mapping[str, str]
    instance_hash: str
    seconds: float
    peak_mb: float
    iterations: Mapping[str, int] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        """``(value - bound) / value``."""
        return relative_gap(self.value, self.bound)


class _Run:
    """Keep what a solve has so far."""

    def __init__(self, grid: DayGrid, stop: Stop, observer: Observer) -> None:
        self.grid, self.stop, self.observer = grid, stop, observer
        self.roster: NDArray[np.int16] | None = None
        self.value = math.inf
        self.bound = -math.inf
        self.prices: NDArray[np.float64] | None = None
        self.iterations: dict[str, int] = {}

    def offer(self, roster: NDArray[np.int16], phase: str) -> None:
        """Keep a legal roster when it is better."""
        value = self.grid.value(roster)
        if value < self.value:
            self.roster, self.value = roster.copy(), value
            self.report(phase)

    def prove(self, bound: float, prices: NDArray[np.float64], phase: str) -> None:
        """Keep a bound when it is better."""
        if bound > self.bound:
            self.bound, self.prices = bound, prices
            self.report(phase)

    def report(self, phase: str) -> None:
        """Tell the observer."""
        self.observer.report(Progress(self.stop.elapsed, self.value, self.whole_bound, phase))

    @property
    def whole_bound(self) -> float:
        """The bound rounded up: all costs are whole numbers."""
        return math.ceil(self.bound - _ROUNDING) if self.bound > -math.inf else self.bound

    @property
    def is_proved(self) -> bool:
        """Whether the best roster is known to be optimal."""
        return self.value <= self.whole_bound

    def is_over(self) -> bool:
        """Tell whether there is nothing left to do."""
        return self.is_proved or self.stop.is_over(sum(self.iterations.values()))

    def count(self, name: str) -> None:
        """Count one iteration."""
        self.iterations[name] = self.iterations.get(name, 0) + 1


@dataclass(slots=True)
class _Search:
    """Take turns between the tree, dives and improvement."""

    run: _Run
    params: NamedParams
    pricer: Pricer
    master: Master
    tree: Tree
    improver: Improver
    rng: np.random.Generator
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def _own_value(self) -> float:
        """Cost of the best roster without the constant of wishes."""
        return self.run.value - self.run.grid.wish_constant

    def grow_tree(self, seconds: float) -> None:
        """Split leaves for some time, at least once."""
        stop = self.run.stop
        end = stop.elapsed + seconds
        while not self.run.is_over() and not self.tree.is_done:
            began = stop.elapsed
            self.tree.step(self._own_value, lambda: self.run.is_over() or stop.elapsed > end)
            self._spend("tree", began)
            bound = self.tree.bound + self.run.grid.wish_constant
            self.run.prove(bound, self.tree.root.cells, "tree")
            if stop.elapsed >= end:
                break

    def dive(self, seconds: float, pace: DiveParams) -> None:
        """Dive once from the leaf with the least bound."""
        stop = self.run.stop
        began = stop.elapsed
        leaf = self.tree.best_leaf()
        if leaf is not None:
            self.tree.enter(leaf)
        cells = self.tree.root.cells if leaf is None or leaf.prices is None else leaf.prices
        self.master.drop(cells, self.params.columns)
        rosters = dive(
            self.pricer, self.master, GenerationParams(), pace,
            lambda: self.run.is_over() or stop.elapsed > began + seconds,
            cutoff=self._own_value - 1 + _ROUNDING, rng=self.rng,
        )  # fmt: skip
        self._spend("dive", began)
        if rosters is not None:
            self.run.offer(rosters, "dive")

    def dives(self, seconds: float) -> None:
        """Dive with different paces."""
        end = self.run.stop.elapsed + seconds
        for turn in range(self.params.dives):
            left = end - self.run.stop.elapsed
            if self.run.is_over() or left <= 0:
                return
            self.dive(left, _PACES[turn % len(_PACES)])

    def improve(self) -> None:
        """Free regions until time is over; go on with tree and dives beside it."""
        run = self.run
        if run.roster is not None:
            self.improver.roster = run.roster
        while not run.is_over():
            began = run.stop.elapsed
            if self.improver.step(run.is_over):
                run.offer(self.improver.roster, "improve")
            self._spend("improve", began)
            spent = self.seconds["improve"]
            if not self.tree.is_done and self.seconds.get("tree", 0.0) < 0.5 * spent:
                self.grow_tree(0.2 * spent)
            if self.seconds.get("again", 0.0) < 0.25 * spent:
                began = run.stop.elapsed
                pace = _PACES[int(self.rng.integers(1, len(_PACES)))]
                self.dive(max(run.stop.left / 4, 0.5), replace(pace, noise=0.2))
                self._spend("again", began)
                if run.roster is not None and run.value < run.grid.value(self.improver.roster):
                    self.improver.roster = run.roster

    def _spend(self, name: str, began: float) -> None:
        self.seconds[name] = self.seconds.get(name, 0.0) + self.run.stop.elapsed - began
        self.run.count(name)


def solve(
    grid: DayGrid,
    stop: Stop,
    *,
    seed: int = 0,
    params: NamedParams | None = None,
    observer: Observer | None = None,
    start: NDArray[np.int16] | None = None,
) -> NamedResult:
    """Find a roster and prove how good it is.

    Parameters
    ----------
    grid
        The instance.
    stop
        When to stop.
    seed
        Seed of all random choices.
    params
        Options; defaults when None.
    observer
        Who wants to know the progress.
    start
        A legal roster to begin with.

    Returns
    -------
    NamedResult
        Roster, value, bound and prices.
    """
    params = params or NamedParams()
    run = _Run(grid, stop, observer or Silent())
    rng = np.random.default_rng(seed)
    compiled = compile_grid(grid)
    pricing = PricingParams(slots=1, threads=params.threads)
    region = whole_grid(compiled)
    pricer = Pricer(region, pricing)
    if start is not None:
        run.offer(start, "start")
    first = _greedy(grid, pricer)
    if first is None:
        return _result(run, seed, Status.UNKNOWN)
    run.offer(first, "greedy")
    assert run.roster is not None

    master = Master(region)
    everybody = np.arange(grid.n_people)
    master.add(everybody, run.roster)
    master.add(everybody, first)
    root_end = stop.elapsed + params.root_share * stop.left
    root = generate(
        pricer, master, GenerationParams(), lambda: stop.is_over() or stop.elapsed > root_end
    )
    run.prove(root.bound + grid.wish_constant, root.prices.cells, "root")
    run.count("root")

    improver = Improver(
        compiled, run.roster, rng, pricing, pricer.hot, lambda: stop.elapsed,
        pool=_best_columns(master, root.prices.cells),
    )  # fmt: skip
    tree = Tree(pricer, master, root.prices, root.bound)
    search = _Search(run, params, pricer, master, tree, improver, rng)
    if root.converged:
        search.grow_tree(params.tree_share * stop.left)
    search.dives(params.dive_share * stop.left)
    search.improve()
    return _result(run, seed, Status.OPTIMAL if run.is_proved else Status.FEASIBLE)


def _greedy(grid: DayGrid, pricer: Pricer) -> NDArray[np.int16] | None:
    """Give each person in turn the cheapest roster beside those before; None when one has none."""
    roster = grid.empty_roster()
    counts = np.zeros(grid.need.shape, dtype=np.int64)
    cost = np.zeros(pricer.allowed.shape)
    for p in range(grid.n_people):
        cost[p] = grid.wish[p] + np.where(counts < grid.need, -grid.under, grid.over)
        priced = pricer.price(cost, np.full(grid.n_people, 1e14), np.array([p]))
        if not len(priced.owner):
            return None
        roster[p] = priced.rosters[0]
        days = np.flatnonzero(roster[p] >= 0)
        counts[days, roster[p, days]] += 1
    return roster


def _best_columns(
    master: Master, cells: NDArray[np.float64], most: int = 30
) -> tuple[IntArray, NDArray[np.int16]]:
    """Pick the rosters of each person with the least reduced cost."""
    cost = master.priced(cells)
    order = np.argsort(cost, kind="stable")
    rank = np.zeros(len(order), dtype=np.int64)
    seen = np.zeros(len(master.region.people), dtype=np.int64)
    for column in order:
        owner = master.owner[column]
        rank[column] = seen[owner]
        seen[owner] += 1
    keep = np.flatnonzero(rank < most)
    return master.owner[keep], master.rosters[keep]


def _result(run: _Run, seed: int, status: Status) -> NamedResult:
    """Wrap up."""
    return NamedResult(
        status=status,
        roster=run.roster,
        value=run.value,
        bound=run.whole_bound,
        prices=run.prices,
        seed=seed,
        versions={"passerelle": __version__}
        | {name: version(name) for name in ("highspy", "numba", "numpy")},
        instance_hash=run.grid.digest,
        seconds=run.stop.elapsed,
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        iterations=run.iterations,
    )
