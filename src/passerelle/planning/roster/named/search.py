"""Order the work of a solve: prices climb, rosters settle, windows, root, tree, dives, improvement.

A grid is *long* when its master would have more than ``long_rows`` rows. It has no root: the ascent gives
its bound, windows and regions do the rest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.planning.roster.named.ascent.climb import AscentParams, Climb
from passerelle.planning.roster.named.ascent.settle import SettleParams, settle
from passerelle.planning.roster.named.branch import Leaf, Tree
from passerelle.planning.roster.named.dive import DiveParams, dive
from passerelle.planning.roster.named.generation import GenerationParams, generate
from passerelle.planning.roster.named.improve import Improver
from passerelle.planning.roster.named.master import Master, Sum
from passerelle.planning.roster.named.pricers import pricer_for
from passerelle.planning.roster.named.sweep import Weeks
from passerelle.planning.roster.observer import Progress

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passerelle.planning.roster.named.instance import DayGrid, IntArray
    from passerelle.planning.roster.named.pricers import RegionPricer
    from passerelle.planning.roster.observer import Observer
    from passerelle.planning.roster.stop import Stop

__all__ = ["NamedParams", "Run", "Search"]

_ROUNDING: Final = 1e-4
_STALE: Final = 2e-3
"""A pass of windows that gains a smaller share than this was the last of its phase."""
_DIVE_LENGTH: Final = 10
_MOST_PERSONS, _LEAST_PERSONS = 1.0, 0.2
"""Time of a tree that splits persons, as a share of the time of improvement."""
_CLOSES: Final = 0.1
"""Part of the gap that a turn of such a tree closes where it is worth its time."""
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
    responses
        Rounds of best responses at the start.
    dives
        Most dives from the root before improvement begins.
    window_share, root_share, tree_share, dive_share
        Shares of the time left for first windows, root, first walk in the tree, dives.
    ascent, long_ascent
        Shares of the time for the first ascent of prices.
    ascent_rounds
        Most rounds of one ascent.
    columns
        Rosters a person that a dive begins with.
    long_rows
        Rows of the master above which a grid is long.
    by_person
        Let the tree split persons instead of sums; None where limits are soft only.
    """

    threads: int = 2
    responses: int = 6
    dives: int = 4
    window_share: float = 0.1
    root_share: float = 0.4
    tree_share: float = 0.1
    dive_share: float = 0.4
    ascent: float = 0.05
    long_ascent: float = 0.3
    ascent_rounds: int = 300
    columns: int = 25
    long_rows: int = 1000
    by_person: bool | None = None


class Run:
    """Keep the best roster and the best bound of a solve, and tell the observer.

    Parameters
    ----------
    grid, stop, observer
        Of the solve.
    """

    def __init__(self, grid: DayGrid, stop: Stop, observer: Observer) -> None:
        self.grid, self.stop, self.observer = grid, stop, observer
        self.roster: NDArray[np.int16] | None = None
        self.value = math.inf
        self.bound = -math.inf
        self.leaves: tuple[Leaf, ...] = ()
        self.sums: tuple[Sum, ...] = ()
        self.culprit: int | None = None
        self.iterations: dict[str, int] = {}
        self.seconds: dict[str, float] = {}

    @property
    def is_timed(self) -> bool:
        """Whether the stop names a time; else nothing may depend on the clock."""
        return self.stop.seconds is not None

    def clock(self) -> float:
        """Return seconds since the start, or the iterations done when no time is set."""
        return self.stop.elapsed if self.is_timed else float(sum(self.iterations.values()))

    def offer(self, roster: NDArray[np.int16], phase: str) -> None:
        """Keep a legal roster when it is better."""
        value = self.grid.value(roster)
        if value < self.value:
            self.roster, self.value = roster.copy(), value
            self.report(phase)

    def prove(self, bound: float, phase: str) -> bool:
        """Keep a bound (without the constant of wishes) when it is better; tell whether it was."""
        whole = bound + self.grid.wish_constant
        if whole <= self.bound:
            return False
        self.bound = whole
        self.report(phase)
        return True

    def report(self, phase: str) -> None:
        """Tell the observer."""
        self.observer.report(Progress(self.stop.elapsed, self.value, self.whole_bound, phase))

    @property
    def own_value(self) -> float:
        """Cost of the best roster without the constant of wishes."""
        return self.value - self.grid.wish_constant

    @property
    def whole_bound(self) -> float:
        """The bound rounded up to the next cost that a roster can have."""
        return self.grid.round_up(self.bound, _ROUNDING) if self.bound > -math.inf else self.bound

    @property
    def is_proved(self) -> bool:
        """Whether the best roster is known to be optimal."""
        return self.value <= self.whole_bound

    def is_over(self) -> bool:
        """Tell whether there is nothing left to do."""
        return self.is_proved or self.stop.is_over(sum(self.iterations.values()))

    def spend(self, name: str, began: float) -> None:
        """Count one iteration and its time."""
        spent = self.clock() - began + (0.0 if self.is_timed else 1.0)
        self.seconds[name] = self.seconds.get(name, 0.0) + spent
        self.iterations[name] = self.iterations.get(name, 0) + 1


