"""Price lines of one kind, and turn prices into a proven bound.

Prices of cover make every window worth something: the best option there, less the cost of the work
(:func:`passerelle.planning.roster.engine._kernels.window_values`). The best line of a kind is then a
longest path over time with the rules as resources. Resources that rarely bind (span of a run, hours,
nights in all, weekends) are left out first and checked after; only when the path breaks one does the exact
labelling run (decremental state space, Righini and Salani 2008).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from passerelle.planning.roster.engine import _kernels

if TYPE_CHECKING:
    from passerelle.planning.roster.engine.tables import Kind, Tables

__all__ = ["Best", "KindRules", "Lines", "WindowValues"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int32]

_LABELS: Final = 400_000
_UNLIMITED: Final = 1 << 29
_LOCK: Final = 1e6


@dataclass(frozen=True, slots=True)
class WindowValues:
    """Hold what each window of a class is worth and by which option; -1e300 where there is none."""

    value: FloatArray
    option: IntArray


@dataclass(frozen=True, slots=True)
class Best:
    """Hold the best line of a kind.

    Parameters
    ----------
    profit
        What the line earns, at least 0 (a resting crew).
    most
        Proven upper bound on what any line of the kind earns.
    starts, lengths
        Windows of the line, in steps.
    """

    profit: float
    most: float
    starts: IntArray
    lengths: IntArray


class Lines:
    """Price windows and lines of all kinds.

    Parameters
    ----------
    tables
        The compiled instance.
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        options = tables.options
        self._of_class = [
            np.array([i for i, o in enumerate(options) if o.cls == c], dtype=np.int32)
            for c in range(len(tables.class_people))
        ]
        self.ext = np.array([o.ext for o in options], dtype=np.int32)
        self.mark_ptr, self.marks = _csr([o.marks for o in options])
        self.least = np.array([o.least for o in options], dtype=np.int32)
        self.most = np.array([o.most for o in options], dtype=np.int32)
        self.rate = np.array([o.rate for o in options], dtype=np.float64)
        self.fixed = np.array([o.fixed for o in options], dtype=np.float64)
        self.track_ptr, self.tracks = _csr([o.tracks for o in options])
        _, self.coefs = _csr([o.coefs for o in options])
        self._rules = [KindRules(tables, kind) for kind in tables.kinds]

    def options_of(self, cls: int) -> IntArray:
        """Return the options of a class."""
        return self._of_class[cls]

    def rules_of(self, kind: int) -> KindRules:
        """Return the rules of a kind in steps."""
        return self._rules[kind]

    def window_values(self, cls: int, prefix: FloatArray, start_price: FloatArray) -> WindowValues:
        """Return the value of every window of a class.

        Parameters
        ----------
        cls
            The class.
        prefix
            Running sum of the price of a crew-step, shape ``(n_tracks, n_steps + 1)``.
        start_price
            Charge for a duty that starts at each step, door to door: the beds.
        """
        shape = (self.tables.n_steps, self.tables.longest + 1)
        value, option = np.empty(shape), np.empty(shape, dtype=np.int32)
        _kernels.window_values(
            self._of_class[cls], self.ext, self.mark_ptr, self.marks, self.least, self.most,
            self.rate, self.fixed, self.track_ptr, self.tracks, self.coefs,
            prefix, start_price, value, option,
        )  # fmt: skip
        return WindowValues(value, option)

    def best(self, kind: int, value: FloatArray, *, exact: bool, slack: float = 0.0) -> Best:
        """Return the best line of a kind for the given value of windows.

        Parameters
        ----------
        kind
            The kind.
        value
            Value of the windows of its class.
        exact
            Whether to look for the very best line; else a good one will do, and ``most`` is the
            profit of a line that may ignore rules which rarely bind.
        slack
            How far ``most`` may stand above the profit of the line without a search for the best.
        """
        return self._rules[kind].best(value, exact=exact, slack=slack)


