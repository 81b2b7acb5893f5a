"""Crew lines while a plan is repaired: what was published, what stands now, what has been lost.

Crews of a group that work the same line are one entry with a number; an entry is split when only
some of its crews are touched.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from passerelle.planning.repair import _kernels
from passerelle.planning.repair.values import APART
from passerelle.planning.roster.check import check_line
from passerelle.planning.roster.plan import Line, Plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.planning.repair.apply import Cut
    from passerelle.planning.roster.instance import Group, Instance
    from passerelle.planning.roster.plan import Duty

__all__ = ["CrewLine", "RuleBook", "cut_groups", "free_crews", "plan_of_lines"]

IntArray = npt.NDArray[np.int32]

_DAY: Final = 1440


@dataclass(slots=True)
class CrewLine:
    """Hold the line of some crews of a group.

    Parameters
    ----------
    group
        Index of the group in the instance after the change.
    crews
        How many crews work it.
    published
        The published duties by local day of their start, door to door.
    duties
        The duties that stand now, by the same day.
    lost
        Days whose published duty the change took away.
    away
        Spans in which the crews cannot work; duties that have begun then are finished.
    """

    group: int
    crews: int
    published: dict[int, Duty]
    duties: dict[int, Duty] = field(default_factory=dict)
    lost: set[int] = field(default_factory=set)
    away: tuple[tuple[int, int], ...] = ()

    def is_away(self, start_min: int, end_min: int) -> bool:
        """Tell whether the crews cannot work in a span, duties under way apart."""
        return any(start_min < b and a < end_min for a, b in self.away)

    def split(self, crews: int) -> CrewLine:
        """Take so many crews out as a line of their own."""
        self.crews -= crews
        return CrewLine(
            self.group, crews, self.published, dict(self.duties), set(self.lost), self.away
        )

    def copy(self) -> CrewLine:
        """Return a copy that can be changed apart."""
        return CrewLine(
            self.group, self.crews, self.published, dict(self.duties), set(self.lost), self.away
        )

    @property
    def line(self) -> tuple[Duty, ...]:
        """The duties that stand now, in order."""
        return tuple(sorted(self.duties.values()))


def door_day(instance: Instance, group: Group, duty: Duty) -> int:
    """Return the local day on which a duty starts, door to door."""
    return (duty.start_min - instance.travel[group.base].get(duty.site, 0)) // _DAY


def cut_groups(
    instance: Instance, plan: Plan, cuts: Sequence[Cut]
) -> tuple[tuple[Group, ...], list[CrewLine]]:
    """Split groups of which only some crews are cut, and give every line to its group.

    Parameters
    ----------
    instance
        The instance before the change.
    plan
        The published plan.
    cuts
        Who is taken away.

    Returns
    -------
    tuple
        The groups after the change and the published lines, none lost yet; resting crews have a line
        without duties.
    """
    by_group: dict[str, list[tuple[int, tuple[Duty, ...]]]] = {g.code: [] for g in instance.groups}
    for line in plan.lines:
        by_group[line.group].append((line.crews, line.duties))
    for group in instance.groups:
        idle = group.strength - sum(crews for crews, _ in by_group[group.code])
        if idle > 0:
            by_group[group.code].append((idle, ()))
    groups: list[Group] = []
    lines: list[CrewLine] = []
    for group in instance.groups:
        mine = [cut for cut in cuts if cut.group == group.code]
        parts = _parts(instance, group, by_group[group.code], mine)
        for code, cut_to, found in parts:
            part = int(code.partition(APART)[2] or 0)
            windows = _with_begun(instance, group, cut_to, found, mine)
            strength = sum(crews for crews, _ in found)
            if not found and code != group.code:
                continue
            index = len(groups)
            now = replace(group, code=code, windows=windows, strength=strength)
            groups.append(group if now == group else now)  # the same object: its lines are known
            for crews, duties in found:
                days = {door_day(instance, group, duty): duty for duty in duties}
                lines.append(CrewLine(index, crews, days, dict(days), away=_away(mine, part)))
    return tuple(groups), lines


def _away(cuts: Sequence[Cut], part: int) -> tuple[tuple[int, int], ...]:
    """Return when a part of a group cannot work: the whole, or the part that a cut split off."""
    return tuple(
        (cut.start_min, cut.end_min)
        for number, cut in enumerate(cuts, 1)
        if cut.crews is None or number == part
    )


def _with_begun(
    instance: Instance,
    group: Group,
    windows: _Windows,
    lines: _Counted,
    cuts: Sequence[Cut],
) -> _Windows:
    """Let duties that have begun when a cut begins be finished."""
    travel = instance.travel[group.base]
    for cut in cuts:
        ends = [
            duty.end_min + travel.get(duty.site, 0)
            for _, duties in lines
            for duty in duties
            if duty.start_min - travel.get(duty.site, 0) < cut.start_min
        ]
        last = max(ends, default=0)
        if last > cut.start_min and any(a <= cut.start_min <= b for a, b in group.windows):
            grown = [(a, last) if b == cut.start_min else (a, b) for a, b in windows]
            windows = _joined(grown)
    return windows


def _joined(windows: Sequence[tuple[int, int]]) -> _Windows:
    found: list[tuple[int, int]] = []
    for a, b in sorted(windows):
        if found and a <= found[-1][1]:
            found[-1] = (found[-1][0], max(b, found[-1][1]))
        else:
            found.append((a, b))
    return tuple(found)


_Windows = tuple[tuple[int, int], ...]
_Counted = list[tuple[int, tuple["Duty", ...]]]


def _parts(
    instance: Instance, group: Group, lines: _Counted, cuts: Iterable[Cut]
) -> list[tuple[str, _Windows, _Counted]]:
    """Return code, windows and lines of each part of a group after its cuts."""
    parts: list[tuple[str, _Windows, _Counted]] = [(group.code, group.windows, lines)]
    for number, cut in enumerate(cuts, 1):
        if cut.crews is None:
            parts = [
                (code, _without(windows, cut.start_min, cut.end_min), found)
                for code, windows, found in parts
            ]
            continue
        code, windows, found = parts[0]
        taken, kept = _choose(found, cut)
        parts[0] = (code, windows, kept)
        away = _without(windows, cut.start_min, cut.end_min)
        parts.append((f"{group.code}{APART}{number}", away, taken))
    del instance
    return parts


def _choose(lines: _Counted, cut: Cut) -> tuple[_Counted, _Counted]:
    """Choose the crews of a cut: the one of that number, or those with most or fewest duties."""

    def inside(duties: tuple[Duty, ...]) -> int:
        return sum(d.end_min > cut.start_min and d.start_min < cut.end_min for d in duties)

    order = list(range(len(lines)))
    if cut.crew:
        passed, hit = 0, 0
        for i, (crews, _) in enumerate(lines):
            if passed < cut.crew <= passed + crews:
                hit = i
            passed += crews
        order.remove(hit)
        order.insert(0, hit)
    else:
        sign = -1 if cut.prefers_busy else 1
        order.sort(key=lambda i: (sign * inside(lines[i][1]), i))
    left = cut.crews or 0
    taken: _Counted = []
    rest = dict(enumerate(lines))
    for i in order:
        crews, duties = lines[i]
        now = min(left, crews)
        if now:
            taken.append((now, duties))
            rest[i] = (crews - now, duties)
            left -= now
    return taken, [item for _, item in sorted(rest.items()) if item[0]]


def _without(windows: _Windows, start: int, end: int) -> _Windows:
    """Return windows less a span."""
    found: list[tuple[int, int]] = []
    for a, b in windows:
        found += [(a, min(b, start)), (max(a, end), b)]
    return tuple((a, b) for a, b in sorted(found) if a < b)


class RuleBook:
    """Hold the rules of every group as numbers for the kernel.

    Parameters
    ----------
    instance
        The instance after the change.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.night = np.array(
            [instance.night_from_min, instance.night_to_min, instance.night_least_min],
            dtype=np.int32,
        )
        self._rows: dict[int, tuple[IntArray, IntArray, IntArray]] = {}

    def _row(self, index: int) -> tuple[IntArray, IntArray, IntArray]:
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
            self._rows[index] = row, windows, hours
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
        most = max((len(line.duties) for line in lines), default=0)
        starts = np.zeros((len(lines), most), dtype=np.int32)
        ends = np.zeros_like(starts)
        counts = np.zeros(len(lines), dtype=np.int32)
        travel = self.instance.travel[self.instance.groups[group].base]
        for i, line in enumerate(lines):
            counts[i] = len(line.duties)
            for j, duty in enumerate(line.line):
                there = travel.get(duty.site, 0)
                starts[i, j], ends[i, j] = duty.start_min - there, duty.end_min + there
        new = np.array(doors, dtype=np.int32).reshape(-1, 2)
        row, windows, hours = self._row(group)
        return _kernels.fits(
            starts, ends, counts, row, windows, hours, self.night,
            np.ascontiguousarray(new[:, 0]), np.ascontiguousarray(new[:, 1]),
        )  # fmt: skip


def free_crews(lines: Iterable[CrewLine]) -> int:
    """Count the crews that have no duty at all."""
    return sum(line.crews for line in lines if not line.duties)


def restore_runs(instance: Instance, line: CrewLine, now_min: int) -> None:
    """Give up duties after a loss until the rest of the line keeps the least length of runs."""
    group = instance.groups[line.group]
    while line.lost and any(check_line(instance, group, line.line)):
        later = [d for d in sorted(line.duties) if line.duties[d].start_min >= now_min]
        if not later:
            return
        nearest = min(later, key=lambda d: min(abs(d - lost) for lost in line.lost))
        del line.duties[nearest]
        line.lost.add(nearest)


def plan_of_lines(instance: Instance, lines: Iterable[CrewLine]) -> Plan:
    """Return the plan that the lines make."""
    counted: dict[tuple[str, tuple[Duty, ...]], int] = {}
    for line in lines:
        duties = line.line
        if duties and line.crews:
            key = (instance.groups[line.group].code, duties)
            counted[key] = counted.get(key, 0) + line.crews
    return Plan(
        instance.hash, tuple(Line(code, crews, duties) for (code, duties), crews in counted.items())
    )
