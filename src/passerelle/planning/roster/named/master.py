"""Hold the restricted master: one roster a person, cover with priced slack, as an LP in HiGHS.

Rows: one a person (exactly one roster), one a cell of cover. Columns: missing and surplus people of
each cell, where a need has a floor those missing below it, then rosters. The primal simplex goes on from the last basis, because new columns keep it
primal feasible.

References
----------
.. [1] G. Desaulniers, J. Desrosiers, M. Solomon (eds.) (2005), "Column Generation", chapter 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passerelle.planning.roster.named.instance import BoolArray, IntArray
    from passerelle.planning.roster.named.region import Region

__all__ = ["MOST_SUMS", "Duals", "Master", "Sum"]

_DUAL_SIMPLEX: Final = 1
_PRIMAL_SIMPLEX: Final = 4
_BREACH: Final = 1e4
"""Price of breaking a bound on a sum, far above any weight of a missing person."""
MOST_SUMS: Final = 400
_NOTHING: Final = 1e-7


class Sum(NamedTuple):
    """Name a sum over cells that is whole in every roster: missing or surplus people.

    Parameters
    ----------
    label
        For people.
    is_surplus
        Surplus people instead of missing ones.
    cells
        The cells, shape ``(n_days, n_types)``.
    """

    label: str
    is_surplus: bool
    cells: BoolArray


class Duals(NamedTuple):
    """Hold prices.

    Parameters
    ----------
    people
        One a person.
    cells
        One a cell of cover, shape ``(n_days, n_types)``.
    sums
        One a bounded sum.
    """

    people: NDArray[np.float64]
    cells: NDArray[np.float64]
    sums: NDArray[np.float64]

    def mixed(self, other: Duals, weight: float) -> Duals:
        """Return ``weight`` of the other and the rest of these prices."""
        return Duals(
            weight * other.people + (1 - weight) * self.people,
            weight * other.cells + (1 - weight) * self.cells,
            weight * other.sums + (1 - weight) * self.sums,
        )


class Master:
    """Choose among the rosters known, fractionally.

    Parameters
    ----------
    region
        What is free.
    """

    def __init__(self, region: Region) -> None:
        import highspy  # noqa: PLC0415 - slow import

        self.region = region
        grid = region.compiled.grid
        self._cells = region.rows
        n, m = len(region.people), int(self._cells.sum())
        self._row_of = np.full(self._cells.shape, -1, dtype=np.int64)
        self._row_of[self._cells] = n + np.arange(m)
        self.need = region.need[self._cells].astype(np.float64)
        self._under = grid.under[self._cells].astype(np.float64)
        self._top = grid.top[self._cells].astype(np.float64)
        self._over = grid.over[self._cells].astype(np.float64)
        # With a floor a second block of columns takes those missing below it.
        self._spare = None if grid.spare is None else grid.spare[self._cells].astype(np.float64)
        self._grave = float(grid.grave)
        spares = 2 * MOST_SUMS
        self._short = 2 * m + spares
        graves = 0 if self._spare is None else m
        self._first = self._short + graves
        self.sums: list[Sum] = []
        self._sum_low = self._sum_high = np.empty(0)
        self.owner = np.empty(0, dtype=np.int64)
        self.rosters = np.empty((0, grid.n_days), dtype=np.int16)
        self.wish = np.empty(0)
        self.open = np.empty(0, dtype=np.bool_)
        self.weights = np.empty(0)
        self._known: dict[tuple[int, bytes], int] = {}
        # highspy has no types
        make: Any = highspy.Highs
        self.highs: Any = make()
        for name, value in (
            ("output_flag", False), ("threads", 1), ("solver", "simplex"), ("random_seed", 1),
        ):  # fmt: skip
            self.highs.setOptionValue(name, value)
        self._strategy = _PRIMAL_SIMPLEX
        self._infinite = highspy.kHighsInf
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self._first, n + m
        most = np.full(m, self._infinite) if self._spare is None else self._spare
        lp.col_cost_ = np.concatenate(
            [self._under, self._over, np.full(spares, _BREACH), self._under[:graves] + self._grave]
        )
        lp.col_lower_ = np.zeros(self._first)
        lp.col_upper_ = np.concatenate(
            [most, np.full(m, self._infinite), np.zeros(spares), np.full(graves, self._infinite)]
        )
        lp.row_lower_ = lp.row_upper_ = np.concatenate([np.ones(n), self.need])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        column = np.arange(self._first + 1)
        starts = np.minimum(column, 2 * m) + np.maximum(column - self._short, 0)
        cells = n + np.arange(m)
        lp.a_matrix_.start_ = starts.astype(np.int32)
        lp.a_matrix_.index_ = np.concatenate([cells, cells, cells[:graves]]).astype(np.int32)
        lp.a_matrix_.value_ = np.concatenate([np.ones(m), -np.ones(m), np.ones(graves)])
        self.highs.passModel(lp)

    @property
    def n_columns(self) -> int:
        """Count the rosters known."""
        return len(self.owner)

    def add(self, owner: IntArray, rosters: NDArray[np.int16]) -> int:
        """Add rosters that are new; return how many were.

        Parameters
        ----------
        owner
            Place of the person in the region, one a roster.
        rosters
            Legal rosters over all days.
        """
        fresh: list[int] = []
        for j in range(len(owner)):
            key = (int(owner[j]), rosters[j].tobytes())
            if key not in self._known:
                self._known[key] = self.n_columns + len(fresh)
                fresh.append(j)
        if not fresh:
            return 0
        owner, rosters = owner[fresh], rosters[fresh]
        region = self.region
        columns, days = np.nonzero(rosters >= 0)
        types = rosters[columns, days]
        wish = region.own_costs(owner, rosters)
        rows = self._row_of[days, types]
        columns, rows = columns[rows >= 0], rows[rows >= 0]
        columns = np.concatenate([np.arange(len(owner)), columns])
        rows = np.concatenate([owner, rows])
        order = np.argsort(columns, kind="stable")
        starts = np.searchsorted(columns[order], np.arange(len(owner)))
        self.highs.addCols(
            len(owner), wish, np.zeros(len(owner)), np.full(len(owner), self._infinite), len(rows),
            starts.astype(np.int32), rows[order].astype(np.int32), np.ones(len(rows)),
        )  # fmt: skip
        self.owner = np.concatenate([self.owner, owner])
        self.rosters = np.concatenate([self.rosters, rosters])
        self.wish = np.concatenate([self.wish, wish])
        self.open = np.concatenate([self.open, np.ones(len(owner), dtype=np.bool_)])
        self.weights = np.concatenate([self.weights, np.zeros(len(owner))])
        return len(owner)

    def solve(self) -> tuple[float, Duals]:
        """Solve the LP; return its value and prices, keep the weights of the rosters."""
        self.highs.setOptionValue("simplex_strategy", self._strategy)
        self._strategy = _PRIMAL_SIMPLEX
        self.highs.run()
        solution = self.highs.getSolution()
        self.weights = np.array(solution.col_value)[self._first :]
        rows = np.array(solution.row_dual)
        n = len(self.region.people)
        m = len(self.need)
        sums = rows[n + m :]
        cells = np.zeros(self._cells.shape)
        cells[self._cells] = rows[n : n + m]
        # The slack columns bound every price; the clip removes what the tolerance of the LP leaves.
        duals = Duals(rows[:n], self.clipped(cells, sums), sums)
        return float(self.highs.getInfo().objective_function_value), duals

    def clipped(self, cells: NDArray[np.float64], sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """Move prices into the range in which the bound holds."""
        low, high = -self._over, self._top.copy()
        for row, price in zip(self.sums, sums, strict=True):
            if row.is_surplus:
                low = low + price * row.cells[self._cells]
            else:
                high = high - price * row.cells[self._cells]
        inside = np.zeros(self._cells.shape)
        inside[self._cells] = np.clip(cells[self._cells], low, high)
        return inside

    def slack(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return missing and surplus people of the last LP, shape ``(n_days, n_types)`` each."""
        values = np.array(self.highs.getSolution().col_value)
        m = len(self.need)
        missing, surplus = np.zeros(self._cells.shape), np.zeros(self._cells.shape)
        missing[self._cells], surplus[self._cells] = values[:m], values[m : 2 * m]
        if self._spare is not None:
            missing[self._cells] += values[self._short : self._first]
        return missing, surplus

    def add_sum(self, row: Sum) -> int:
        """Add a sum without bounds; return its number."""
        if len(self.sums) >= MOST_SUMS:
            raise ValueError(f"Expected at most {MOST_SUMS} sums.")
        m, number = len(self.need), len(self.sums)
        inside = np.flatnonzero(row.cells[self._cells])
        columns = inside + m if row.is_surplus else inside
        if self._spare is not None and not row.is_surplus:
            columns = np.concatenate([columns, inside + self._short])
        spare = 2 * m + 2 * number
        columns = np.concatenate([columns, [spare, spare + 1]]).astype(np.int32)
        values = np.ones(len(columns))
        values[-1] = -1.0
        self.highs.addRow(-self._infinite, self._infinite, len(columns), columns, values)
        # Two spare columns let a bound be broken at a price: the master always has a solution.
        for column in (spare, spare + 1):
            self.highs.changeColBounds(column, 0.0, self._infinite)
        self.sums.append(row)
        self._sum_low = np.append(self._sum_low, -np.inf)
        self._sum_high = np.append(self._sum_high, np.inf)
        return number

    def bound_sums(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> None:
        """Set the bounds of all sums; infinite for none."""
        self._sum_low, self._sum_high = low.copy(), high.copy()
        first = len(self.region.people) + len(self.need)
        for number in range(len(self.sums)):
            self.highs.changeRowBounds(first + number, low[number], high[number])
        self._strategy = _DUAL_SIMPLEX

    def priced(self, cells: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the cost of every roster known at these prices, shape ``(n_columns,)``."""
        total = self.wish.copy()
        columns, days = np.nonzero(self.rosters >= 0)
        np.subtract.at(total, columns, cells[days, self.rosters[columns, days]])
        return total

    def reduced(
        self, owner: IntArray, rosters: NDArray[np.int16], cells: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the cost of rosters, known or not, at these prices."""
        region = self.region
        columns, days = np.nonzero(rosters >= 0)
        total = np.zeros(len(owner))
        types = rosters[columns, days]
        np.add.at(total, columns, region.wish[owner[columns], days, types] - cells[days, types])
        soft = region.compiled.grid.soft
        if soft is not None:
            total += soft.costs(region.people[owner], rosters)
        return total

    def worth(self, duals: Duals) -> float:
        """Return what the need and the bounds of the sums are worth at these prices."""
        total = float((duals.cells[self._cells] * self.need).sum())
        for price, low, high in zip(duals.sums, self._sum_low, self._sum_high, strict=True):
            end = low if price > 0 else high
            if np.isfinite(end):
                total += float(price * end)
            elif abs(price) > _NOTHING:
                return -np.inf
        return total + self._worth_of_floor(duals)

    def _worth_of_floor(self, duals: Duals) -> float:
        """Return what the columns above the floor are worth: they end, so their price may be higher."""
        if self._spare is None:
            return 0.0
        prices = duals.cells[self._cells].copy()
        for row, price in zip(self.sums, duals.sums, strict=True):
            if not row.is_surplus:
                prices += price * row.cells[self._cells]
        return float((np.minimum(self._under - prices, 0.0) * self._spare).sum())

    def drop(self, cells: NDArray[np.float64], keep: int) -> None:
        """Forget rosters that no weight is on, beyond the ``keep`` cheapest of each person.

        Parameters
        ----------
        cells
            Prices that tell what is cheap.
        keep
            Rosters to keep a person.
        """
        rank = np.empty(self.n_columns, dtype=np.int64)
        order = np.lexsort((self.priced(cells), self.owner))
        first = np.searchsorted(self.owner[order], np.arange(len(self.region.people)))
        rank[order] = np.arange(self.n_columns) - first[self.owner[order]]
        gone = np.flatnonzero((rank >= keep) & (self.weights <= 0))
        if not gone.size:
            return
        self.highs.deleteCols(len(gone), (self._first + gone).astype(np.int32))
        stay = np.setdiff1d(np.arange(self.n_columns), gone)
        self.owner, self.rosters, self.wish = self.owner[stay], self.rosters[stay], self.wish[stay]
        self.open, self.weights = self.open[stay], self.weights[stay]
        self._known = {
            (int(self.owner[j]), self.rosters[j].tobytes()): j for j in range(self.n_columns)
        }

    def set_open(self, is_open: NDArray[np.bool_]) -> None:
        """Open and close rosters; a closed one keeps weight 0."""
        changed = np.flatnonzero(is_open != self.open)
        if changed.size:
            # Closed rosters leave the basis dual feasible.
            self._strategy = _DUAL_SIMPLEX
            upper = np.where(is_open[changed], self._infinite, 0.0)
            self.highs.changeColsBounds(
                len(changed),
                (self._first + changed).astype(np.int32),
                np.zeros(len(changed)),
                upper,
            )
        self.open = is_open.copy()
