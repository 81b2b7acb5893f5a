"""Collect columns and rows of a linear or whole-number programme and solve it with HiGHS."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["INFINITE", "Answer", "Programme"]

INFINITE: Final = 1e30


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold what the solver found.

    Parameters
    ----------
    value
        Objective of the best solution; ``inf`` when there is none.
    bound
        Proven lower bound on the objective.
    columns
        Value of each column; empty when there is no solution.
    duals
        Price of each row, for a linear programme; else empty.
    is_optimal
        Whether value and bound meet.
    is_infeasible
        Whether it is proved that there is no solution.
    """

    value: float
    bound: float
    columns: FloatArray
    duals: FloatArray
    is_optimal: bool
    is_infeasible: bool


@dataclass(slots=True)
class Programme:
    """Collect columns and rows; minimise."""

    costs: list[float] = field(default_factory=list)
    lowers: list[float] = field(default_factory=list)
    uppers: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    lows: list[float] = field(default_factory=list)
    highs: list[float] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    index: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def column(
        self, cost: float, upper: float = INFINITE, lower: float = 0.0, *, is_whole: bool = False
    ) -> int:
        """Add a column; return its index."""
        self.costs.append(cost)
        self.lowers.append(lower)
        self.uppers.append(upper)
        if is_whole:
            self.whole.append(len(self.costs) - 1)
        return len(self.costs) - 1

    def row(self, low: float, high: float, terms: list[tuple[int, float]]) -> int:
        """Add a row; return its index."""
        self.lows.append(low)
        self.highs.append(high)
        self.starts.append(len(self.index))
        self.index += [column for column, _ in terms]
        self.values += [value for _, value in terms]
        return len(self.lows) - 1

    def solver(self, *, seconds: float, is_relaxed: bool = False, method: str = "choose") -> Solver:
        """Return a solver with the programme loaded, to be asked again with other bounds."""
        return Solver(self, seconds=seconds, is_relaxed=is_relaxed, method=method)

    def solve(self, *, seconds: float, gap: float = 1e-6, is_relaxed: bool = False) -> Answer:
        """Solve once.

        Parameters
        ----------
        seconds
            Time limit.
        gap
            Relative gap at which a whole-number programme is done.
        is_relaxed
            Whether to leave whole numbers out.
        """
        return self.solver(seconds=seconds, is_relaxed=is_relaxed).ask(gap=gap)


class Solver:
    """Hold a loaded programme."""

    def __init__(
        self, programme: Programme, *, seconds: float, is_relaxed: bool, method: str
    ) -> None:
        import highspy  # noqa: PLC0415 - slow import

        made: Any = highspy  # Any: highspy has no types
        self._made = made
        lp = made.HighsLp()
        n, m = len(programme.costs), len(programme.lows)
        lp.num_col_, lp.num_row_ = n, m
        lp.col_cost_ = np.array(programme.costs, dtype=np.float64)
        lp.col_lower_ = np.array(programme.lowers, dtype=np.float64)
        lp.col_upper_ = np.array(programme.uppers, dtype=np.float64)
        lp.row_lower_ = np.array(programme.lows, dtype=np.float64)
        lp.row_upper_ = np.array(programme.highs, dtype=np.float64)
        lp.a_matrix_.format_ = made.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array([*programme.starts, len(programme.index)], dtype=np.int32)
        lp.a_matrix_.index_ = np.array(programme.index, dtype=np.int32)
        lp.a_matrix_.value_ = np.array(programme.values, dtype=np.float64)
        self._is_whole = bool(programme.whole) and not is_relaxed
        if self._is_whole:
            kinds = [made.HighsVarType.kContinuous] * n
            for column in programme.whole:
                kinds[column] = made.HighsVarType.kInteger
            lp.integrality_ = kinds
        self._highs = made.Highs()
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("threads", 1)
        self._highs.setOptionValue("random_seed", 0)
        self._highs.setOptionValue("solver", method)
        self._highs.passModel(lp)
        self._rows = list(zip(programme.lows, programme.highs, strict=True))
        self._seconds = seconds

    def limit(self, column: int, lower: float, upper: float) -> None:
        """Change the bounds of a column."""
        self._highs.changeColBounds(column, lower, upper)

    def free_row(self, row: int, *, is_free: bool) -> None:
        """Leave a row out, or take it back."""
        low, high = self._rows[row]
        if is_free:
            low, high = -INFINITE, INFINITE
        self._highs.changeRowBounds(row, low, high)

    def price(self, column: int, cost: float) -> None:
        """Change the cost of a column."""
        self._highs.changeColCost(column, cost)

    def ask(self, *, gap: float = 1e-6, seconds: float | None = None) -> Answer:
        """Solve with the present bounds."""
        highs, made = self._highs, self._made
        highs.setOptionValue("time_limit", highs.getRunTime() + (seconds or self._seconds))
        highs.setOptionValue("mip_rel_gap", gap)
        highs.run()
        status, info = highs.getModelStatus(), highs.getInfo()
        is_optimal = status == made.HighsModelStatus.kOptimal
        is_infeasible = status in {
            made.HighsModelStatus.kInfeasible,
            made.HighsModelStatus.kUnboundedOrInfeasible,
        }
        has = info.primal_solution_status == 2
        solution = highs.getSolution()
        empty = np.empty(0)
        value = float(info.objective_function_value) if has else float("inf")
        if self._is_whole:
            bound = float(info.mip_dual_bound)
        else:
            bound = value if is_optimal else float("-inf")
        return Answer(
            value,
            bound,
            np.array(solution.col_value) if has else empty,
            np.array(solution.row_dual) if has and not self._is_whole else empty,
            is_optimal,
            is_infeasible,
        )