@dataclass(slots=True)
class Search:
    """Do the work of one solve.

    Parameters
    ----------
    run
        What is known so far; holds a roster.
    params
        Options.
    pricer
        Of the whole grid.
    rng
        Source of all choices.
    """

    run: Run
    params: NamedParams
    pricer: RegionPricer
    rng: np.random.Generator
    weeks: Weeks = field(init=False)
    improver: Improver = field(init=False)
    tree: Tree | None = None
    master: Master | None = None
    climb: Climb | None = None
    person_share: float = _MOST_PERSONS

    def __post_init__(self) -> None:
        region, stop = self.pricer.region, self.run.stop
        seconds = min(4.0, max(0.2, stop.left / 60))
        pricing = replace(self.pricer.params, slots=1)
        assert self.run.roster is not None
        # Windows meet limits that the root never does; they keep a table of their own.
        hot = np.zeros((self.run.grid.n_people, self.run.grid.n_types), np.bool_)
        self.weeks = Weeks(region.compiled, pricing, hot, self.rng, self.run.clock, seconds)
        self.improver = Improver(
            region.compiled, self.run.roster, self.rng, pricing, self.run.clock, seconds
        )

    @property
    def is_by_person(self) -> bool:
        """Whether the tree may split persons; where limits are soft unless told otherwise."""
        chosen = self.params.by_person
        return self.run.grid.soft is not None if chosen is None else chosen

    @property
    def has_person_tree(self) -> bool:
        """Whether there is a tree that still gains by splitting persons."""
        return self.is_by_person and self.tree is not None and not self.tree.is_done

    def run_all(self) -> None:
        """Work until everything is proved or time is over."""
        run, region = self.run, self.pricer.region
        is_long = int(region.rows.sum()) + len(region.people) > self.params.long_rows
        left = run.stop.left
        left = left if math.isfinite(left) else 600.0
        self.ascend((self.params.long_ascent if is_long else self.params.ascent) * left)
        if not run.is_over():
            self.settle()
        self.windows((0.5 if is_long else self.params.window_share) * left)
        if not is_long:
            self.root()
        self.improve()

    def windows(self, seconds: float) -> None:
        """Pass over the horizon with windows until a pass gains little."""
        run = self.run
        end = run.clock() + seconds
        while not run.is_over() and run.clock() < end and run.roster is not None:
            began, before = run.clock(), run.value
            self.weeks.pass_over(
                run.roster,
                lambda: run.is_over() or run.clock() > end,
                lambda roster: run.offer(roster, "windows"),
            )
            run.spend("windows", began)
            if before - run.value <= _STALE * abs(before):
                return

    def ascend(self, seconds: float) -> None:
        """Let the prices of the whole grid climb."""
        run = self.run
        assert run.roster is not None
        if self.climb is None:
            pricer = pricer_for(self.pricer.region, self.pricer.params)
            self.climb = Climb(pricer, AscentParams(), self.rng)
            self.climb.begin(run.roster)
        began = run.clock()
        end = began + seconds

        def report(climb: Climb) -> None:
            if run.prove(climb.bound, "ascent"):
                run.leaves = (_leaf(climb.bound, climb.prices),)

        self.climb.run(
            lambda: run.is_over() or run.clock() > end, report, self.params.ascent_rounds
        )
        run.spend("ascent", began)
        self._share(self.climb.prices)
        self.improver.pool = self.climb.columns()

    def _share(self, prices: NDArray[np.float64]) -> None:
        """Tell windows and regions the prices of the whole grid."""
        self.weeks.guess = self.improver.prices = prices
        lower, _ = self.pricer.relaxed(self.pricer.region.wish - prices)
        self.improver.lower = lower

    def settle(self) -> None:
        """Round the mixture of the ascent to one roster a person."""
        run, climb = self.run, self.climb
        assert climb is not None
        began = run.clock()
        found = settle(
            climb.pricer, climb.prices_now(), climb.leaders(), SettleParams(), rng=self.rng,
            over=run.is_over,
        )  # fmt: skip
        run.spend("settle", began)
        run.offer(found, "settle")

    def root(self) -> None:
        """Generate columns for the whole grid, walk in the tree, dive."""
        run, region = self.run, self.pricer.region
        stop = run.stop
        assert run.roster is not None
        began = run.clock()
        end = began + self.params.root_share * min(stop.left, 1e6)
        self.master = Master(region)
        self.master.add(np.arange(len(region.people)), run.roster)
        if self.climb is not None:
            self.master.add(*self.climb.columns())
        root = generate(
            self.pricer, self.master, GenerationParams(),
            lambda: run.is_over() or run.clock() > end,
        )  # fmt: skip
        if run.prove(root.bound, "root"):
            run.leaves = (_leaf(root.bound, root.prices.cells),)
        run.spend("root", began)
        self._share(root.prices.cells)
        self.improver.pool = _best_columns(self.master, root.prices.cells)
        if not root.converged:
            return
        self.tree = Tree(
            self.pricer, self.master, root.prices, root.bound, by_person=self.is_by_person
        )
        self.grow_tree(self.params.tree_share * min(stop.left, 1e3))
        # A dive takes many times as long as the root; a slow one is tried once, a long one never.
        if 3 * run.seconds["root"] < self.params.dive_share * stop.left:
            self.dives(self.params.dive_share * min(stop.left, 1e6))

    def grow_tree(self, seconds: float) -> None:
        """Split leaves for some time."""
        run, tree = self.run, self.tree
        assert tree is not None
        end = run.clock() + seconds
        while not run.is_over() and not tree.is_done and run.clock() < end:
            began = run.clock()
            tree.step(run.own_value, lambda: run.is_over() or run.clock() > end)
            run.spend("tree", began)
            if tree.found is not None:
                run.offer(tree.found, "tree")
            if run.prove(tree.bound, "tree"):
                run.leaves, run.sums = tuple(tree.leaves()), tuple(tree.master.sums)
        tree.leave()

    def _grow_persons(self, seconds: float) -> None:
        """Split persons for some time; a turn that closes little makes later ones rarer."""
        run = self.run
        before = run.value - run.bound
        self.grow_tree(seconds)
        closes = run.value - run.bound <= (1 - _CLOSES) * before
        self.person_share = _MOST_PERSONS if closes else max(self.person_share / 2, _LEAST_PERSONS)

    def dive(self, seconds: float, pace: DiveParams) -> None:
        """Dive once from the leaf with the least bound."""
        run, tree, master = self.run, self.tree, self.master
        assert tree is not None
        assert master is not None
        began = run.clock()
        leaf = tree.best_leaf()
        cells = tree.root.cells
        if leaf is not None:
            tree.enter(leaf)
            cells = cells if leaf.prices is None else leaf.prices
        self.improver.pool = _best_columns(master, tree.root.cells)
        master.drop(cells, self.params.columns)
        rosters = dive(
            self.pricer, master, GenerationParams(), pace,
            lambda: run.is_over() or run.clock() > began + seconds,
            cutoff=run.own_value - run.grid.unit + _ROUNDING, rng=self.rng,
        )  # fmt: skip
        tree.leave()
        run.spend("dive", began)
        if rosters is not None:
            run.offer(rosters, "dive")

    def dives(self, seconds: float) -> None:
        """Dive with different paces as long as dives gain, twice at least where they are quick."""
        run = self.run
        end = run.clock() + seconds
        is_slow = _DIVE_LENGTH * run.seconds["root"] > seconds
        for turn in range(self.params.dives):
            left, before = end - run.clock(), run.value
            if run.is_over() or left <= 0:
                return
            self.dive(left, _PACES[turn % len(_PACES)])
            if (turn or is_slow) and run.value >= before:
                return

    def improve(self) -> None:
        """Free regions until time is over; go on with windows, tree and dives beside it."""
        run = self.run
        first = run.clock()
        while not run.is_over():
            assert run.roster is not None
            self.improver.roster = run.roster
            began = run.clock()
            if self.improver.step(run.is_over):
                run.offer(self.improver.roster, "improve")
            else:
                # An equal roster is a fresh start for the next region.
                run.roster = self.improver.roster
            run.spend("improve", began)
            spent = run.clock() - first
            share = 0.1 if self.tree is not None and self.tree.is_done else 0.25
            share = self.person_share if self.has_person_tree else share
            if run.seconds.get("again", 0.0) < share * spent:
                self._something_else(spent)

    def _something_else(self, spent: float) -> None:
        """Take a turn with the tree or a dive, or pass over the horizon with windows."""
        run = self.run
        began = run.clock()
        if self.has_person_tree:
            self._grow_persons(max(0.5 * spent, 1.0))
        elif self.tree is None or _DIVE_LENGTH * run.seconds["root"] > 0.2 * run.stop.left:
            climb = self.climb
            late = run.seconds["ascent"] < self.params.long_ascent * run.clock()
            if self.tree is None and climb is not None and late and not climb.is_close:
                self.ascend(0.1 * run.stop.left)
            else:
                self.windows(0.2 * run.stop.left)
        else:
            if not self.tree.is_done:
                self.grow_tree(max(0.2 * spent, 0.2))
            pace = _PACES[int(self.rng.integers(1, len(_PACES)))]
            if not run.is_over():
                self.dive(max(run.stop.left / 4, 0.5), replace(pace, noise=0.2))
        run.spend("again", began)


def _leaf(bound: float, cells: NDArray[np.float64]) -> Leaf:
    """Wrap prices as the only leaf."""
    return Leaf(bound, (), cells, np.empty(0))


def _best_columns(
    master: Master, cells: NDArray[np.float64], most: int = 30
) -> tuple[IntArray, NDArray[np.int16]]:
    """Pick the rosters of each person with the least reduced cost."""
    order = np.lexsort((master.priced(cells), master.owner))
    first = np.searchsorted(master.owner[order], np.arange(len(master.region.people)))
    rank = np.empty(master.n_columns, dtype=np.int64)
    rank[order] = np.arange(master.n_columns) - first[master.owner[order]]
    keep = np.flatnonzero(rank < most)
    return master.owner[keep], master.rosters[keep]
