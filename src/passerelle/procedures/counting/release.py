"""Make a table public without telling anything of a single person (S39).

Cells and totals under 10 are suppressed; what remains is rounded to 5; then further cells are
suppressed until nobody can narrow a suppressed cell to fewer than :data:`LEAST_VALUES` values, even
from all totals and all earlier releases together. What an outsider can know is computed, not guessed:
for every suppressed cell the least and the largest value that all published figures allow, by linear
programming (the *audit* of statistical disclosure control; Fischetti and Salazar, 2001, "Solving the
cell suppression problem on tabular data with linear constraints", section 2). They choose the second
suppressions by an exact optimisation; we take the smallest unpublished loss greedily, which suppresses
more than needed and is never less safe.

Marks do not tell a first from a second suppression. Cohorts that overlap an earlier one in part are
refused, because their difference would be a table of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.procedures.counting.cohorts import Cohort

__all__ = [
    "BASE",
    "LEAST_VALUES",
    "THRESHOLD",
    "Figure",
    "Release",
    "bounds",
    "publish",
    "refuse_overlap",
]

THRESHOLD: Final = 10
"""Cells under this are suppressed (default of the product)."""

BASE: Final = 5
"""What remains is rounded to a multiple of this."""

LEAST_VALUES: Final = 5
"""A suppressed cell must keep at least so many possible values."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Publish one figure, a cell or a total, or suppress it.

    Parameters
    ----------
    cells
        Numbers of the cells that it adds up.
    shown
        The rounded value; ``None`` when suppressed.
    """

    cells: tuple[int, ...]
    shown: int | None


@dataclass(frozen=True, slots=True)
class Release:
    """Hold a published table.

    Parameters
    ----------
    n_rows, n_columns
        Size without totals.
    figures
        All cells row by row, then row totals, column totals and the grand total; each sum once, so
        that a table of one line has its cells and one total.
    """

    n_rows: int
    n_columns: int
    figures: tuple[Figure, ...]

    def cell(self, row: int, column: int) -> int | None:
        """Return what is shown of a cell."""
        return self.figures[row * self.n_columns + column].shown

    @property
    def n_suppressed(self) -> int:
        """How many figures are suppressed."""
        return sum(figure.shown is None for figure in self.figures)


def publish(table: Sequence[Sequence[int]], earlier: Iterable[Release] = ()) -> Release:
    """Make a table of counts public.

    Parameters
    ----------
    table
        Counts ``>= 0``, shape ``(rows, columns)``.
    earlier
        Releases of the same cells that are public already.
    """
    n_rows, n_columns = len(table), len(table[0])
    flat = [value for row in table for value in row]
    if min(flat) < 0:
        raise ValueError("Expected counts >= 0.")
    known = [figure for release in earlier for figure in release.figures]
    sums = _sums(n_rows, n_columns)
    values = [sum(flat[cell] for cell in cells) for cells in sums]
    hidden = {number for number, value in enumerate(values) if value < THRESHOLD}
    while True:
        figures = tuple(
            Figure(cells, None if number in hidden else _round(values[number]))
            for number, cells in enumerate(sums)
        )
        weak = _alone(sums if min(n_rows, n_columns) == 1 else sums[:-1], hidden)
        if weak is None:
            weak = _weakest(len(flat), [*known, *figures])
        if weak is None:
            return Release(n_rows, n_columns, figures)
        more = _next_to_hide(sums, values, hidden, weak)
        if more is None:
            return Release(n_rows, n_columns, tuple(Figure(cells, None) for cells in sums))
        hidden.add(more)


def refuse_overlap(cohort: Cohort, published: Iterable[Cohort]) -> Refusal | None:
    """Return why a cohort may not be published beside earlier ones, or ``None``."""
    for other in published:
        if cohort.overlaps(other):
            return Refusal("statistics.overlap", {"other": f"{other.sent_from}/{other.sent_to}"})
    return None


def bounds(n_cells: int, figures: Sequence[Figure], cells: Iterable[int]) -> dict[int, range]:
    """Return the values of cells that an outsider who knows the method cannot exclude.

    Parameters
    ----------
    n_cells
        Number of cells of the table.
    figures
        Everything published.
    cells
        Cells asked for.

    Returns
    -------
    dict of int to range
        Whole numbers from the least to the largest possible value.
    """
    import highspy  # noqa: PLC0415 - slow import

    model = highspy.Highs()  # type: ignore[no-untyped-call]
    model.setOptionValue("output_flag", False)
    unknown = [model.addVariable(lb=0) for _ in range(n_cells)]
    for figure in figures:
        if figure.shown is not None:
            total = sum(unknown[cell] for cell in figure.cells)
            model.addConstr(total >= max(figure.shown - BASE // 2, THRESHOLD))
            model.addConstr(total <= figure.shown + BASE // 2)
    found = {}
    for cell in cells:
        model.minimize(unknown[cell])
        low = model.getObjectiveValue()
        model.maximize(unknown[cell])
        is_bounded = model.getModelStatus() == highspy.HighsModelStatus.kOptimal
        high = model.getObjectiveValue() if is_bounded else low + 1_000_000
        found[cell] = range(int(low + 1 - 1e-6), int(high + 1e-6) + 1)
    return found


def _sums(n_rows: int, n_columns: int) -> list[tuple[int, ...]]:
    cells = [(number,) for number in range(n_rows * n_columns)]
    rows = [tuple(range(row * n_columns, (row + 1) * n_columns)) for row in range(n_rows)]
    columns = [tuple(range(column, n_rows * n_columns, n_columns)) for column in range(n_columns)]
    return list(dict.fromkeys([*cells, *rows, *columns, tuple(range(n_rows * n_columns))]))


def _round(value: int) -> int:
    return (value + BASE // 2) // BASE * BASE


def _alone(sums: Sequence[tuple[int, ...]], hidden: set[int]) -> int | None:
    """Return a suppressed cell that is the only one of a line whose total is shown."""
    for number, cells in enumerate(sums):
        gone = [cell for cell in cells if cell in hidden]
        if len(cells) > 1 and number not in hidden and len(gone) == 1:
            return gone[0]
    return None


def _weakest(n_cells: int, figures: Sequence[Figure]) -> int | None:
    """Return the suppressed cell with the fewest possible values, when these are too few."""
    shown = {
        figure.cells[0] for figure in figures if len(figure.cells) == 1 and figure.shown is not None
    }
    hidden = [cell for cell in range(n_cells) if cell not in shown]
    if not hidden:
        return None
    found = bounds(n_cells, figures, hidden)
    weakest = min(hidden, key=lambda cell: (len(found[cell]), cell))
    return weakest if len(found[weakest]) < LEAST_VALUES else None


def _next_to_hide(
    sums: Sequence[tuple[int, ...]], values: Sequence[int], hidden: set[int], weak: int
) -> int | None:
    """Choose the smallest published figure that helps to narrow the weak cell."""
    lines = [cells for cells in sums if len(cells) > 1 and weak in cells]
    beside = {cell for cells in lines for cell in cells}
    helpful = [
        number
        for number, cells in enumerate(sums)
        if number not in hidden and (cells in lines or (len(cells) == 1 and cells[0] in beside))
    ]
    others = [number for number in range(len(sums)) if number not in hidden]
    return min(helpful or others, key=lambda number: (values[number], number), default=None)
