"""Ask many lines at once whether a duty more keeps every rule of their group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from passerelle.planning.repair import _kernels
from passerelle.planning.repair.lines import Doors, doors_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.planning.repair.lines import CrewLine, Roll
    from passerelle.planning.roster.instance import Instance

    IntArray = npt.NDArray[np.int32]

__all__ = ["RuleBook"]


class RuleBook:
    """Hold the rules of every group as numbers for the kernel.

    Parameters
    ----------
    instance
        The instance after the change.
    roll
        Lines that are known already; ``None`` when there are none.
    """

    def __init__(self, instance: Instance, roll: Roll | None = None) -> None:
        self.instance, self._roll = instance, roll
        self.night = np.array(
            [instance.night_from_min, instance.night_to_min, instance.night_least_min],
            dtype=np.int32,
        )
        self._rows: dict[int, tuple[IntArray, IntArray, IntArray, IntArray]] = {}

    def _row(self, index: int) -> tuple[IntArray, IntArray, IntArray, IntArray]:
        if index not in self._rows:
            group = self.instance.groups[index]
            rules, history = group.rules, group.history
            row = np.zeros(_kernels.N_RULES, dtype=np.int32)
            row[:20] = (
                rules.rest_min, rules.weekly_rest_min, rules.rest_days, rules.run_least,
                rules.run_days, rules.run_span_min, rules.duty_least_min, rules.duty_most_min,
                rules.night_most_min, -1 if rules.run_nights is None else rules.run_nights,
                -1 if rules.nights is None else rules.nights,
                history.free_from_min, history.fresh_from_min, history.run_start_min,
                history.run_days, history.run_nights, history.nights, history.worked_min,
                -1 if rules.weekends is None else rules.weekends, rules.first_saturday,
            )  # fmt: skip
            windows = np.array(group.windows, dtype=np.int32).reshape(-1, 2)
            hours = np.array(
                [(w.start_min, w.end_min, w.most_min) for w in rules.hours], dtype=np.int32
            ).reshape(-1, 3)
            sliding = np.array(
                [(limit.days, limit.most_min) for limit in rules.sliding], dtype=np.int32
            ).reshape(-1, 2)
            self._rows[index] = row, windows, hours, sliding
        return self._rows[index]

    def fits(
        self, group: int, lines: Sequence[CrewLine], doors: Sequence[tuple[int, int]]
    ) -> npt.NDArray[np.bool_]:
        """Tell for each line of a group and each candidate whether it keeps every rule.

        Parameters
        ----------
        group
            Index of the group.
        lines
            Its lines.
        doors
            Start and end door to door of each candidate, which takes the place of the duty that
            starts on its day; an end before the start only drops that duty.
        """
        doors_now = self._doors(lines)
        new = np.array(doors, dtype=np.int32).reshape(-1, 2)
        row, windows, hours, sliding = self._row(group)
        return _kernels.fits(
            doors_now.starts, doors_now.ends, doors_now.counts, row, windows, hours, sliding,
            self.night, np.ascontiguousarray(new[:, 0]), np.ascontiguousarray(new[:, 1]),
        )  # fmt: skip

    def _doors(self, lines: Sequence[CrewLine]) -> Doors:
        """Return when crews leave and come back; looked up for lines as they were published."""
        instance = self.instance
        known = [i for i, line in enumerate(lines) if line.row >= 0 and line.is_as_published]
        if self._roll is None or not known:
            return doors_of(instance, instance.groups, lines)
        table = self._roll.doors
        rows = np.array([lines[i].row for i in known], dtype=np.int64)
        if len(known) == len(lines):
            return Doors(table.starts[rows], table.ends[rows], table.counts[rows])
        is_known = np.zeros(len(lines), dtype=np.bool_)
        is_known[known] = True
        others = np.flatnonzero(~is_known).tolist()
        fresh = doors_of(instance, instance.groups, [lines[i] for i in others])
        most = max(table.starts.shape[1], fresh.starts.shape[1])
        found = Doors(
            np.zeros((len(lines), most), dtype=np.int32),
            np.zeros((len(lines), most), dtype=np.int32),
            np.zeros(len(lines), dtype=np.int32),
        )
        for at, part, own in ((known, table, rows), (others, fresh, slice(None))):
            width = part.starts.shape[1]
            found.starts[at, :width] = part.starts[own]
            found.ends[at, :width] = part.ends[own]
            found.counts[at] = part.counts[own]
        return found
