"""Raise the bound of one piece by moving its prices.

At any prices the bound is the cost of cover less what the best line of each kind earns; its
subgradient is the cover that the prices ask for less the cover that those lines give. Such a step
costs milliseconds where a round of a master costs seconds, because only the best line of each kind
that can reach the piece is sought. Three things make few steps enough:

*Scales.* Each price moves in proportion to its size, and less where its slope swings much: prices of
scarce cover go a long way, those of large sites and of escorts (many units a crew) a short one.

*Small steps.* Directions are means over the last steps, and a step aims at a small rise of the bound
that grows while steps succeed. A bold step reaches a corner from which all directions look poor.

*Settling.* Between the steps the prices of whole tracks are set at once
(:mod:`~passerelle.planning.roster.engine.settle`).

References
----------
Barahona and Anbil (2000), "The volume algorithm", for mean directions; Polyak (1969) for the length
of steps; Duchi, Hazan and Singer (2011) for scales by swing; Kivinen and Warmuth (1997) for steps in
proportion to size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.engine import _climb_kernels, _kernels
from passerelle.planning.roster.engine.relax import ESCORT_PRICE
from passerelle.planning.roster.engine.settle import TrackProgramme
from passerelle.planning.roster.engine.tables import HARD

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.planning.roster.engine.bounding import Bounding
    from passerelle.planning.roster.engine.pieces import Piece

__all__ = ["Ascent"]

FloatArray = npt.NDArray[np.float64]

_MEMORY: Final = 0.95
_SWING_MEMORY: Final = 0.95
_BOLD: Final = 1.05
_TIMID: Final = 0.8
_PATIENCE: Final = 5
_FIRST_AIM: Final = 5e-3
"""Share of the bound of a piece by which the first step aims to raise it."""
_LEAST_AIM: Final = 2e-4
_BOLD_AIMS: Final = (1e-2, 1e-1)
"""The same after visits that raised it by less than ``_STALLED`` of it, in turn."""
_STALLED: Final = 1e-3
_RUNGS: Final = (0.0, 0.01, 0.03, 0.1, 0.2, 0.4, 0.7)
"""Where to begin between the cost of the work and the cost of missing it."""


class Ascent:
    """Hold the prices of one piece on their way up.

    Parameters
    ----------
    bounding
        All prices; those of the piece are written back by :meth:`climb`.
    piece
        Whose prices are moved.
    """

    def __init__(self, bounding: Bounding, piece: Piece) -> None:
        self.bounding, self.piece = bounding, piece
        t = bounding.tables
        self.rows = np.flatnonzero(piece.owned)
        self._row_of = np.full(len(t.minimum), -1, dtype=np.int32)
        self._row_of[self.rows] = np.arange(len(self.rows))
        self.classes = sorted({o.cls for o in t.options if piece.owned[list(o.tracks)].any()})
        self.size = sum(len(bounding.pricing.options_of(c)) for c in self.classes) + 1
        rows = self.rows
        self._minimum, self._target, self._ceiling = (
            t.minimum[rows],
            t.target[rows],
            t.ceiling[rows],
        )
        self._below, self._short, self._above = t.below[rows], t.short[rows], t.above[rows]
        self._is_free = bounding.is_free[rows]
        highs = np.maximum(self._below, self._short)
        self._highs = np.where(highs >= HARD * t.hours, ESCORT_PRICE, highs)
        self._lows = -np.minimum(self._above, ESCORT_PRICE)
        self._unit = np.ones(len(rows))
        for option in t.options:
            for track, coef in zip(option.tracks, option.coefs, strict=True):
                row = self._row_of[track]
                if row >= 0:
                    self._unit[row] = max(self._unit[row], abs(coef))
        self._groups = self._settled_together()
        self._direction: FloatArray | None = None
        self._swing: FloatArray | None = None
        self._aim = 0.0
        self._stalls, self._is_begun = 0, False

    def climb(self, steps: int, is_over: Callable[[], bool]) -> float:
        """Take steps, settle; write the best prices back; return by how much the bound rose."""
        prices, prefix = self.bounding.prices.cover, self.bounding.prefix()
        best = prices[self.rows]
        value, slope = self.evaluate(best, prefix)
        begun = value
        if not self._is_begun:
            best, value, slope = self._on_a_rung(best, value, slope, prefix)
            self._aim, self._is_begun = _FIRST_AIM * abs(value), True
        elif self._stalls:
            self._aim = _BOLD_AIMS[self._stalls % len(_BOLD_AIMS)] * abs(value)
            self._direction = None
        best, value = self._step(best, value, slope, prefix, steps, is_over)
        best, value = self._settle(best, value, prefix, is_over)
        prices[self.rows] = best
        self._stalls = self._stalls + 1 if value - begun < _STALLED * abs(value) else 0
        return value - begun

    def offer(self, cover: FloatArray) -> bool:
        """Go on from other prices of cover when they prove more for the piece; tell whether so."""
        prices, prefix = self.bounding.prices.cover, self.bounding.prefix()
        here, _ = self.evaluate(prices[self.rows], prefix)
        tried = np.clip(cover[self.rows], self._lows, self._highs)
        there, _ = self.evaluate(tried, prefix)
        if there <= here:
            return False
        prices[self.rows] = tried
        self.begin_anew(there)
        return True

    def begin_anew(self, value: float | None = None) -> None:
        """Forget how the climb went, because prices were set by others.

        Parameters
        ----------
        value
            What the prices prove for the piece; computed when ``None``.
        """
        if value is None:
            bounding = self.bounding
            value, _ = self.evaluate(bounding.prices.cover[self.rows], bounding.prefix())
        self._aim, self._direction, self._stalls = _FIRST_AIM * abs(value), None, 0
        self._is_begun = True

    def _on_a_rung(
        self, best: FloatArray, value: float, slope: FloatArray, prefix: FloatArray
    ) -> tuple[FloatArray, float, FloatArray]:
        """Try prices between the cost of work and that of missing it; return the best."""
        low, high = best, np.where(self._minimum > 0, self._below, self._short)
        high = np.where(high >= HARD * self.bounding.tables.hours, low, np.maximum(high, low))
        for rung in _RUNGS:
            tried = low + rung * (high - low)
            found, turned = self.evaluate(tried, prefix)
            if found > value:
                best, value, slope = tried, found, turned
        return best, value, slope

    def _step(  # noqa: PLR0917 - where the climb stands
        self,
        best: FloatArray,
        value: float,
        slope: FloatArray,
        prefix: FloatArray,
        steps: int,
        is_over: Callable[[], bool],
    ) -> tuple[FloatArray, float]:
        """Take steps from the best prices; return them and their bound."""
        if self._direction is None or self._swing is None:
            self._direction, self._swing = slope.copy(), slope * slope
        direction, swing = self._direction, self._swing
        self._aim = max(self._aim, _LEAST_AIM * abs(value))
        tried, failed = np.empty_like(best), 0
        for _ in range(steps):
            _climb_kernels.blended(swing, slope, _SWING_MEMORY, True)
            is_moved = _climb_kernels.stepped(
                best, direction, swing, self._unit, self._lows, self._highs, self._aim, tried
            )
            if not is_moved or is_over():
                break
            found, slope = self.evaluate(tried, prefix)
            _climb_kernels.blended(direction, slope, _MEMORY, False)
            if found > value:
                value, best, tried, failed = found, tried, np.empty_like(best), 0
                self._aim *= _BOLD
            else:
                failed += 1
                if failed % _PATIENCE == 0:
                    self._aim *= _TIMID
        return best, value

    def _settle(
        self, best: FloatArray, value: float, prefix: FloatArray, is_over: Callable[[], bool]
    ) -> tuple[FloatArray, float]:
        """Set the prices of whole tracks, those together that share no duty."""
        bounding = self.bounding
        for group in self._groups:
            if is_over():
                break
            _climb_kernels.summed(best, self.rows, prefix)
            worth = {
                cls: np.maximum(
                    bounding.pricing.window_values(cls, prefix, bounding.start_price(cls)).value,
                    0.0,
                )
                for cls in self.classes
            }
            tried = best.copy()
            for programme in group:
                found = programme.best(prefix, worth)
                if found is not None:
                    tried[self._row_of[programme.track]] = found
            np.clip(tried, self._lows, self._highs, out=tried)
            total, _ = self.evaluate(tried, prefix)
            if total > value:
                best, value = tried, total
        return best, value

    def _settled_together(self) -> list[list[TrackProgramme]]:
        """Return the programmes of the tracks of need; those of one skill share no duty."""
        t = self.bounding.tables
        options: dict[int, list[int]] = {}
        for index, option in enumerate(t.options):
            for track, coef in zip(option.tracks, option.coefs, strict=True):
                if coef > 0 and self._row_of[track] >= 0:
                    options.setdefault(track, []).append(index)
        groups: dict[str, list[TrackProgramme]] = {}
        for track, found in options.items():
            site, slash, skill = t.track_names[track].partition("/")
            if slash and not site.startswith(("escort:", "limit:")):
                groups.setdefault(skill, []).append(TrackProgramme(t, track, found))
        return list(groups.values())

    def evaluate(self, prices: FloatArray, prefix: FloatArray) -> tuple[float, FloatArray]:
        """Return the part of the bound that the piece can change, and its subgradient.

        Parameters
        ----------
        prices
            Prices of the tracks of the piece, shape ``(n_rows, n_steps)``.
        prefix
            Running sums of all prices; those of the piece are overwritten.
        """
        bounding = self.bounding
        _climb_kernels.summed(prices, self.rows, prefix)
        value = float(
            _kernels.dual_value(
                prices, self._minimum, self._target, self._ceiling, self._below, self._short,
                self._is_free,
            )
        )  # fmt: skip
        given = np.zeros(prices.shape)
        for cls in self.classes:
            value -= bounding.earned(cls, prefix, self._row_of, given)
        slope = np.empty(prices.shape)
        _climb_kernels.slopes(
            prices, given, self._minimum, self._target, self._ceiling, self._below, self._short,
            self._above, self._is_free, slope,
        )  # fmt: skip
        return value, slope
