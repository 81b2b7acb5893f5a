"""Collect columns and rows of an integer programme, for any solver."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["OPEN", "Rows"]

OPEN: Final = float("inf")


class Rows:
    """Hold a programme of whole, non-negative columns, row by row, in packed arrays.

    Attributes
    ----------
    costs, uppers
        Cost and upper end of each column.
    lows, highs
        Ends of each row.
    starts, index, values
        Terms of the rows, one after the other.
    """

    def __init__(self) -> None:
        self.costs = array("d")
        self.uppers = array("d")
        self.lows = array("d")
        self.highs = array("d")
        self.starts = array("q")
        self.index = array("i")
        self.values = array("d")

    @property
    def n_columns(self) -> int:
        """Columns so far."""
        return len(self.costs)

    @property
    def n_rows(self) -> int:
        """Rows so far."""
        return len(self.lows)

    def column(self, cost: float = 0.0, upper: float = 1.0) -> int:
        """Add a column and return its index."""
        self.costs.append(cost)
        self.uppers.append(upper)
        return len(self.costs) - 1

    def row(self, low: float, high: float, terms: Iterable[tuple[int, float]]) -> None:
        """Add a row."""
        self.lows.append(low)
        self.highs.append(high)
        self.starts.append(len(self.index))
        for column, value in terms:
            self.index.append(column)
            self.values.append(value)