class KindRules:
    """Hold the rules of one kind in steps."""

    def __init__(self, tables: Tables, kind: Kind) -> None:
        group, step = kind.group, tables.instance.step_min
        rules, history = group.rules, group.history
        self.use_cost = group.use_cost
        self.night = tables.night
        n_steps = tables.n_steps
        self.ends = np.zeros(n_steps, dtype=np.int32)
        for start, end in group.windows:
            first, last = max(0, -(-start // step)), min(n_steps, end // step)
            self.ends[first : max(first, last)] = last
        self.tile = np.zeros(n_steps, dtype=np.int32)
        most = [_UNLIMITED]
        for window in rules.hours:
            first = max(0, window.start_min // step)
            self.tile[first : max(0, window.end_min // step)] = len(most)
            most.append(window.most_min // step)
        if rules.hours and rules.hours[0].start_min <= 0:
            self.tile[self.tile == 1] = 0  # work before the horizon belongs to the first window
            most[0] = most[1]
        self.work_most = np.array(most, dtype=np.int32)
        counts = rules.run_nights is not None
        self.spec = np.array(
            [
                -(-rules.rest_min // step),
                -(-rules.weekly_rest_min // step),
                rules.rest_days,
                rules.run_least,
                rules.run_days,
                rules.run_span_min // step,
                -(-rules.duty_least_min // step),
                rules.duty_most_min // step,
                rules.night_most_min // step,
                rules.run_nights if rules.run_nights is not None else 0,
                _UNLIMITED if rules.nights is None else rules.nights,
                -(-history.free_from_min // step),
                -(-history.fresh_from_min // step),
                history.run_start_min // step,
                history.run_days,
                history.run_nights if counts else 0,
                history.nights,
                -(-history.worked_min // step),
                tables.steps_per_day,
                int(self.ends.max(initial=0)),
                1 if counts else 0,
                _UNLIMITED if rules.weekends is None else rules.weekends,
                rules.first_saturday,
            ],
            dtype=np.int32,
        )
        self.locked = [self._window(tables, kind, duty) for duty in group.locked]

    @staticmethod
    def _window(tables: Tables, kind: Kind, duty: object) -> tuple[int, int]:
        from passerelle.planning.roster.plan import Duty  # noqa: PLC0415 - slow import

        assert isinstance(duty, Duty)
        instance = tables.instance
        travel = instance.travel[kind.group.base][duty.site]
        step = instance.step_min
        start = (duty.start_min - travel) // step
        return start, (duty.end_min + travel) // step - start

    def best(self, value: FloatArray, *, exact: bool, slack: float) -> Best:
        """Return the best line for the given value of windows."""
        locks = len(self.locked) * _LOCK
        if self.locked:
            value = self._with_locks(value)
        starts = np.empty(len(value), dtype=np.int32)
        lengths = np.empty(len(value), dtype=np.int32)
        profit, count = _kernels.best_line(
            value, self.night, self.ends, self.tile, self.spec, False, self.work_most,
            starts, lengths,
        )  # fmt: skip
        most = profit
        if not _kernels.keeps_rules(
            starts, lengths, count, self.night, self.tile, self.spec, self.work_most
        ):
            enough = slack if exact else np.inf
            if self.locked:
                enough = min(enough, _LOCK / 2)  # a quick line may leave a locked duty out
            profit, count, most = self._restricted(value, starts, lengths, most, enough)
        return Best(
            profit=max(0.0, profit - locks - self.use_cost) if not locks else profit - locks,
            most=max(0.0, most - locks - self.use_cost) if not locks else most - locks,
            starts=starts[:count].copy(),
            lengths=lengths[:count].copy(),
        )

    def _restricted(
        self,
        value: FloatArray,
        starts: IntArray,
        lengths: IntArray,
        most: float,
        slack: float,
    ) -> tuple[float, int, float]:
        """Return a line under all rules; the best one when a quick one is not within the slack."""
        profit, count = _kernels.best_line(
            value, self.night, self.ends, self.tile, self.spec, True, self.work_most,
            starts, lengths,
        )  # fmt: skip
        if most - profit <= slack:
            return profit, count, most
        other_starts, other_lengths = np.empty_like(starts), np.empty_like(lengths)
        exact, n, is_proved = _kernels.best_line_exact(
            value, self.night, self.ends, self.tile, self.spec, self.work_most, _LABELS,
            other_starts, other_lengths,
        )  # fmt: skip
        if not is_proved:
            return profit, count, most
        starts[:n], lengths[:n] = other_starts[:n], other_lengths[:n]
        return exact, n, exact

    def _with_locks(self, value: FloatArray) -> FloatArray:
        value = value.copy()
        for start, length in self.locked:
            keep = value[start, length]
            for t in range(max(0, start - value.shape[1]), min(len(value), start + length)):
                value[t, max(0, start - t + 1) :] = -1e300
            value[start, length] = keep + _LOCK
        return value


def _csr(rows: list[tuple[int, ...]]) -> tuple[IntArray, IntArray]:
    pointers = np.concatenate(([0], np.cumsum([len(row) for row in rows], dtype=np.int64)))
    flat = [item for row in rows for item in row]
    return pointers.astype(np.int32), np.array(flat, dtype=np.int32)
