"""Prove how few touches could do, and how little must stay missing.

Both bounds come from the same relaxation: crews of a class may take any duty that helps, one a day,
while they are there, without a look at the rest of their lines and at what they leave behind; crews whose published duty is lost take
one for nothing. Every repair gives a solution of it, so

* the least weight of touches that leaves no post with more missing than the repair did, and
* the least that can stay missing at all

are lower bounds. With intervals of time as rows the matrix is nearly an interval matrix, so the
linear programme is nearly whole; its value is rounded up, since touches are whole, and where that leaves a distance the
same programme is asked in whole crews for a moment.

References
----------
Nemhauser and Wolsey (1988), "Integer and Combinatorial Optimization", section III.1.2: interval
matrices are totally unimodular.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import ceil, isfinite
from typing import TYPE_CHECKING, Final

from passerelle.planning.coverage.linear import INFINITE, Programme
from passerelle.planning.repair.moves import useful_duties
from passerelle.planning.repair.owed import blocks_of
from passerelle.planning.repair.search import edges_of, touch_weight

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from passerelle.planning.repair.ground import Ground
    from passerelle.planning.repair.lines import CrewLine
    from passerelle.planning.repair.moves import Offered
    from passerelle.planning.repair.owed import Block
    from passerelle.planning.repair.values import RepairParams
    from passerelle.planning.roster.plan import Duty

    IntArray = npt.NDArray[np.int32]

__all__ = ["Achieved", "Crews", "Proof", "missing_points", "points_by_track", "prove"]

_DAY: Final = 1440
_TINY: Final = 1e-6
_WHOLE_S: Final = 0.4
"""Seconds for the question in whole crews."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Hold proven lower bounds.

    Parameters
    ----------
    weighted, count
        Least touches beyond the forced ones, by weight and by number.
    missing
        Least weighted points that stay open.
    """

    weighted: int
    count: int
    missing: float


def missing_points(blocks: Sequence[Block]) -> float:
    """Return the weighted points of what is missing in blocks."""
    return sum(b.below * b.short_minimum + b.target * (b.short - b.short_minimum) for b in blocks)


def points_by_track(blocks: Sequence[Block]) -> dict[int, float]:
    """Return the weighted points of what is missing, by track."""
    found: dict[int, float] = defaultdict(float)
    for b in blocks:
        found[b.track] += b.below * b.short_minimum + b.target * (b.short - b.short_minimum)
    return dict(found)


@dataclass(frozen=True, slots=True)
class Achieved:
    """Hold what a repair reached, against which bounds are asked.

    Parameters
    ----------
    missing
        Weighted points that stay missing, by track.
    weighted
        Weight of the touches that the change does not force.
    """

    missing: Mapping[int, float]
    weighted: int


def prove(
    ground: Ground,
    crews: Crews,
    owed: IntArray,
    achieved: Achieved,
    *,
    params: RepairParams,
    now_min: int,
    seconds: float,
) -> Proof:
    """Return the bounds.

    Parameters
    ----------
    ground
        The sites concerned, cover after the loss and before any move.
    crews
        Lines after the loss and before any move.
    owed
        Levels owed.
    achieved
        What the repair reached.
    params, now_min
        Weights and the present.
    seconds
        Time limit of one programme.
    """
    blocks = blocks_of(ground, owed, edges=edges_of(ground), all_tracks=False)
    if not blocks:
        return Proof(0, 0, 0.0)
    relaxed = _Relaxed(ground, crews, blocks, now_min)
    most = {
        track: achieved.missing.get(track, 0.0) * (1 + _TINY) + _TINY
        for track in {block.track for block in blocks}
    }

    def weigh(offered: Offered) -> float:
        return float(touch_weight(params, offered.start_min - now_min))

    def fewest(touches: Callable[[Offered], float], enough: float) -> int:
        """Round the relaxation up, and ask it in whole crews when that is not enough."""
        least = relaxed.solve(touches=touches, most_missing=most, seconds=seconds)
        if ceil(least - _TINY) < enough:
            brief = min(seconds, _WHOLE_S)
            whole = relaxed.solve(touches=touches, most_missing=most, seconds=brief, is_whole=True)
            least = max(least, whole)
        return ceil(least - _TINY)

    weights = {weigh(o) for found in relaxed.duties.values() for o in found}
    if len(weights) <= 1:
        weight = int(next(iter(weights), 1.0))
        count = fewest(lambda _: 1.0, achieved.weighted / weight)
        weighted = count * weight
    else:
        weighted = fewest(weigh, achieved.weighted)
        count = fewest(lambda _: 1.0, achieved.weighted / max(weights))
    least = 0.0
    total = sum(achieved.missing.values())
    if total > _TINY:
        least = min(total, relaxed.solve(touches=None, most_missing={}, seconds=seconds))
    return Proof(weighted, count, least)


@dataclass(frozen=True, slots=True)
class Crews:
    """Hold the lines after a loss and before any move.

    Parameters
    ----------
    lines
        All of them.
    near
        Those that stood at one of the sites concerned, or whose group was cut.
    """

    lines: Sequence[CrewLine]
    near: Sequence[CrewLine]


class _Relaxed:
    """Write the relaxation."""

    def __init__(self, ground: Ground, crews: Crews, blocks: Sequence[Block], now_min: int) -> None:
        self.ground, self.blocks = ground, blocks
        self._of_track: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        for i, block in enumerate(blocks):
            self._of_track[block.track].append((block.first, block.last, i))
        self.duties: Mapping[int, list[Offered]] = useful_duties(
            ground, blocks, now_min, trimmed=False
        )
        self._there: dict[tuple[int, int], int] = defaultdict(int)
        self._lost: dict[tuple[int, int], int] = defaultdict(int)
        self._kept: dict[tuple[int, int], dict[Duty, int]] = defaultdict(dict)
        self._groups: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self._losers: dict[tuple[int, int], list[CrewLine]] = defaultdict(list)
        self._fitting: dict[tuple[int, int, int], int] = {}
        for line in crews.lines:
            cls = ground.class_of.get(line.group, -1)
            if cls in self.duties and not line.away:
                self._groups[cls][line.group] += line.crews
        self._away = [line for line in crews.near if line.away]
        for cls, groups in self._groups.items():
            for group, number in groups.items():
                for day in self._days(group):
                    self._there[cls, day] += number
        for line in crews.near:
            cls = ground.class_of.get(line.group, -1)
            if cls in self.duties:
                for day in self._days(line.group):
                    if line.away:
                        self._there[cls, day] += line.crews
                    if day in line.lost:
                        self._lost[cls, day] += line.crews
                        self._losers[cls, day].append(line)
                    self._keep(cls, day, line)

    def _may(self, line: CrewLine, offered: Offered) -> bool:
        """Tell whether crews are there for a duty at all, whatever else they do."""
        return self._opens(line.group, offered) and not line.is_away(
            offered.start_min, offered.end_min
        )

    def _opens(self, group: int, offered: Offered) -> bool:
        windows = self.ground.instance.groups[group].windows
        return any(a <= offered.start_min and offered.end_min <= b for a, b in windows)

    def _most(self, cls: int, offered: Offered) -> int:
        """Return how many crews of a class are there for a duty."""
        key = (cls, offered.start_min, offered.end_min)
        if key not in self._fitting:
            there = sum(n for g, n in self._groups[cls].items() if self._opens(g, offered))
            self._fitting[key] = there + sum(
                line.crews
                for line in self._away
                if self.ground.class_of.get(line.group) == cls and self._may(line, offered)
            )
        return self._fitting[key]

    def _keep(self, cls: int, day: int, line: CrewLine) -> None:
        """Count crews who stand where something is missing: what they cover there is lost if moved."""
        duty = line.duties.get(day)
        if duty is not None and duty.site in self.ground.sites:
            kept = self._kept[cls, day]
            kept[duty] = kept.get(duty, 0) + line.crews

    def _left_open(self, group_class: int, duty: Duty) -> list[int]:
        """Return the blocks that crews open who leave a duty."""
        option = self.ground.option_of(group_class, duty)
        if option is None:
            return []
        span = self.ground.steps(duty)
        tracks = {t for t, c in zip(option.tracks, option.coefs, strict=True) if c > 0}
        return [
            i
            for track in sorted(tracks)
            for first, last, i in self._of_track.get(track, ())
            if span.start <= first and last <= span.stop
        ]

    def _days(self, group: int) -> list[int]:
        """Return the local days on which crews of a group may start a duty."""
        instance = self.ground.instance
        windows = instance.groups[group].windows
        return [
            day
            for day in range(instance.days)
            if any(a < (day + 1) * _DAY and b > day * _DAY for a, b in windows)
        ]

    def solve(
        self,
        *,
        touches: Callable[[Offered], float] | None,
        most_missing: Mapping[int, float],
        seconds: float,
        is_whole: bool = False,
    ) -> float:
        """Return the least touches with limits on what is missing, or the least missing."""
        p = Programme()
        terms: dict[int, list[tuple[int, float]]] = defaultdict(list)
        by_day: dict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
        free_of: dict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
        rules: dict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
        for cls, found in self.duties.items():
            for offered in found:
                key = (cls, offered.day)
                weight = 0.0 if touches is None else touches(offered)
                most = float(self._most(cls, offered))
                columns = [p.column(weight, most, is_whole=is_whole)] if most else []
                free = sum(line.crews for line in self._losers[key] if self._may(line, offered))
                if free:
                    columns.append(p.column(0.0, float(free), is_whole=is_whole))
                    free_of[key].append((columns[-1], 1.0))
                for column in columns:
                    by_day[key].append((column, 1.0))
                    for block in offered.blocks:
                        terms[block].append((column, 1.0))
                    self._note_escorts(rules, offered, column)
        leaving = self._add_leaving(p, by_day, terms)
        open_points: dict[int, list[tuple[int, float]]] = defaultdict(list)
        scale = 1.0 if touches is None else 0.0
        for i, short in enumerate(self.blocks):
            low = p.column(scale * short.below, float(short.short_minimum))
            high = p.column(scale * short.target, float(short.short - short.short_minimum))
            open_points[short.track] += [(low, short.below), (high, short.target)]
            p.row(float(short.short), INFINITE, [*terms[i], (low, 1.0), (high, 1.0)])
        for key, found_terms in by_day.items():
            p.row(-INFINITE, float(self._there[key]), [*found_terms, *leaving[key]])
        for key, found_terms in free_of.items():
            p.row(-INFINITE, float(self._lost[key]), found_terms)
        for track, points in most_missing.items():
            p.row(-INFINITE, points, open_points[track])
        self._hold_escorts(p, rules)
        answer = p.solve(seconds=seconds)
        return max(0.0, answer.bound) if isfinite(answer.bound) else 0.0

    def _add_leaving(
        self,
        p: Programme,
        by_day: Mapping[tuple[int, int], object],
        terms: dict[int, list[tuple[int, float]]],
    ) -> dict[tuple[int, int], list[tuple[int, float]]]:
        """Let crews stay where they stand, or leave and open what they cover."""
        stays: dict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
        for key in by_day:
            for duty, crews in self._kept[key].items():
                opened = self._left_open(key[0], duty)
                if opened:
                    column = p.column(0.0, float(crews), float(0))
                    stays[key].append((column, 1.0))  # crews that stay are not there for more
                    leave = p.column(0.0, float(crews))
                    p.row(float(crews), float(crews), [(column, 1.0), (leave, 1.0)])
                    for block in opened:
                        terms[block].append((leave, -1.0))
        return stays

    def _note_escorts(
        self,
        rules: dict[tuple[int, int], list[tuple[int, float]]],
        offered: Offered,
        column: int,
    ) -> None:
        span = self.ground.steps(offered.duty)
        option = offered.option
        names = self.ground.tables.track_names
        for track, coef in zip(option.tracks, option.coefs, strict=True):
            if names[track].startswith("escort:"):
                for step in range(span.start, span.stop):
                    rules[track, step].append((column, float(coef)))

    def _hold_escorts(
        self, p: Programme, rules: dict[tuple[int, int], list[tuple[int, float]]]
    ) -> None:
        """Keep the escort rule; crews that have lost their escorts may be sent home at a touch."""
        names = self.ground.tables.track_names
        if any((self.ground.cover[t] < 0).any() for t, n in enumerate(names) if n[:7] == "escort:"):
            return  # giving up duties is not in this relaxation: the rule is left out
        for (track, step), terms in rules.items():
            if any(value < 0 for _, value in terms):
                p.row(-float(self.ground.cover[track, step]), INFINITE, terms)
