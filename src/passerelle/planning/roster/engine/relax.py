r"""Solve the linear relaxation of one part of an event by column generation.

Two sets of columns meet in the master. *Lines* say when: a crew of a kind works these windows.
*Postings* say where: a crew of a class works a window at a site. For every class and window, no more
postings than lines:

.. math:: \min \; & c^{\text{work}} y + c^{\text{use}} x + f(z) \\
          & \textstyle\sum_o a_{ob} y_o = z_b && \text{cover of track and block } b \\
          & \textstyle\sum_{o \in w} y_o \le \sum_{l \ni w} x_l && \text{window } w \text{ of a class} \\
          & \textstyle\sum_{l \in k} x_l = n_k && \text{crews of kind } k

Both sets are priced: postings by enumeration, lines by dynamic programming over the best posting of
each window. Splitting *when* from *where* lets a few hundred lines serve thousands of postings,
where whole lines with places would need a column for every combination; the bound is the same as
that of lines with places, because a line is priced at the best posting of each of its windows.

For any prices of cover, :meth:`Relaxation.bound` is a valid lower bound; the master is only a means
to find good prices (Lagrangian duality; see :mod:`passerelle.planning.roster.result`).

References
----------
Lübbecke and Desrosiers (2005), "Selected topics in column generation", sections 2 and 5;
Wentges (1997) for the smoothing of prices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.engine import _kernels
from passerelle.planning.roster.engine.blocks import ESCORT_PRICE, Prices, cut_blocks
from passerelle.planning.roster.engine.master import Master, MasterSolution, Smoothing
from passerelle.planning.roster.engine.pricer import PricedLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.planning.roster.engine.board import Posting, Worked
    from passerelle.planning.roster.engine.lines import Lines
    from passerelle.planning.roster.engine.tables import Tables

__all__ = ["ESCORT_PRICE", "Prices", "Relaxation", "Solved"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int32]

_EPS: Final = 1e-6
_POOL: Final = 200_000
_SLACK: Final = 1e-3
"""Share of the value that a round may give away for not searching the best line of each kind."""
_LEFT_OUT: Final = 0.3
"""Share of the windows that each further line of a round does without, so that lines differ."""


@dataclass(frozen=True, slots=True)
class Solved:
    """Hold the last master solution in terms of lines and postings.

    Parameters
    ----------
    value
        Value of the restricted master plus what no posting can change.
    lines
        ``(kind, windows, weight)`` for each line with weight; windows are ``(start, length)``.
    postings
        ``(posting, weight)`` with weight.
    """

    value: float
    lines: tuple[tuple[int, tuple[tuple[int, int], ...], float], ...]
    postings: tuple[tuple[Posting, float], ...]


class Relaxation:
    """Solve the relaxation of the kinds and tracks of one part.

    Parameters
    ----------
    tables, lines
        The compiled instance and its pricing.
    kinds
        Kinds of the part.
    outside
        Prices of the tracks that the part does not own, taken as given; zero when ``None``.
    owned
        Which tracks the part owns; all that its kinds touch when ``None``.
    """

    def __init__(
        self,
        tables: Tables,
        lines: Lines,
        kinds: Sequence[int],
        *,
        outside: FloatArray | None = None,
        owned: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        self.tables, self.pricing = tables, lines
        self.kinds = tuple(kinds)
        self.classes = tuple(sorted({tables.kinds[k].cls for k in kinds}))
        self.options = [int(o) for c in self.classes for o in lines.options_of(c)]
        touched = np.unique(
            np.array([t for o in self.options for t in tables.options[o].tracks], dtype=np.int32)
        )
        self.tracks = touched if owned is None else touched[owned[touched]]
        self._outside = np.zeros(tables.minimum.shape) if outside is None else outside.copy()
        self._outside[self.tracks] = 0.0
        self._outside_sum = np.zeros((len(tables.minimum), tables.n_steps + 1))
        self._outside_sum[:, 1:] = np.cumsum(self._outside, axis=1)
        self._owns = np.zeros(len(tables.minimum), dtype=np.bool_)
        self._owns[self.tracks] = True
        self.master = Master([tables.kinds[k].strength for k in kinds])
        self._local = {kind: i for i, kind in enumerate(self.kinds)}
        self.blocks = cut_blocks(tables, self.options, self.classes, self.tracks)
        self.block_of, self.bed_row = self.blocks.block_of, self.blocks.bed_row
        self.n_blocks = self.blocks.n_blocks
        found = self.blocks
        self.master.add_rows(found.rhs)
        self.master.add_steps(found.rows, found.signs, found.costs, found.lengths)
        self._window_rows: dict[tuple[int, int, int], int] = {}
        self._postings: list[Posting] = []
        self._lines: list[tuple[int, tuple[tuple[int, int], ...]]] = []
        self._listed: set[tuple[int, tuple[tuple[int, int], ...]]] = set()
        self._known: set[Posting] = set()
        self.smoothing = Smoothing(0.6)
        self._rng = np.random.default_rng(len(self.kinds))
        self.best_prices: Prices | None = None
        self.best_bound = float("-inf")
        self.first_bound = float("-inf")
        self.rounds = 0
        self.solution: MasterSolution | None = None

    def make_interior(self) -> None:
        """Let the master stop at interior solutions."""
        self.master.make_interior()

    # ---- columns

    def add_lines(self, found: Sequence[tuple[int, Worked]]) -> int:
        """Add lines and their postings to the master; return how many lines were new."""
        windows = [
            (self.tables.kinds[kind].cls, start, length)
            for kind, line in found
            for start, length, _ in line
        ]
        self._make_window_rows(windows)
        self.add_postings([posting for _, line in found for posting in line])
        columns = []
        for kind, line in found:
            cls = self.tables.kinds[kind].cls
            rows = [self._window_rows[cls, start, length] for start, length, _ in line]
            key = tuple((start, length) for start, length, _ in line)
            if (kind, key) in self._listed:
                continue
            self._listed.add((kind, key))
            self._lines.append((kind, key))
            cost = self.tables.kinds[kind].group.use_cost if line else 0.0
            columns.append(
                PricedLine(
                    self._local[kind],
                    cost,
                    np.array(rows, dtype=np.int32),
                    np.full(len(rows), -1.0),
                    key,
                )
            )
        return self.master.add_lines(columns)

    def _make_window_rows(self, windows: Sequence[tuple[int, int, int]]) -> None:
        fresh = [w for w in dict.fromkeys(windows) if w not in self._window_rows]
        if not fresh:
            return
        first = self.master.n_rows
        self.master.add_rows(np.zeros(len(fresh)))
        rows = np.arange(first, first + len(fresh), dtype=np.int32)
        n = len(fresh)
        self.master.add_steps(rows, np.ones(n), np.zeros(n), np.full(n, np.inf))
        self._window_rows |= {window: first + i for i, window in enumerate(fresh)}

    def add_postings(self, postings: Sequence[Posting]) -> int:
        """Add postings whose window some line works; return how many were new."""
        options, rows_of = self.tables.options, self._window_rows
        fresh = [
            p
            for p in dict.fromkeys(postings)
            if p not in self._known and (options[p[2]].cls, p[0], p[1]) in rows_of
        ]
        if not fresh:
            return 0
        self._known.update(fresh)
        self._postings.extend(fresh)
        costs: list[float] = []
        starts: list[int] = []
        rows: list[int] = []
        values: list[float] = []
        tables = self.tables
        for start, length, option in fresh:
            found = tables.options[option]
            first, last = start + found.ext, start + length - found.ext
            cost = found.rate * (last - first) + found.fixed
            starts.append(len(rows))
            for track, coef in zip(found.tracks, found.coefs, strict=True):
                if not self._owns[track]:
                    paid = self._outside_sum[track, last] - self._outside_sum[track, first]
                    cost -= coef * float(paid)
                    continue
                blocks = np.unique(self.block_of[track, first:last])
                blocks = blocks[blocks >= 0]
                rows.extend(blocks.tolist())
                values.extend([float(coef)] * len(blocks))
            costs.append(cost)
            rows.append(self._window_rows[found.cls, start, length])
            values.append(1.0)
            base = int(tables.class_base[found.cls])
            if base >= 0:
                rows.append(self.bed_row[base, start // tables.steps_per_day])
                values.append(float(tables.class_people[found.cls]))
        self.master.add_loose(
            np.array(costs), np.full(len(fresh), np.inf), np.array(starts, dtype=np.int32),
            np.array(rows, dtype=np.int32), np.array(values),
        )  # fmt: skip
        return len(fresh)

    # ---- prices and bound

    def prices_of(self, duals: FloatArray) -> Prices:
        """Spread the duals of the rows over time; prices of what no posting reaches are exact."""
        found = self.blocks.prices_of(self.tables, duals, self._owns)
        return Prices(found.cover + self._outside, found.beds)

    def prefix_of(self, prices: Prices) -> FloatArray:
        """Return running sums of the prices of cover."""
        prefix = self._outside_sum.copy()
        prefix[self.tracks, 1:] = np.cumsum(prices.cover[self.tracks], axis=1)
        return prefix

    def start_price(self, cls: int, prices: Prices) -> FloatArray:
        """Return what a start at each step pays for beds."""
        t = self.tables
        base = int(t.class_base[cls])
        if base < 0:
            return np.zeros(t.n_steps)
        return np.repeat(prices.beds[base] * int(t.class_people[cls]), t.steps_per_day)

    def bound(self, prices: Prices, most: Sequence[float]) -> float:
        """Return the lower bound that the prices prove.

        Parameters
        ----------
        prices
            Any prices in range.
        most
            Proven most profit of one crew of each kind of this part.
        """
        t = self.tables
        rows = self.tracks
        is_free = t.is_escort[rows]
        shared = _kernels.dual_value(
            prices.cover[rows], t.minimum[rows], t.target[rows], t.ceiling[rows],
            t.below[rows], t.short[rows], is_free,
        )  # fmt: skip
        beds = sum(
            float(prices.beds[base, day]) * int(t.beds[base, day]) for base, day in self.bed_row
        )
        crews = sum(t.kinds[k].strength * m for k, m in zip(self.kinds, most, strict=True))
        return float(shared) - beds - crews

    # ---- rounds

    def start(self, lines: Sequence[tuple[int, Worked]]) -> None:
        """Give the master its first columns: resting lines and those of a plan."""
        rest = [(k, ()) for k in self.kinds if not self.tables.kinds[k].group.locked]
        self.add_lines([*rest, *lines])

    def center(self, prices: Prices) -> None:
        """Begin the smoothing from given prices and the bound that they prove."""
        size = self.n_blocks + len(self.bed_row)
        duals = np.zeros(size)
        known = self.block_of >= 0
        np.add.at(duals, self.block_of[known], prices.cover[known])
        for (base, day), row in self.bed_row.items():
            duals[row] = -prices.beds[base, day]
        own = self.prices_of(duals)
        prefix = self.prefix_of(own)
        most = [0.0] * len(self.kinds)
        for cls in self.classes:
            values = self.pricing.window_values(cls, prefix, self.start_price(cls, own))
            for local, kind in enumerate(self.kinds):
                if self.tables.kinds[kind].cls == cls:
                    most[local] = self.pricing.best(kind, values.value, exact=True).most
        self.first_bound = self.bound(own, most)
        self.smoothing.learn(duals, self.first_bound)
        self.best_bound, self.best_prices = self.first_bound, own

    def round(self, *, exact: bool, seconds: float, width: int = 12) -> tuple[int, float]:
        """Solve the master, price, and add columns.

        Parameters
        ----------
        exact
            Whether to prove a bound.
        seconds
            Time for the master.
        width
            Most lines a kind.

        Returns
        -------
        tuple
            Columns added (-1 when the master ran out of time) and value of the master.
        """
        solved = self.master.solve(seconds=seconds)
        if solved is None:
            return -1, float("inf")
        self.solution = solved
        self.rounds += 1
        duals = self.smoothing.blend(solved.duals[: self.smoothing_size(solved)])
        full = solved.duals.copy()
        full[: len(duals)] = duals
        added = self._price(full, solved, exact=exact, width=width)
        if added == 0 and self.smoothing.center is not None:
            added = self._price(solved.duals, solved, exact=exact, width=width)
        return added, solved.value

    def smoothing_size(self, solved: MasterSolution) -> int:
        """Return how many duals are smoothed: those of blocks and beds, which never grow."""
        del solved
        return self.n_blocks + len(self.bed_row)

    def _price(self, duals: FloatArray, solved: MasterSolution, *, exact: bool, width: int) -> int:
        prices = self.prices_of(duals)
        prefix = self.prefix_of(prices)
        slack = _SLACK * abs(solved.value) / max(1.0, float(self.master.strengths.sum()))
        fresh: list[tuple[int, Worked]] = []
        most = [0.0] * len(self.kinds)
        for cls in self.classes:
            start_price = self.start_price(cls, prices)
            values = self.pricing.window_values(cls, prefix, start_price)
            for kind in self.kinds:
                if self.tables.kinds[kind].cls != cls:
                    continue
                local = self._local[kind]
                value = values.value
                threshold = -solved.convexity[local] + _EPS
                for turn in range(width):
                    best = self.pricing.best(kind, value, exact=exact and turn == 0, slack=slack)
                    if turn == 0:
                        most[local] = best.most
                    line = tuple(
                        (int(s), int(n), int(values.option[s, n]))
                        for s, n in zip(best.starts, best.lengths, strict=True)
                    )
                    earned = sum(float(values.value[s, n]) for s, n, _ in line)
                    earned -= self.tables.kinds[kind].group.use_cost
                    if not line or earned <= threshold:
                        break
                    fresh.append((kind, line))
                    value = values.value.copy()
                    value[self._rng.random(value.shape) < _LEFT_OUT] = -np.inf
        if exact:
            bound = self.bound(prices, most)
            size = self.n_blocks + len(self.bed_row)
            if self.smoothing.learn(duals[:size], bound):
                self.best_bound, self.best_prices = bound, prices
        added = self.add_lines(fresh)
        return added + self._price_postings(prefix, prices, solved)

    def _price_postings(self, prefix: FloatArray, prices: Prices, solved: MasterSolution) -> int:
        t = self.tables
        added = 0
        for cls in self.classes:
            worth = np.full((t.n_steps, t.longest + 1), np.inf)
            for (c, start, length), row in self._window_rows.items():
                if c == cls:
                    known = row < len(solved.duals)
                    worth[start, length] = max(0.0, -solved.duals[row]) if known else np.inf
            options = np.empty(_POOL, dtype=np.int32)
            starts, lengths = np.empty_like(options), np.empty_like(options)
            profits = np.empty(_POOL)
            p = self.pricing
            n = _kernels.improving_postings(
                p.options_of(cls), p.ext, p.mark_ptr, p.marks, p.least, p.most, p.rate, p.fixed,
                p.track_ptr, p.tracks, p.coefs, prefix, self.start_price(cls, prices), worth,
                _EPS, options, starts, lengths, profits,
            )  # fmt: skip
            chosen = np.argsort(-profits[:n], kind="stable")[: 60 + 20 * len(p.options_of(cls))]
            added += self.add_postings(
                [(int(starts[i]), int(lengths[i]), int(options[i])) for i in chosen]
            )
        return added

    def solved(self) -> Solved:
        """Return the last solution of the master."""
        assert self.solution is not None
        lines = []
        for (kind, windows), weight in zip(self._lines, self.solution.lines, strict=False):
            if weight > _EPS and windows:
                lines.append((kind, windows, float(weight)))
        postings = [
            (posting, float(weight))
            for posting, weight in zip(self._postings, self.solution.loose, strict=False)
            if weight > _EPS
        ]
        return Solved(self.solution.value, tuple(lines), tuple(postings))
