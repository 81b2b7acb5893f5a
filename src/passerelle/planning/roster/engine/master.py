r"""The restricted master of column generation, on HiGHS, warm-started from round to round.

Minimise the cost of lines and of slack, subject to

* rows ``sum of coefficients × lines + slack = rhs``, where the slack of a row is a set of *steps*,
  each with a sign, a price and a length (missing below minimum, missing below target, surplus …);
* one convexity row a group: its lines add up to its strength (a resting line is a line).

Besides lines there may be *loose* columns that belong to no group; the bound then asks the caller
for duals under which no loose column has negative reduced cost.

For any duals :math:`\pi` within the range that the unbounded steps allow,

.. math:: \sum_r \Big(\pi_r b_r + \sum_j u_j \min(0, c_j - s_j \pi_r)\Big)
          + \sum_g n_g \min_{l \in g} (c_l - \pi a_l)

is a lower bound on the master over all lines, hence on every plan (Lasdon 1970, section 3.4).
Duals are smoothed towards those of the best bound (Wentges 1997; Pessoa et al. 2018, section 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import numpy.typing as npt

    from passerelle.planning.roster.engine.pricer import PricedLine

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int32]

__all__ = ["Master", "MasterSolution", "Smoothing"]

_EQUAL: Final = 1e-9


@dataclass(frozen=True, slots=True)
class MasterSolution:
    """Hold an optimal solution of the restricted master.

    Parameters
    ----------
    value
        Objective value.
    duals
        Price of each row.
    convexity
        Price of one crew of each group.
    lines
        Weight of each line column, in the order in which they were added.
    loose
        Weight of each loose column, in the order in which they were added.
    """

    value: float
    duals: FloatArray
    convexity: FloatArray
    lines: FloatArray
    loose: FloatArray


class Smoothing:
    """Pull duals towards the ones that gave the best bound.

    Parameters
    ----------
    weight
        Share of the best duals, ``0 <= weight < 1``; 0 switches smoothing off.
    """

    def __init__(self, weight: float = 0.5) -> None:
        if not 0 <= weight < 1:
            raise ValueError(f"Expected 0 <= weight < 1, got {weight}.")
        self.weight = weight
        self.bound = float("-inf")
        self.center: FloatArray | None = None

    def blend(self, duals: FloatArray, weight: float | None = None) -> FloatArray:
        """Return the smoothed duals; the given ones while there is no center."""
        if self.center is None:
            return duals
        share = self.weight if weight is None else weight
        return share * self.center + (1 - share) * duals

    def learn(self, duals: FloatArray, bound: float) -> bool:
        """Move the center when ``bound`` is the best so far; tell whether it was."""
        if bound <= self.bound:
            return False
        self.bound, self.center = bound, duals.copy()
        return True


class Master:
    """Grow and solve the restricted master.

    Parameters
    ----------
    strengths
        Crews of each group; the right-hand sides of the convexity rows.
    threads
        Threads of HiGHS.
    """

    def __init__(self, strengths: Sequence[int], *, threads: int = 1) -> None:
        import highspy  # noqa: PLC0415 - slow import

        self._inf = highspy.kHighsInf
        self._optimal = highspy.HighsModelStatus.kOptimal
        self._unknown = highspy.HighsModelStatus.kUnknown
        make: Any = highspy.Highs  # Any: highspy has no types
        self._highs = make()
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("threads", threads)
        self._is_interior = False
        self._highs.setOptionValue("solver", "simplex")
        self.strengths = np.asarray(strengths, dtype=np.float64)
        none = np.empty(0, dtype=np.int32)
        n = len(strengths)
        self._highs.addRows(n, self.strengths, self.strengths, 0, none, none, np.empty(0))
        self.n_groups = n
        self.n_rows = 0
        self.rhs = np.empty(0)
        self._step_row = np.empty(0, dtype=np.int32)
        self._step_sign = np.empty(0)
        self._step_cost = np.empty(0)
        self._step_length = np.empty(0)
        self._kind: list[int] = []  # 0 step, 1 line, 2 loose; one entry a column
        self.keys: list[Hashable] = []
        self._known: set[Hashable] = set()

    def make_interior(self, tolerance: float = 1e-5) -> None:
        """Stop at an interior solution from now on.

        Slower on small masters, much faster on large ones, and central duals need fewer rounds
        (Gondzio, González-Brevis and Munari 2013).
        """
        self._is_interior = True
        self._highs.setOptionValue("solver", "ipm")
        self._highs.setOptionValue("run_crossover", "off")
        self._highs.setOptionValue("ipm_optimality_tolerance", tolerance)

    def add_rows(self, rhs: FloatArray) -> None:
        """Append equality rows; give them slack with :meth:`add_steps`."""
        none = np.empty(0, dtype=np.int32)
        rhs = np.asarray(rhs, dtype=np.float64)
        self._highs.addRows(len(rhs), rhs, rhs, 0, none, none, np.empty(0))
        self.rhs = np.concatenate((self.rhs, rhs))
        self.n_rows += len(rhs)

    def add_steps(
        self, rows: IntArray, signs: FloatArray, costs: FloatArray, lengths: FloatArray
    ) -> None:
        """Append steps of slack.

        Parameters
        ----------
        rows
            Row of each step.
        signs
            ``+1`` for a step that stands in for cover, ``-1`` for one that takes surplus away.
        costs
            Price of one unit, of any sign.
        lengths
            Most units, ``inf`` for no end.
        """
        rows = np.asarray(rows, dtype=np.int32)
        n = len(rows)
        self._step_row = np.concatenate((self._step_row, rows))
        self._step_sign = np.concatenate((self._step_sign, np.asarray(signs, dtype=np.float64)))
        self._step_cost = np.concatenate((self._step_cost, np.asarray(costs, dtype=np.float64)))
        self._step_length = np.concatenate((self._step_length, np.asarray(lengths, np.float64)))
        starts = np.arange(n, dtype=np.int32)
        self._add(costs, lengths, starts, rows + self.n_groups, signs, kind=0)

    def add_lines(self, lines: Sequence[PricedLine]) -> int:
        """Append line columns whose key is new; return how many were."""
        fresh = []
        for line in lines:
            if (line.group, line.key) not in self._known:
                self._known.add((line.group, line.key))
                fresh.append(line)
        if not fresh:
            return 0
        self.keys.extend((line.group, line.key) for line in fresh)
        sizes = np.array([len(line.rows) + 1 for line in fresh])
        starts = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int32)
        index = np.concatenate(
            [np.concatenate(([line.group], line.rows + self.n_groups)) for line in fresh]
        )
        values = np.concatenate([np.concatenate(([1.0], line.values)) for line in fresh])
        costs = np.array([line.cost for line in fresh])
        self._add(costs, np.full(len(fresh), self._inf), starts, index, values, kind=1)
        return len(fresh)

    def add_loose(
        self,
        costs: FloatArray,
        uppers: FloatArray,
        starts: IntArray,
        rows: IntArray,
        values: FloatArray,
    ) -> None:
        """Append columns of no group, in compressed form (``starts`` without the final entry)."""
        self._add(costs, uppers, starts, np.asarray(rows, np.int32) + self.n_groups, values, kind=2)

    def _add(
        self,
        costs: FloatArray,
        uppers: FloatArray,
        starts: IntArray,
        index: IntArray,
        values: FloatArray,
        *,
        kind: int,
    ) -> None:
        n = len(costs)
        if n == 0:
            return
        uppers = np.where(np.isinf(uppers), self._inf, uppers)
        self._highs.addCols(
            n,
            np.asarray(costs, dtype=np.float64),
            np.zeros(n),
            np.asarray(uppers, dtype=np.float64),
            len(index),
            np.asarray(starts, dtype=np.int32),
            np.asarray(index, dtype=np.int32),
            np.asarray(values, dtype=np.float64),
        )
        self._kind.extend([kind] * n)

    def solve(self, *, seconds: float | None = None) -> MasterSolution | None:
        """Solve to optimality; ``None`` when the time ran out or there is no solution.

        Notes
        -----
        After columns were added the last basis is primal feasible, so primal simplex goes on from
        it; the first solve takes whatever HiGHS prefers.
        """
        if seconds is not None:
            limit = self._highs.getRunTime() + seconds
            self._highs.setOptionValue("time_limit", float(limit))
        self._highs.run()
        self._highs.setOptionValue("simplex_strategy", 4)
        status = self._highs.getModelStatus()
        if status != self._optimal and not (self._is_interior and status == self._unknown):
            return None
        found = self._highs.getSolution()
        duals = np.array(found.row_dual)
        columns = np.array(found.col_value)
        kind = np.array(self._kind)
        return MasterSolution(
            value=float(self._highs.getInfo().objective_function_value),
            duals=duals[self.n_groups :],
            convexity=duals[: self.n_groups],
            lines=columns[kind == 1],
            loose=columns[kind == 2],
        )

    def clip(self, duals: FloatArray) -> FloatArray:
        """Move duals into the range in which the bound is finite."""
        low = np.full(self.n_rows, -np.inf)
        high = np.full(self.n_rows, np.inf)
        endless = np.isinf(self._step_length)
        up, down = endless & (self._step_sign > 0), endless & (self._step_sign < 0)
        np.minimum.at(high, self._step_row[up], self._step_cost[up])
        np.maximum.at(low, self._step_row[down], -self._step_cost[down])
        return np.clip(duals, low, high)

    def bound(self, duals: FloatArray, least: FloatArray) -> float:
        """Return the Lagrangian bound.

        Parameters
        ----------
        duals
            Price of each row, within :meth:`clip`.
        least
            Proved minimum of ``cost - duals · coefficients`` over the lines of each group.
        """
        reduced = self._step_cost - self._step_sign * duals[self._step_row]
        paid = reduced < -_EQUAL
        steps = float((reduced[paid] * self._step_length[paid]).sum())
        return float(duals @ self.rhs) + steps + float(self.strengths @ least)
