"""Find the cheapest roster of a person by a walk over days with whole arrays of states.

It shares nothing with the kernels of pricing and is the fast way to check a certificate: the axes of
the state are minutes, weekends and the shifts of some types; rests and runs stand in a list each. A
limit on a type joins the state only after the cheapest roster broke it, so every value on the way is
a lower bound already.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.planning.roster.named.instance import DAYS_PER_WEEK, SATURDAY
from passerelle.planning.roster.named.priced_walk import priced_cost
from passerelle.planning.roster.named.soft.walk import cheapest_cost

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passerelle.planning.roster.named.instance import DayGrid

__all__ = ["Walk", "walked_cost"]

_MOST_KEPT: Final = 40_000_000
"""States of all days together that are kept, to see which limits the cheapest roster breaks."""
_MOST_WALKED: Final = 500_000_000
"""States of all days together that are walked through."""
_SAME: Final = 1e-7


def walked_cost(grid: DayGrid, person: int, cost: NDArray[np.float64]) -> float:
    """Return a lower bound on the cost of a person's legal rosters, exact if memory allows.

    Long horizons are left to :func:`.priced_walk.priced_cost`, soft limits to :mod:`.soft.walk`.

    Parameters
    ----------
    grid
        The instance.
    person
        Place of the person.
    cost
        Cost of each shift, shape ``(n_days, n_types)``.

    Returns
    -------
    float
        Infinite when there is no legal roster.
    """
    if grid.soft is not None:
        return cheapest_cost(grid, person, cost)
    walk = Walk(grid, person, cost, ())
    if walk.n_states > _MOST_WALKED:
        return priced_cost(grid, person, cost)
    while True:
        value = walk.run()
        if not math.isfinite(value) or not walk.is_kept:
            return value
        counts = np.bincount(walk.trace(), minlength=grid.n_types)
        before = walk
        for t in np.flatnonzero(counts > grid.type_cap[person]):
            wider = Walk(grid, person, cost, (*walk.tracked, int(t)))
            walk = wider if wider.n_states <= _MOST_WALKED else walk
        if walk is before:
            return value


@dataclass(slots=True)
class Walk:
    """Walk once over the horizon of one person.

    Parameters
    ----------
    grid, person, cost
        See :func:`walked_cost`.
    tracked
        Types whose limits are kept.
    """

    grid: DayGrid
    person: int
    cost: NDArray[np.float64]
    tracked: tuple[int, ...]
    unit: int = field(init=False)
    shape: tuple[int, ...] = field(init=False)
    rests: list[NDArray[np.float64]] = field(init=False, default_factory=list)
    works: list[NDArray[np.float64]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        grid, contract = self.grid, self.grid.contracts[self.person]
        self.unit = math.gcd(*(int(m) for m in grid.type_minutes))
        caps = [int(grid.type_cap[self.person, t]) + 1 for t in self.tracked]
        weekends = min(contract.max_weekends, len(list(grid.saturdays())))
        self.shape = (contract.max_minutes // self.unit + 1, weekends + 1, *caps)

    @property
    def n_states(self) -> int:
        """Count the states of all days."""
        contract = self.grid.contracts[self.person]
        rows = contract.min_rest + contract.max_run * self.grid.n_types
        return self.grid.n_days * rows * math.prod(self.shape)

    @property
    def is_kept(self) -> bool:
        """Whether the states of every day are few enough to be kept."""
        return self.n_states <= _MOST_KEPT

    def run(self) -> float:
        """Return the least cost."""
        grid, contract = self.grid, self.grid.contracts[self.person]
        longest = min(contract.max_run, grid.n_days)
        rest = np.full((contract.min_rest, *self.shape), np.inf)
        work = np.full((longest, grid.n_types, *self.shape), np.inf)
        rest[-1][(0,) * len(self.shape)] = 0.0
        for day in range(grid.n_days):
            if self.is_kept:
                self.rests.append(rest)
                self.works.append(work)
            rest, work = self._after(day, rest, work)
        self.rests.append(rest)
        self.works.append(work)
        least = -(-contract.min_minutes // self.unit)
        return float(min(rest[:, least:].min(), work[:, :, least:].min()))

    def _ends(self, day: int) -> list[int]:
        """List the runs, counted from 0, that may end before a day."""
        shortest = self.grid.contracts[self.person].min_run
        return [r for r in range(self._longest) if r + 1 >= shortest or r + 1 == day]

    @property
    def _longest(self) -> int:
        return min(self.grid.contracts[self.person].max_run, self.grid.n_days)

    def _step(self, day: int, kind: int, run: int) -> tuple[int, ...] | None:
        """Return what a shift adds on each axis, None when it may not be worked."""
        grid = self.grid
        if grid.closed[self.person, day] or grid.type_cap[self.person, kind] == 0:
            return None
        weekday = (grid.first_weekday + day) % DAYS_PER_WEEK
        new = weekday == SATURDAY or (weekday == SATURDAY + 1 and run == 0)
        units = int(grid.type_minutes[kind]) // self.unit
        return (units, int(new), *(int(t == kind) for t in self.tracked))

    def _after(
        self, day: int, rest: NDArray[np.float64], work: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the states after a day."""
        grid = self.grid
        rested, worked = np.full_like(rest, np.inf), np.full_like(work, np.inf)
        rested[1:] = rest[:-1]
        rested[-1] = np.minimum(rested[-1], rest[-1])
        ends = self._ends(day)
        if ends and day:
            rested[0] = np.minimum(rested[0], work[ends].min(axis=(0, 1)))
        for kind in range(grid.n_types):
            before = [int(u) for u in np.flatnonzero(~grid.banned[:, kind])]
            for run in range(self._longest):
                more = self._step(day, kind, run)
                if more is None or run > day:
                    continue
                if run and not before:
                    continue
                source = work[run - 1][before].min(axis=0) if run else rest[-1]
                _moved(source, worked[run, kind], more, float(self.cost[day, kind]))
        return rested, worked

    def trace(self) -> NDArray[np.int64]:
        """Return the types worked in one cheapest roster."""
        contract, least = self.grid.contracts[self.person], 0
        least = -(-contract.min_minutes // self.unit)
        rest, work = self.rests[-1][:, least:], self.works[-1][:, :, least:]
        if rest.min() <= work.min():
            k, *at = np.unravel_index(int(rest.argmin()), rest.shape)
            run, kind = -int(k) - 1, -1
        else:
            r, t, *at = np.unravel_index(int(work.argmin()), work.shape)
            run, kind = int(r) + 1, int(t)
        state = [int(x) for x in at]
        state[0] += least
        worked = []
        for day in range(self.grid.n_days - 1, -1, -1):
            if kind >= 0:
                worked.append(kind)
            run, kind = self._before(day, run, kind, state)
        return np.array(worked, dtype=np.int64)

    def _before(self, day: int, run: int, kind: int, state: list[int]) -> tuple[int, int]:
        """Find the state before a day; ``run`` is negative at rest. The place in ``state`` follows."""
        rest, work, at = self.rests[day], self.works[day], tuple(state)
        if run < 0:
            value = self.rests[day + 1][-run - 1][at]
            full = -run == len(rest)
            if full and abs(rest[-1][at] - value) <= _SAME:
                return run, -1
            if run < -1 and abs(rest[-run - 2][at] - value) <= _SAME:
                return run + 1, -1
            for r in self._ends(day):
                for t in range(self.grid.n_types):
                    if abs(work[r, t][at] - value) <= _SAME:
                        return r + 1, t
            raise RuntimeError("Expected a state before every rest.")
        value = self.works[day + 1][run - 1, kind][at] - self.cost[day, kind]
        more = self._step(day, kind, run - 1)
        assert more is not None
        for axis, step in enumerate(more):
            state[axis] -= step
        at = tuple(state)
        if run == 1:
            return -len(rest), -1
        for t in range(self.grid.n_types):
            if not self.grid.banned[t, kind] and abs(work[run - 2, t][at] - value) <= _SAME:
                return run - 1, t
        raise RuntimeError("Expected a state before every shift.")


def _moved(
    source: NDArray[np.float64], target: NDArray[np.float64], more: tuple[int, ...], price: float
) -> None:
    """Write a source into a target, moved along every axis and dearer by a price."""
    give = tuple(slice(0, max(n - m, 0)) for n, m in zip(source.shape, more, strict=True))
    take = tuple(slice(m, None) for m in more)
    target[take] = np.minimum(target[take], source[give] + price)
