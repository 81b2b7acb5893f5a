"""Price persons: find their cheapest legal rosters at given cover prices.

Which limits stand in the state of the programme grows on demand (*decremental state space*): minutes
and runs always do, weekends when they can bind, a limit on a shift type only after a roster of the
person broke it. When a person's state would grow beyond ``max_states`` the least valuable shifts
are closed instead; the roster found is legal then, but the lower bound is that of the relaxation.

References
----------
.. [1] G. Righini, M. Salani (2008), "New dynamic programming algorithms for the resource constrained
   elementary shortest path problem", Networks 51. Decremental state space relaxation.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from passerelle.planning.roster.named import _kernels as kernels
from passerelle.planning.roster.named import _layout as layout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passerelle.planning.roster.named.instance import IntArray
    from passerelle.planning.roster.named.region import Region

__all__ = ["INFINITE", "Priced", "Pricer", "PricingParams"]

INFINITE: Final = layout.INFINITE
_MOST_TRACKED: Final = 4
_MOST_ROUNDS: Final = 12
_CHUNKS_A_THREAD: Final = 4


@dataclass(frozen=True, slots=True)
class PricingParams:
    """Choose how pricing works.

    Parameters
    ----------
    slots
        Rosters returned a person and round, each with another sum of minutes.
    max_states
        Most states of one person: days x counters x minutes.
    threads
        Threads that price; the result does not depend on them.
    """

    slots: int = 2
    max_states: int = 20_000_000
    threads: int = 2

    def __post_init__(self) -> None:
        for name in ("slots", "max_states", "threads"):
            if getattr(self, name) < 1:
                raise ValueError(f"Expected {name} >= 1, got {getattr(self, name)}.")


class Priced(NamedTuple):
    """Hold what pricing found.

    Parameters
    ----------
    lower
        Lower bound on the cost of any legal roster below the threshold, else the threshold; one a person.
    owner
        Place in the region's people of each roster found.
    rosters
        Legal rosters over all days, fixed days included, shape ``(n, n_days)``.
    exact
        No limit was relaxed for want of room.
    """

    lower: NDArray[np.float64]
    owner: IntArray
    rosters: NDArray[np.int16]
    exact: bool


class Pricer:
    """Price the people of one region.

    Parameters
    ----------
    region
        What is free.
    params
        Options.
    hot
        ``hot[p, t]``: limits of the whole grid known to bind; read and extended here, so that
        later regions start with them. None keeps a table of its own.
    """

    def __init__(
        self, region: Region, params: PricingParams, hot: NDArray[np.bool_] | None = None
    ) -> None:
        self.region = region
        self.params = params
        grid = region.compiled.grid
        people, n = region.people, len(region.people)
        self.hot = np.zeros((grid.n_people, grid.n_types), np.bool_) if hot is None else hot
        self.allowed = region.allowed.copy()
        self.forced = region.forced.copy()
        compiled = region.compiled
        self._class = compiled.type_class[people]
        self._banned = compiled.banned[people]
        self._par = np.zeros((n, layout.N_PARAMETERS), dtype=np.int64)
        par = self._par
        par[:, layout.FIRST] = [w.first for w in region.windows]
        par[:, layout.LAST] = [w.last for w in region.windows]
        par[:, layout.OPEN_START] = [w.open_start for w in region.windows]
        par[:, layout.OPEN_END] = [w.open_end for w in region.windows]
        par[:, layout.MIN_UNITS] = region.min_units
        par[:, layout.MAX_UNITS] = region.max_units
        par[:, layout.MIN_RUN] = compiled.min_run[people]
        par[:, layout.MAX_RUN] = compiled.max_run[people]
        par[:, layout.MIN_REST] = compiled.min_rest[people]
        par[:, layout.N_CLASSES] = compiled.n_classes[people]
        par[:, layout.FIRST_WEEKDAY] = grid.first_weekday
        self._tracked: list[list[int]] = [[] for _ in range(n)]
        self._caps = np.zeros((n, _MOST_TRACKED), dtype=np.int64)
        self._local_after = np.zeros((n, 1, grid.n_types), dtype=np.int64)
        self._digits = np.zeros((n, 1, _MOST_TRACKED), dtype=np.int64)
        self._local_code = np.zeros((n, 1), dtype=np.int64)
        for i in range(n):
            self._start_tracking(i)

    def forget(self) -> None:
        """Forget which limits bind; those that still do are met again."""
        self.hot[:] = False
        for i in range(len(self.region.people)):
            self._start_tracking(i)

    def _start_tracking(self, i: int) -> None:
        """Choose the first limits in the state of a person."""
        region, window = self.region, self.region.windows[i]
        weekends = region.compiled.weekend_of[window.first : window.last]
        possible = len(np.unique(weekends[weekends >= 0]))
        cap = int(region.max_weekends[i])
        binding = cap < possible
        self._par[i, layout.WEEKEND_CAP] = cap if binding else -1
        p = region.people[i]
        days = window.last - window.first
        tracked = [
            int(t)
            for t in np.flatnonzero(self.hot[p])
            if region.type_cap[i, t] < days and self.allowed[i, :, t].any()
        ]
        self._rebuild(i, [])
        for t in tracked:
            self._track(i, t)

    def _states(self, i: int, tracked: list[int]) -> int:
        """Count the states of a person if these limits were tracked."""
        par = self._par[i]
        days = int(par[layout.LAST] - par[layout.FIRST])
        size = days * int(par[layout.MAX_UNITS] + 1) * max(int(par[layout.WEEKEND_CAP]) + 1, 1)
        for t in tracked:
            size *= int(self.region.type_cap[i, t]) + 1
        return size

    def _track(self, i: int, t: int) -> bool:
        """Put the limit on a type into the state if there is room."""
        tracked = [*self._tracked[i], t]
        if len(tracked) > _MOST_TRACKED or self._states(i, tracked) > self.params.max_states:
            return False
        self._rebuild(i, tracked)
        return True

    def _rebuild(self, i: int, tracked: list[int]) -> None:
        """Lay out the counters of a person."""
        self._tracked[i] = tracked
        caps = [int(self.region.type_cap[i, t]) for t in tracked]
        max_run = int(self._par[i, layout.MAX_RUN])
        ranges = [range(min(cap, max_run) + 1) for cap in caps]
        locals_ = [digits for digits in product(*ranges) if sum(digits) <= max_run]
        index = {digits: c for c, digits in enumerate(locals_)}
        missing = len(locals_) - self._local_code.shape[1]
        if missing > 0:
            self._local_after = np.pad(self._local_after, ((0, 0), (0, missing), (0, 0)))
            self._digits = np.pad(self._digits, ((0, 0), (0, missing), (0, 0)))
            self._local_code = np.pad(self._local_code, ((0, 0), (0, missing)))
        stride, strides = 1, []
        for cap in caps:
            strides.append(stride)
            stride *= cap + 1
        place = {t: k for k, t in enumerate(tracked)}
        for digits, c in index.items():
            self._local_after[i, c] = c
            for t, k in place.items():
                more = tuple(value + (j == k) for j, value in enumerate(digits))
                self._local_after[i, c, t] = index.get(more, -1)
            self._digits[i, c, : len(digits)] = digits
            self._local_code[i, c] = sum(a * b for a, b in zip(digits, strides, strict=True))
        self._caps[i, : len(caps)] = caps
        self._par[i, layout.N_TRACKED] = len(caps)
        self._par[i, layout.N_LOCAL] = len(locals_)
        self._par[i, layout.N_COUNTERS] = stride

    def price(
        self,
        cost: NDArray[np.float64],
        threshold: NDArray[np.float64],
        active: IntArray | None = None,
    ) -> Priced:
        """Find the cheapest legal rosters below a threshold.

        Parameters
        ----------
        cost
            Price of each shift, shape ``(n, n_days, n_types)``; fixed shifts are paid as well.
        threshold
            Only rosters cheaper than this are wanted, one a person.
        active
            Places in the region's people to price; None for all.

        Returns
        -------
        Priced
            Bounds and rosters.
        """
        n, days = len(self.region.people), self.region.compiled.grid.n_days
        rosters = np.full((n, self.params.slots, days), -1, dtype=np.int64)
        values = np.full((n, self.params.slots), INFINITE)
        lower = threshold.copy()
        todo = np.arange(n) if active is None else active
        allowed = self.allowed
        relaxed = np.zeros(n, dtype=np.bool_)
        owner: list[int] = []
        found: list[NDArray[np.int64]] = []
        for _ in range(_MOST_ROUNDS):
            self._run(todo, cost, threshold, allowed=allowed, rosters=rosters, values=values)
            sound = todo[~relaxed[todo]]
            lower[sound] = np.minimum(threshold[sound], values[sound, 0])
            again = []
            for i in todo:
                legal = [
                    slot
                    for slot in range(self.params.slots)
                    if values[i, slot] < INFINITE and not self._broken(i, rosters[i, slot])
                ]
                owner += [int(i)] * len(legal)
                found += [rosters[i, slot].copy() for slot in legal]
                if values[i, 0] >= INFINITE or (legal and legal[0] == 0):
                    continue
                closing = self._take_in(i, rosters[i, 0])
                if closing:
                    relaxed[i] = True
                    allowed = self.allowed.copy() if allowed is self.allowed else allowed
                    for t in closing:
                        self._close(allowed, i, t, rosters[i, 0], cost)
                if legal:
                    relaxed[i] = True
                else:
                    again.append(int(i))
            todo = np.array(again, dtype=np.int64)
            if not again:
                break
        places = np.array(owner, dtype=np.int64)
        stack = np.array(found, dtype=np.int16) if found else np.empty((0, days), np.int16)
        stack = np.where(stack >= 0, stack, self.region.base[places])
        return Priced(lower, places, stack, exact=not (len(todo) or relaxed.any()))

    def relaxed(self, cost: NDArray[np.float64]) -> tuple[NDArray[np.float64], IntArray]:
        """Price everybody once; limits outside the state are ignored.

        Parameters
        ----------
        cost
            Price of each shift, shape ``(n, n_days, n_types)``.

        Returns
        -------
        tuple[NDArray[np.float64], IntArray]
            Lower bound on the cost of each person, and how many would work each cell.
        """
        n = len(self.region.people)
        grid = self.region.compiled.grid
        rosters = np.full((n, 1, grid.n_days), -1, dtype=np.int64)
        values = np.full((n, 1), INFINITE)
        threshold = np.full(n, INFINITE / 10)
        self._run(
            np.arange(n), cost, threshold, allowed=self.allowed, rosters=rosters, values=values
        )
        return values[:, 0], grid.cover(rosters[:, 0].astype(np.int16))

    def _take_in(self, i: int, roster: NDArray[np.int64]) -> list[int]:
        """Track the limits that a roster breaks; return those for which there is no room."""
        broken = self._broken(i, roster)
        self.hot[self.region.people[i], broken] = True
        return [t for t in broken if not self._track(i, t)]

    def _run(
        self,
        todo: IntArray,
        cost: NDArray[np.float64],
        threshold: NDArray[np.float64],
        *,
        allowed: NDArray[np.bool_],
        rosters: NDArray[np.int64],
        values: NDArray[np.float64],
    ) -> None:
        """Call the kernels, in threads when there is enough to do."""

        def call(people: IntArray) -> None:
            kernels.price_people(
                people, cost, allowed, self.forced, self.region.compiled.units, self._par,
                self._class, self._banned, self._local_after, self._digits, self._local_code,
                self._caps, threshold, rosters, values,
            )  # fmt: skip

        threads = self.params.threads
        if threads == 1 or len(todo) < 2 * threads:
            call(todo)
            return
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(call, np.array_split(todo, min(len(todo), threads * _CHUNKS_A_THREAD))))

    def _broken(self, i: int, roster: NDArray[np.int64]) -> list[int]:
        """List the type limits outside the state that a roster breaks."""
        worked = roster[roster >= 0]
        counts = np.bincount(worked, minlength=self.region.type_cap.shape[1])
        return [int(t) for t in np.flatnonzero(counts > self.region.type_cap[i])]

    def _close(
        self,
        allowed: NDArray[np.bool_],
        i: int,
        t: int,
        roster: NDArray[np.int64],
        cost: NDArray[np.float64],
    ) -> None:
        """Keep the most valuable shifts of a type open, close all its others."""
        days = np.flatnonzero(roster == t)
        days = days[~self.forced[i, days]]
        fixed = int((roster == t).sum()) - len(days)
        keep = max(int(self.region.type_cap[i, t]) - fixed, 0)
        best = days[np.argsort(cost[i, days, t], kind="stable")][:keep]
        shut = ~self.forced[i]
        shut[best] = False
        allowed[i, shut, t] = False
