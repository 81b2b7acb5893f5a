"""Set all prices of one track at once, so that no line earns more than before.

While no window of any class is worth more than now (or than nothing), no line can earn more. Within
that limit the prices of one track that prove most are a small linear programme: one price a block,
one row a duty, at most what the duty costs and its window is worth. Its dual is the cheapest way to
cover the need of the track with duties when windows have a price, a covering problem by intervals.
Subgradients move all prices a little; this moves the prices of one place to the end.

References
----------
Held, Wolfe and Crowder (1974) combine subgradients with exact steps in single coordinates; here a
coordinate is a whole track.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.engine.catalogue import duties_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.planning.roster.engine.tables import Tables

__all__ = ["TrackProgramme"]

FloatArray = npt.NDArray[np.float64]
LongArray = npt.NDArray[np.int64]

_LEAST: Final = 1e-9


class TrackProgramme:
    """Hold the linear programme of one track.

    Parameters
    ----------
    tables
        The compiled instance.
    track
        Which track.
    options
        Options that add to its cover.
    """

    def __init__(self, tables: Tables, track: int, options: Sequence[int]) -> None:
        self.tables, self.track = tables, track
        self._duties = [duties_of(tables.options[i], tables.n_steps) for i in options]
        self._options = [tables.options[i] for i in options]
        spans = np.unique(np.concatenate(self._duties), axis=0)
        self._spans = spans
        self._slots = [_slots(spans, duties) for duties in self._duties]
        self._edges = _edges(tables, track, spans)
        self._lengths = np.diff(self._edges)
        self._solver = self._loaded() if len(spans) else None

    def _loaded(self) -> Any:  # Any: highspy has no types
        """Return a solver that holds the programme but for what duties may earn."""
        import highspy  # noqa: PLC0415 - slow import

        made: Any = highspy  # Any: highspy has no types
        t, r, first = self.tables, self.track, self._edges[:-1]
        n, m = len(first), len(self._spans)
        high = np.maximum(t.below[r, first], t.short[r, first])
        short, above = t.short[r, first], t.above[r, first]
        solver = made.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        lp = made.HighsLp()
        lp.num_col_, lp.num_row_ = 3 * n, m
        # per block: price up to the target weight, price above it, price below zero
        lp.col_cost_ = -np.concatenate(
            (t.target[r, first], t.minimum[r, first], np.where(above > 0, -t.ceiling[r, first], 0))
        ).astype(np.float64)
        lp.col_lower_ = np.zeros(3 * n)
        lp.col_upper_ = np.concatenate((short, high - short, above)) * np.tile(self._lengths, 3)
        begins = np.searchsorted(self._edges, self._spans[:, 0])
        ends = np.searchsorted(self._edges, self._spans[:, 1])
        blocks = [np.arange(a, b) for a, b in zip(begins, ends, strict=True)]
        lp.a_matrix_.format_ = made.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = 3 * np.concatenate(([0], np.cumsum(ends - begins))).astype(np.int32)
        lp.a_matrix_.index_ = np.concatenate(
            [np.concatenate((b, b + n, b + 2 * n)) for b in blocks]
        ).astype(np.int32)
        lp.a_matrix_.value_ = np.concatenate([np.repeat((1.0, 1.0, -1.0), len(b)) for b in blocks])
        lp.row_lower_ = np.full(m, -made.kHighsInf)
        lp.row_upper_ = np.zeros(m)
        solver.passModel(lp)
        self._rows = np.arange(m, dtype=np.int32)
        self._no_lows = np.full(m, -made.kHighsInf)
        return solver

    def best(self, prefix: FloatArray, worth: Mapping[int, FloatArray]) -> FloatArray | None:
        """Return the prices of the track that prove most.

        Parameters
        ----------
        prefix
            Running sums of all prices, shape ``(n_tracks, n_steps + 1)``.
        worth
            By class, what each window may be worth, shape ``(n_steps, longest + 1)``.

        Returns
        -------
        ndarray or None
            Shape ``(n_steps,)``; ``None`` when there is no duty or the solver fails.
        """
        if self._solver is None:
            return None
        limit = np.full(len(self._spans), np.inf)
        for option, duties, slots in zip(self._options, self._duties, self._slots, strict=True):
            a, b = duties[:, 0], duties[:, 1]
            earned = np.zeros(len(duties))
            own = 1
            for track, coef in zip(option.tracks, option.coefs, strict=True):
                if track == self.track:
                    own = coef
                else:
                    earned += coef * (prefix[track, b] - prefix[track, a])
            cost = option.rate * (b - a) + option.fixed - earned
            cost += worth[option.cls][a - option.ext, b - a + 2 * option.ext]
            np.minimum.at(limit, slots, cost / own)
        solver = self._solver
        solver.changeRowsBounds(len(limit), self._rows, self._no_lows, np.maximum(limit, _LEAST))
        solver.run()
        values = np.array(solver.getSolution().col_value)
        n = len(self._lengths)
        if len(values) != 3 * n:
            return None
        price = (values[:n] + values[n : 2 * n] - values[2 * n :]) / self._lengths
        return np.repeat(price, self._lengths)


def _slots(spans: LongArray, duties: LongArray) -> LongArray:
    """Return the place of each duty among the spans."""
    scale = int(spans.max(initial=0)) + 1
    keys = spans[:, 0] * scale + spans[:, 1]
    places: LongArray = np.searchsorted(keys, duties[:, 0] * scale + duties[:, 1])
    return places


def _edges(tables: Tables, track: int, spans: LongArray) -> LongArray:
    """Return the steps at which a block begins, and the end: need and duties change nowhere else."""
    changes = np.zeros(tables.n_steps, dtype=np.bool_)
    for table in (
        tables.minimum, tables.target, tables.ceiling, tables.below, tables.short, tables.above,
    ):  # fmt: skip
        changes[1:] |= table[track, 1:] != table[track, :-1]
    inner = np.unique(spans)
    changes[inner[(inner > 0) & (inner < tables.n_steps)]] = True
    return np.concatenate(([0], np.flatnonzero(changes), [tables.n_steps])).astype(np.int64)
