"""The overview: what the plan holds, how good it is, and what waits for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from passerelle.desk.boards.coverage import Scale, columns
from passerelle.desk.boards.cube import Slice, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from passerelle.desk.boards.cube import CoverageCube

__all__ = ["Cover", "DayLine", "TracePoint", "cover", "day_lines", "trace"]


@dataclass(frozen=True, slots=True)
class Cover:
    """Sum up the coverage of the whole event.

    Parameters
    ----------
    need_hours, missing_hours
        Officer-hours needed and missing at the central level.
    n_sites, n_critical_sites
        Sites where somebody is missing, and where a post is below its minimum at some moment.
    worst
        Site with most officer-hours missing; empty when nobody is missing.
    """

    need_hours: float
    missing_hours: float
    n_sites: int
    n_critical_sites: int
    worst: str

    @property
    def ratio(self) -> float:
        """Share of the needed officer-hours that is covered; 1 when nothing is needed."""
        return 1 - self.missing_hours / self.need_hours if self.need_hours else 1.0


@dataclass(frozen=True, slots=True)
class DayLine:
    """State one day: at its worst moment, and in officer-hours; with the series of the drawing."""

    day: date
    start: datetime
    slice: Slice
    need_hours: float
    need: tuple[int, ...]
    have: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TracePoint:
    """State value and bound at one moment of a solve."""

    seconds: float
    value: float | None
    bound: float | None

    @property
    def gap(self) -> float | None:
        """Relative gap; ``None`` before there are both."""
        if self.value is None or self.bound is None:
            return None
        return max(0.0, self.value - self.bound) / max(abs(self.value), 1e-9)


def cover(cube: CoverageCube) -> Cover:
    """Sum up a cube."""
    hours = cube.step_min / 60
    missing = cube.missing.sum(axis=1)
    below = cube.below.any(axis=1)
    worst = cube.site_ids[int(missing.argmax())] if missing.any() else ""
    return Cover(
        need_hours=float(cube.needed.sum()) * hours,
        missing_hours=float(missing.sum()) * hours,
        n_sites=int(np.count_nonzero(missing)),
        n_critical_sites=int(np.count_nonzero(below)),
        worst=worst,
    )


def day_lines(cube: CoverageCube, days: Sequence[date], zone: ZoneInfo) -> tuple[DayLine, ...]:
    """State every day of the event, cut at the first shift of the morning."""
    if not days:
        return ()
    need = cube.whole.needed[0]
    have = cube.whole.there[0]
    step = max(1, 60 // cube.step_min)
    found = []
    for part in columns(days[0], len(days), Scale.EVENT, zone, (cube.start, cube.end)):
        low, high = cube.index(part.start), cube.index(part.end)
        if low >= high:
            continue
        found.append(
            DayLine(
                day=part.day,
                start=part.start,
                slice=cube.total_slices((low, high))[0],
                need_hours=float(need[low:high].sum()) * cube.step_min / 60,
                need=tuple(need[low:high:step].tolist()),
                have=tuple(have[low:high:step].tolist()),
            )
        )
    return tuple(found)


def trace(points: Iterable[tuple[float, float | None, float | None]]) -> tuple[TracePoint, ...]:
    """Keep the moments at which value or bound improved."""
    found: list[TracePoint] = []
    for seconds, value, bound in points:
        last = found[-1] if found else None
        if last is None or (last.value, last.bound) != (value, bound):
            found.append(TracePoint(seconds, value, bound))
    return tuple(found)


def worst_step(slices: Iterable[Slice]) -> Step:
    """Return the worst step among several; used where one word must do."""
    order = [Step.NONE, Step.OVER, Step.MET, Step.SHORT, Step.CRITICAL]
    return max((entry.step for entry in slices), key=order.index, default=Step.NONE)
