"""Cut tracks into blocks of time within which neither the need nor the crews posted can change."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.engine.tables import HARD

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.planning.roster.engine.tables import Tables

__all__ = ["ESCORT_PRICE", "Blocks", "Prices", "cut_blocks"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int32]

ESCORT_PRICE: Final = 500.0
"""Most that a relaxation pays for one missing escort share and step instead of none: a bound with
the rule priced is a bound with the rule."""


@dataclass(slots=True)
class Prices:
    """Hold prices of everything that crews share.

    Parameters
    ----------
    cover
        Price of one crew-step on each track, shape ``(n_tracks, n_steps)``.
    beds
        Price ``>= 0`` of one person-night, shape ``(n_bound_bases, days)``.
    """

    cover: FloatArray
    beds: FloatArray

    def prefix(self) -> FloatArray:
        """Return running sums of the prices of cover, shape ``(n_tracks, n_steps + 1)``."""
        sums = np.zeros((len(self.cover), self.cover.shape[1] + 1))
        sums[:, 1:] = np.cumsum(self.cover, axis=1)
        return sums

    def copy(self) -> Prices:
        """Return prices of their own."""
        return Prices(self.cover.copy(), self.beds.copy())


@dataclass(frozen=True, slots=True)
class Blocks:
    """Hold the rows of a linear programme of cover: one a block, then one a night of beds.

    Parameters
    ----------
    block_of
        Block of each track and step, -1 where nothing is asked; shape ``(n_tracks, n_steps)``.
    rhs
        Target of each block, then the beds of each night.
    rows, signs, costs, lengths
        Steps of slack: row, ``+1`` for a step that stands in for cover and ``-1`` for one that takes
        surplus away, price and length of each.
    n_blocks
        How many rows are blocks.
    bed_row
        Row of each base and night.
    """

    block_of: IntArray
    rhs: FloatArray
    rows: IntArray
    signs: FloatArray
    costs: FloatArray
    lengths: FloatArray
    n_blocks: int
    bed_row: dict[tuple[int, int], int]

    def prices_of(self, tables: Tables, duals: FloatArray, owns: npt.NDArray[np.bool_]) -> Prices:
        """Spread duals over time; prices of what no posting reaches are exact, of others zero.

        Parameters
        ----------
        tables
            The compiled instance.
        duals
            Price of each row.
        owns
            Tracks that have rows.
        """
        t = tables
        cover = np.where(t.minimum > 0, t.below, t.short)
        known = self.block_of >= 0
        sizes = np.bincount(self.block_of[known], minlength=self.n_blocks)
        per_step = duals[: self.n_blocks] / np.maximum(sizes, 1)
        cover[known] = per_step[self.block_of[known]]
        lows, highs = -t.above, np.maximum(t.below, t.short)
        highs = np.where(highs >= HARD * t.hours, ESCORT_PRICE, highs)
        beds = np.zeros(t.beds.shape)
        for (base, day), row in self.bed_row.items():
            beds[base, day] = max(0.0, -duals[row])
        return Prices(np.where(owns[:, None], np.clip(cover, lows, highs), 0.0), beds)


def cut_blocks(  # noqa: PLR0912 - one pass over the tracks
    tables: Tables,
    options: Iterable[int],
    classes: Sequence[int],
    tracks: IntArray,
    standing: tuple[IntArray, IntArray] | None = None,
) -> Blocks:
    """Cut tracks where a duty may begin or end or the need changes.

    Parameters
    ----------
    tables
        The compiled instance.
    options
        Options of the crews to be posted.
    classes
        Their classes, whose beds are counted.
    tracks
        Tracks to be cut.
    standing
        Cover and people in beds of crews that stay as they are; nobody when ``None``.
    """
    t = tables
    owns = np.zeros(len(t.minimum), dtype=np.bool_)
    owns[tracks] = True
    cuts: dict[int, set[int]] = {int(track): {0, t.n_steps} for track in tracks}
    for option in options:
        for track in t.options[option].tracks:
            if owns[track]:
                cuts[track].update(t.options[option].marks)
    stood = np.zeros_like(t.minimum) if standing is None else standing[0]
    arrays = (t.minimum, t.target, t.ceiling, t.below, t.short, t.above, stood)
    block_of = np.full(t.minimum.shape, -1, dtype=np.int32)
    rhs: list[float] = []
    steps: list[tuple[int, float, float, float]] = []
    for track, found in cuts.items():
        change = np.zeros(t.n_steps, dtype=np.bool_)
        for array in arrays:
            change[1:] |= array[track, 1:] != array[track, :-1]
        is_free = t.is_escort[track]
        edges = sorted(found | {int(i) for i in np.flatnonzero(change)})
        for first, last in pairwise(edges):
            minimum, target, ceiling = (int(a[track, first]) for a in arrays[:3])
            below, short, above = (float(a[track, first]) * (last - first) for a in arrays[3:6])
            if not (below or short or above):
                continue
            row = len(rhs)
            block_of[track, first:last] = row
            rhs.append(target - int(stood[track, first]))
            if is_free:
                steps.append((row, 1.0, min(below, ESCORT_PRICE * (last - first)), np.inf))
            else:
                steps.append((row, 1.0, below, minimum))
            steps.append((row, 1.0, short, target - minimum))
            steps.append((row, -1.0, 0.0, ceiling - target if above else np.inf))
            if above:
                steps.append((row, -1.0, above, np.inf))
    n_blocks, bed_row = len(rhs), {}
    for cls in classes:
        base = int(t.class_base[cls])
        if base >= 0 and (base, 0) not in bed_row:
            for day in range(t.beds.shape[1]):
                bed_row[base, day] = len(rhs)
                steps.append((len(rhs), 1.0, 0.0, np.inf))
                rhs.append(
                    float(t.beds[base, day] - (0 if standing is None else standing[1][base, day]))
                )
    columns = np.array(steps, dtype=np.float64).reshape(-1, 4)
    return Blocks(
        block_of=block_of,
        rhs=np.array(rhs, dtype=np.float64),
        rows=columns[:, 0].astype(np.int32),
        signs=columns[:, 1],
        costs=columns[:, 2],
        lengths=columns[:, 3],
        n_blocks=n_blocks,
        bed_row=bed_row,
    )
