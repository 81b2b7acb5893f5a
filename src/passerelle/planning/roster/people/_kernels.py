"""The linear assignment problem, compiled.

References
----------
.. [1] R. Jonker, A. Volgenant (1987), "A shortest augmenting path algorithm for dense and sparse linear
   assignment problems", Computing 38.
.. [2] D. Crouse (2016), "On implementing 2D rectangular assignment algorithms", IEEE Trans. Aerospace and
   Electronic Systems 52. The rectangular form followed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["match_rows"]


@njit(cache=True, nogil=True)
def match_rows(cost: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give every row a column of its own at least total cost; there are at least as many columns."""
    n_rows, n_columns = cost.shape
    on_row, on_column = np.zeros(n_rows), np.zeros(n_columns)
    row_of = np.full(n_columns, -1, np.int64)
    column_of = np.full(n_rows, -1, np.int64)
    for first in range(n_rows):
        least = np.full(n_columns, np.inf)
        parent = np.full(n_columns, -1, np.int64)
        is_done = np.zeros(n_columns, np.bool_)
        row, base, sink = first, 0.0, -1
        while sink < 0:
            nearest, nearest_cost = -1, np.inf
            for column in range(n_columns):
                if is_done[column]:
                    continue
                way = base + cost[row, column] - on_row[row] - on_column[column]
                if way < least[column]:
                    least[column] = way
                    parent[column] = row
                free_wins = least[column] == nearest_cost and row_of[column] < 0
                if least[column] < nearest_cost or free_wins:
                    nearest, nearest_cost = column, least[column]
            base = nearest_cost
            is_done[nearest] = True
            if row_of[nearest] < 0:
                sink = nearest
            else:
                row = row_of[nearest]
        on_row[first] += base
        for column in range(n_columns):
            if is_done[column] and column != sink:
                on_row[row_of[column]] += base - least[column]
                on_column[column] -= base - least[column]
        column = sink
        while True:
            row = parent[column]
            row_of[column] = row
            column_of[row], column = column, column_of[row]
            if row == first:
                break
    return column_of
