"""Collect a sparse linear programme as arrays and solve it by interior point, with HiGHS.

Where :class:`~passerelle.planning.coverage.linear.Programme` takes terms one by one, this takes whole arrays
of them: the programmes of flows have hundreds of thousands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["SparseProgramme"]

_TOLERANCE: Final = 1e-3


class SparseProgramme:
    """Collect columns, rows and entries of a sparse programme."""

    def __init__(self) -> None:
        self.cost: list[FloatArray] = []
        self.upper: list[FloatArray] = []
        self.low: list[FloatArray] = []
        self.high: list[FloatArray] = []
        self.n_rows = self.n_columns = 0
        self._rows: list[npt.NDArray[np.integer[Any]]] = []
        self._columns: list[npt.NDArray[np.integer[Any]]] = []
        self._values: list[FloatArray] = []

    def rows(self, low: FloatArray, high: FloatArray) -> int:
        """Append rows; return the first."""
        first = self.n_rows
        self.low.append(low)
        self.high.append(high)
        self.n_rows += len(low)
        return first

    def columns(self, cost: FloatArray, upper: FloatArray | None = None) -> int:
        """Append columns from zero; return the first."""
        first = self.n_columns
        self.cost.append(cost)
        self.upper.append(np.full(len(cost), np.inf) if upper is None else upper)
        self.n_columns += len(cost)
        return first

    def put(
        self, rows: npt.NDArray[np.integer[Any]], columns: npt.NDArray[np.integer[Any]],
        values: FloatArray | float,
    ) -> None:  # fmt: skip
        """Append entries."""
        self._rows.append(rows)
        self._columns.append(columns)
        self._values.append(np.broadcast_to(np.asarray(values, dtype=np.float64), rows.shape))

    def solve(
        self, seconds: float, is_over: Callable[[], bool] | None = None
    ) -> tuple[float, FloatArray, FloatArray] | None:
        """Return value, columns and duals of an interior solution, ``None`` when there is none.

        Parameters
        ----------
        seconds
            Time limit.
        is_over
            Asked between the iterations whether to give up.
        """
        import highspy  # noqa: PLC0415 - slow import

        made: Any = highspy  # Any: highspy has no types
        rows, columns = np.concatenate(self._rows), np.concatenate(self._columns)
        order = np.argsort(columns, kind="stable")
        starts = np.concatenate(([0], np.cumsum(np.bincount(columns, minlength=self.n_columns))))
        lp = made.HighsLp()
        lp.num_col_, lp.num_row_ = self.n_columns, self.n_rows
        lp.col_cost_ = np.concatenate(self.cost)
        lp.col_lower_ = np.zeros(self.n_columns)
        lp.col_upper_ = np.concatenate(self.upper)
        lp.row_lower_, lp.row_upper_ = np.concatenate(self.low), np.concatenate(self.high)
        lp.a_matrix_.format_ = made.MatrixFormat.kColwise
        lp.a_matrix_.start_ = starts.astype(np.int32)
        lp.a_matrix_.index_ = rows[order].astype(np.int32)
        lp.a_matrix_.value_ = np.concatenate(self._values)[order]
        highs = made.Highs()
        for name, value in (
            ("output_flag", False), ("threads", 1), ("solver", "ipm"), ("run_crossover", "off"),
            ("ipm_optimality_tolerance", _TOLERANCE), ("time_limit", float(seconds)),
        ):  # fmt: skip
            highs.setOptionValue(name, value)
        if is_over is not None:
            highs.cbIpmInterrupt.subscribe(lambda event: event.interrupt(is_over()))
        highs.passModel(lp)
        highs.run()
        if highs.getModelStatus() not in {
            made.HighsModelStatus.kOptimal,
            made.HighsModelStatus.kUnknown,  # an interior solution within the tolerance
        }:
            return None
        found = highs.getSolution()
        value = float(highs.getInfo().objective_function_value)
        columns_, duals = np.array(found.col_value), np.array(found.row_dual)
        if len(columns_) != self.n_columns or not np.isfinite(columns_).all():
            return None
        return value, columns_, duals
