"""Raise the bound of one piece by moving its prices along subgradients.

At any prices the bound is the cost of cover less what the best line of each kind earns; its
subgradient is the cover that the prices ask for less the cover that those lines give. One such step
costs milliseconds where a round of the master costs seconds, because only the best line of each kind
that can reach the piece is sought. Directions are means over the last steps and step lengths aim at a
target: the volume algorithm without its primal part, which
:mod:`~passerelle.planning.roster.engine.spread` has done already.

References
----------
Barahona and Anbil (2000), "The volume algorithm"; Polyak (1969) for the length of steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.engine import _kernels
from passerelle.planning.roster.engine.relax import ESCORT_PRICE
from passerelle.planning.roster.engine.tables import HARD

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.planning.roster.engine.bounding import Bounding
    from passerelle.planning.roster.engine.pieces import Piece

__all__ = ["Ascent"]

FloatArray = npt.NDArray[np.float64]

_MEMORY: Final = 0.9
_BOLD: Final = 1.1
_TIMID: Final = 0.7
_PATIENCE: Final = 10
_LEAST_AIM: Final = 1e-3


class Ascent:
    """Hold the prices of one piece on their way up.

    Parameters
    ----------
    bounding
        All prices; those of the piece are written back by :meth:`climb`.
    piece
        Whose prices are moved.
    gap
        How much a plan costs more than the piece proves: where the steps aim at first.
    """

    def __init__(self, bounding: Bounding, piece: Piece, gap: float) -> None:
        self.bounding, self.piece, self.gap = bounding, piece, gap
        t = bounding.tables
        self.rows = np.flatnonzero(piece.owned)
        self._row_of = np.full(len(t.minimum), -1, dtype=np.int64)
        self._row_of[self.rows] = np.arange(len(self.rows))
        touching = {o.cls for o in t.options if piece.owned[list(o.tracks)].any()}
        self.kinds = [k for k, kind in enumerate(t.kinds) if kind.cls in touching]
        self.classes = sorted(touching)
        self.size = sum(len(bounding.pricing.options_of(c)) for c in self.classes) + 1
        rows = self.rows
        self._minimum, self._target = t.minimum[rows], t.target[rows]
        self._ceiling, self._below = t.ceiling[rows], t.below[rows]
        self._short = t.short[rows]
        self._is_free = bounding.is_free[rows]
        highs = np.maximum(t.below, t.short)[rows]
        self._highs = np.where(highs >= HARD * t.hours, ESCORT_PRICE, highs)
        self._lows = -np.minimum(t.above[rows], ESCORT_PRICE)
        self._is_dead = (self._below == 0) & (self._short == 0) & (t.above[rows] == 0)
        self._share = 0.5
        self._direction: FloatArray | None = None
        self.target = float("-inf")

    def climb(self, steps: int, is_over: Callable[[], bool]) -> float:
        """Take steps; write the best prices back; return by how much the bound of the piece rose."""
        prices = self.bounding.prices.cover
        prefix = np.zeros((len(prices), prices.shape[1] + 1))
        prefix[:, 1:] = np.cumsum(prices, axis=1)
        best = prices[self.rows]
        value, slope = self.evaluate(best, prefix)
        begun, failed = value, 0
        self.target = max(self.target, value + self.gap)
        direction = slope if self._direction is None else self._direction
        for _ in range(steps):
            length = float((direction * direction).sum())
            if length <= 0.0 or is_over():
                break
            aim = max(self.target - value, _LEAST_AIM * abs(value))
            moved = best + self._share * aim / length * direction
            tried = np.clip(moved, self._lows, self._highs)
            found, slope = self.evaluate(tried, prefix)
            direction = _MEMORY * direction + (1.0 - _MEMORY) * slope
            if found > value:
                value, best, failed = found, tried, 0
                self._share = min(2.0, self._share * _BOLD)
            else:
                failed += 1
                if failed % _PATIENCE == 0:
                    self._share *= _TIMID
        self._direction = direction
        prices[self.rows] = best
        return value - begun

    def evaluate(self, prices: FloatArray, prefix: FloatArray) -> tuple[float, FloatArray]:
        """Return the part of the bound that the piece can change, and its subgradient.

        Parameters
        ----------
        prices
            Prices of the tracks of the piece, shape ``(n_rows, n_steps)``.
        prefix
            Running sums of all prices; those of the piece are overwritten.
        """
        bounding, t = self.bounding, self.bounding.tables
        prefix[self.rows, 1:] = np.cumsum(prices, axis=1)
        value = float(
            _kernels.dual_value(
                prices, self._minimum, self._target, self._ceiling, self._below, self._short,
                self._is_free,
            )
        )  # fmt: skip
        given = np.zeros(prices.shape)
        for cls in self.classes:
            windows = bounding.pricing.window_values(cls, prefix, bounding.start_price(cls))
            for kind in bounding.kinds_of(cls):
                crews = t.kinds[kind].strength
                line = bounding.pricing.best(kind, windows.value, exact=False)
                value -= crews * line.most
                for start, length in zip(line.starts, line.lengths, strict=True):
                    option = t.options[windows.option[start, length]]
                    span = slice(start + option.ext, start + length - option.ext)
                    for track, coef in zip(option.tracks, option.coefs, strict=True):
                        row = self._row_of[track]
                        if row >= 0:
                            given[row, span] += coef * crews
        return value, np.where(self._is_dead, 0.0, self._asked(prices, given) - given)

    def _asked(self, prices: FloatArray, given: FloatArray) -> FloatArray:
        """Return the cover that costs least at the prices; where several do, the nearest."""
        needs_most = (prices <= self._below) | self._is_free[:, None]
        asked = np.where(
            prices <= self._short, self._target, np.where(needs_most, self._minimum, 0)
        )
        asked = np.where(prices < 0.0, self._ceiling, asked).astype(np.float64)
        is_open = prices == 0.0
        asked[is_open] = np.clip(given, self._target, self._ceiling)[is_open]
        return asked
