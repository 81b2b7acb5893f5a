"""Hold a plan in the making: how many crews stand on each track, and who works which line.

The cost of a board is exact at any time; rules between crews (escorts, limits, beds) carry the price
:data:`~passerelle.planning.roster.engine.tables.HARD` while the plan is in the making and are
restored by dropping duties before a plan leaves the engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.engine import _kernels
from passerelle.planning.roster.engine.catalogue import Catalogue, list_postings
from passerelle.planning.roster.engine.tables import HARD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.planning.roster.engine.lines import Lines
    from passerelle.planning.roster.engine.tables import Tables

__all__ = ["Board", "Posting", "Worked"]

FloatArray = npt.NDArray[np.float64]

Posting: TypeAlias = tuple[int, int, int]
"""Start and length of the window in steps, and the option."""

Worked: TypeAlias = tuple[Posting, ...]
"""All postings of a crew, in order."""


@dataclass(slots=True)
class _Costs:
    """Cost tables of the tracks, of which escorts and limits may be softened."""

    below: FloatArray
    short: FloatArray
    above: FloatArray


class Board:
    """Hold crews, lines and cover.

    Parameters
    ----------
    tables, lines
        The compiled instance and its pricing.
    """

    def __init__(self, tables: Tables, lines: Lines) -> None:
        self.tables, self.pricing = tables, lines
        self.cover = np.zeros(tables.minimum.shape, dtype=np.int32)
        self.beds = np.zeros(tables.beds.shape, dtype=np.int32)
        self.costs = _Costs(tables.below, tables.short, tables.above)
        self.worked: list[dict[Worked, int]] = [{} for _ in tables.kinds]
        self.free = [kind.strength for kind in tables.kinds]
        self.work_cost = 0.0
        self._prefix = np.zeros((len(tables.track_names), tables.n_steps + 1))
        self._all = np.arange(len(tables.track_names), dtype=np.int32)
        self._scratch = np.zeros(len(tables.track_names))
        self._rows = [
            np.unique(
                np.array(
                    [t for o in lines.options_of(c) for t in tables.options[o].tracks],
                    dtype=np.int32,
                )
            )
            for c in range(len(tables.class_people))
        ]

    @cached_property
    def catalogue(self) -> Catalogue:
        """Every posting that exists."""
        return list_postings(self.tables, self.pricing)

    @property
    def cost(self) -> float:
        """Cost of the board in points; rules broken between crews count :data:`HARD` each."""
        t = self.tables
        tracks = self._row_costs(self._all, self._scratch)
        beds = float(np.maximum(self.beds - t.beds, 0).sum()) * HARD
        return self.work_cost + tracks + beds

    def track_costs(self) -> FloatArray:
        """Return the cost of cover on each track."""
        costs = np.zeros(len(self.cover))
        self._row_costs(self._all, costs)
        return costs

    def cost_around(self, kind: int) -> float:
        """Return the part of the cost that crews of a kind can change: work, their tracks, beds."""
        cls = self.tables.kinds[kind].cls
        total = self.work_cost + self._row_costs(self._rows[cls], self._scratch)
        base = int(self.tables.class_base[cls])
        if base >= 0:
            total += float(np.maximum(self.beds[base] - self.tables.beds[base], 0).sum()) * HARD
        return total

    def missing_around(self, track_costs: FloatArray) -> FloatArray:
        """Return for each kind the cost of cover on the tracks that it serves.

        Parameters
        ----------
        track_costs
            From :meth:`track_costs`.

        Returns
        -------
        FloatArray
            Shape ``(n_kinds,)``.
        """
        by_class = np.array([float(track_costs[rows].sum()) for rows in self._rows])
        return by_class[[kind.cls for kind in self.tables.kinds]]

    def _row_costs(self, rows: npt.NDArray[np.int32], costs: FloatArray) -> float:
        t = self.tables
        return float(
            _kernels.row_costs(
                rows, self.cover, t.minimum, t.target, t.ceiling, t.below, t.short, t.above, costs
            )
        )

    def line_cost(self, kind: int, line: Worked) -> float:
        """Return the cost of the work in a line of one crew."""
        total = self.tables.kinds[kind].group.use_cost if line else 0.0
        for _, length, option in line:
            found = self.tables.options[option]
            total += found.rate * (length - 2 * found.ext) + found.fixed
        return total

    def add(self, kind: int, line: Worked, crews: int) -> None:
        """Let ``crews`` more crews of a kind work a line; negative takes them away."""
        if not line or not crews:
            return
        self.free[kind] -= crews
        known = self.worked[kind]
        known[line] = known.get(line, 0) + crews
        if known[line] == 0:
            del known[line]
        self.work_cost += crews * self.line_cost(kind, line)
        tables = self.tables
        base = int(tables.class_base[tables.kinds[kind].cls])
        for start, length, option in line:
            found = tables.options[option]
            first, last = start + found.ext, start + length - found.ext
            for track, coef in zip(found.tracks, found.coefs, strict=True):
                self.cover[track, first:last] += coef * crews
            if base >= 0:
                people = int(tables.class_people[found.cls])
                self.beds[base, start // tables.steps_per_day] += crews * people

    def best_insertion(self, kind: int, crews: int) -> tuple[float, Worked]:
        """Find the line that lowers the cost most when ``crews`` crews of a kind work it.

        Returns
        -------
        tuple
            Profit for one crew and the line; an empty line when resting is best.
        """
        cls = self.tables.kinds[kind].cls
        values = self.pricing.window_values(
            cls, self.prices(cls, crews), self.start_price(cls, crews)
        )
        best = self.pricing.best(kind, values.value, exact=False)
        line = tuple(
            (int(t), int(n), int(values.option[t, n]))
            for t, n in zip(best.starts, best.lengths, strict=True)
        )
        return best.profit, line

    def prices(self, cls: int, crews: int) -> FloatArray:
        """Return the running sum of what one of ``crews`` more crews is worth on each track."""
        t, costs = self.tables, self.costs
        _kernels.marginal(
            self._rows[cls], self.cover, t.minimum, t.target, t.ceiling,
            costs.below, costs.short, costs.above, crews, self._prefix,
        )  # fmt: skip
        return self._prefix

    def start_price(self, cls: int, crews: int) -> FloatArray:
        """Return the charge for a start at each step: beds that are no longer free."""
        tables = self.tables
        base = int(tables.class_base[cls])
        if base < 0:
            return np.zeros(tables.n_steps)
        people = int(tables.class_people[cls])
        full = self.beds[base] + people * max(1, crews) > tables.beds[base]
        return np.repeat(np.where(full, HARD * people, 0.0), tables.steps_per_day)

    def copy_lines(self) -> list[dict[Worked, int]]:
        """Return a copy of who works what."""
        return [dict(known) for known in self.worked]

    def exchange(self, kind: int, lines: dict[Worked, int]) -> dict[Worked, int]:
        """Let the crews of a kind work other lines; return the lines they worked."""
        before = dict(self.worked[kind])
        for line, crews in before.items():
            if lines.get(line, 0) != crews:
                self.add(kind, line, lines.get(line, 0) - crews)
        for line, crews in lines.items():
            if line not in before:
                self.add(kind, line, crews)
        return before

    def reset(self, worked: Iterable[dict[Worked, int]]) -> None:
        """Set the board up with other lines."""
        for kind, known in enumerate(worked):
            self.exchange(kind, known)
