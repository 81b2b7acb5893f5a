"""Crew lines while a plan is repaired: what was published, what stands now, what has been lost.

Crews of a group that work the same line are one entry with a number; an entry is split when only
some of its crews are touched.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import count
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

__all__ = ["CrewLine", "Doors", "Roll", "RuleBook", "cut_groups", "plan_of_lines", "split_plan"]

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
        The published duties by local day of their start, door to door; never changed.
    duties
        The duties that stand now, by the same day; the very same object while nothing is changed.
    lost
        Days whose published duty the change took away.
    away
        Spans in which the crews cannot work; duties that have begun then are finished.
    source
        The published line in the plan; ``None`` for crews that rest or whose group was cut.
    row
        Number of the line in its roll; -1 when its group was cut.
    """

    group: int
    crews: int
    published: dict[int, Duty]
    duties: dict[int, Duty] = field(default_factory=dict)
    lost: frozenset[int] = frozenset()
    away: tuple[tuple[int, int], ...] = ()
    source: Line | None = None
    row: int = -1

    def is_away(self, start_min: int, end_min: int) -> bool:
        """Tell whether the crews cannot work in a span, duties under way apart."""
        return any(start_min < b and a < end_min for a, b in self.away)

    def split(self, crews: int) -> CrewLine:
        """Take so many crews out as a line of their own."""
        self.crews -= crews
        found = self.copy()
        found.crews = crews
        return found

    def copy(self) -> CrewLine:
        """Return a copy that can be changed apart."""
        duties = self.duties if self.is_as_published else dict(self.duties)
        return CrewLine(
            self.group,
            self.crews,
            self.published,
            duties,
            self.lost,
            self.away,
            self.source,
            self.row,
        )

    @property
    def is_as_published(self) -> bool:
        """Whether no duty was ever taken or given."""
        return self.duties is self.published

    @property
    def line(self) -> tuple[Duty, ...]:
        """The duties that stand now, in order."""
        return tuple(sorted(self.duties.values()))

    def drop(self, day: int) -> None:
        """Take the duty of a day away."""
        self._own()
        del self.duties[day]

    def lose(self, day: int) -> None:
        """Take the published duty of a day away because of the change."""
        self.drop(day)
        self.lost |= {day}

    def give(self, day: int, duty: Duty) -> None:
        """Post the crews on a duty."""
        self._own()
        self.duties[day] = duty

    def _own(self) -> None:
        if self.is_as_published:
            self.duties = dict(self.published)


def door_day(instance: Instance, group: Group, duty: Duty) -> int:
    """Return the local day on which a duty starts, door to door."""
    return (duty.start_min - instance.travel[group.base].get(duty.site, 0)) // _DAY


class Roll:
    """Hold the lines of a published plan by group, read once for any number of changes.

    Parameters
    ----------
    instance, plan
        What was published; crews that appear in no line get a line without duties.
    """

    def __init__(self, instance: Instance, plan: Plan) -> None:
        self.instance, self.plan = instance, plan
        by_group: dict[str, list[Line]] = {group.code: [] for group in instance.groups}
        for line in plan.lines:
            by_group[line.group].append(line)
        self._rows_at: dict[str, list[int]] = defaultdict(list)
        self.of_group: list[list[CrewLine]] = []
        row = 0
        for index, group in enumerate(instance.groups):
            mine = by_group[group.code]
            found = []
            for line in mine:
                days = {door_day(instance, group, duty): duty for duty in line.duties}
                found.append(CrewLine(index, line.crews, days, days, source=line, row=row))
                for site in {duty.site for duty in line.duties}:
                    self._rows_at[site].append(row)
                row += 1
            idle = group.strength - sum(line.crews for line in mine)
            if idle > 0:
                rests: dict[int, Duty] = {}
                found.append(CrewLine(index, idle, rests, rests, row=row))
                row += 1
            self.of_group.append(found)
        lines = [line for found in self.of_group for line in found]
        self.doors = doors_of(instance, instance.groups, lines)

    def near(self, lines: Sequence[CrewLine], sites: Iterable[str]) -> list[CrewLine]:
        """Return the lines with a published duty at one of the sites, and all of cut groups."""
        found = [line for line in lines if line.row < 0]
        rows = {row for site in sites for row in self._rows_at.get(site, ())}
        if rows:
            found += [line for line in lines if line.row in rows]
        return found


@dataclass(frozen=True, slots=True)
class Doors:
    """Hold starts and ends door to door of many lines, shape ``(n_lines, most_duties)``."""

    starts: IntArray
    ends: IntArray
    counts: IntArray


def doors_of(instance: Instance, groups: Sequence[Group], lines: Sequence[CrewLine]) -> Doors:
    """Write down when the crews of lines leave and come back."""
    most = max((len(line.duties) for line in lines), default=0)
    found = Doors(
        np.zeros((len(lines), most), dtype=np.int32),
        np.zeros((len(lines), most), dtype=np.int32),
        np.array([len(line.duties) for line in lines], dtype=np.int32),
    )
    for i, line in enumerate(lines):
        travel = instance.travel[groups[line.group].base]
        for j, duty in enumerate(line.line):
            there = travel.get(duty.site, 0)
            found.starts[i, j], found.ends[i, j] = duty.start_min - there, duty.end_min + there
    return found


def cut_groups(
    roll: Roll, cuts: Sequence[Cut], now_min: int
) -> tuple[tuple[Group, ...], list[CrewLine]]:
    """Split groups of which only some crews are cut, and give every line to its group.

    Parameters
    ----------
    roll
        The lines before the change.
    cuts
        Who is taken away.
    now_min
        The present; duties that have begun are finished.

    Returns
    -------
    tuple
        The groups after the change and the published lines, none lost yet; resting crews have a line
        without duties.
    """
    instance = roll.instance
    concerned = {cut.group for cut in cuts}
    codes = {group.code for group in instance.groups}
    groups: list[Group] = []
    lines: list[CrewLine] = []
    for group, known in zip(instance.groups, roll.of_group, strict=True):
        if group.code not in concerned:
            index = len(groups)
            groups.append(group)  # the same object: its lines are known to be lawful
            lines += [
                CrewLine(
                    index, line.crews, line.published, line.published,
                    source=line.source, row=line.row,
                )
                for line in known
            ]  # fmt: skip
            continue
        mine = [cut for cut in cuts if cut.group == group.code]
        worked: _Counted = [
            (line.crews, line.source.duties if line.source else ()) for line in known
        ]
        for code, part, cut_to, found in _parts(group, worked, mine, codes):
            windows = _with_begun(instance, group, cut_to, found, mine, now_min)
            if not found and code != group.code:
                continue
            index = len(groups)
            strength = sum(crews for crews, _ in found)
            groups.append(replace(group, code=code, windows=windows, strength=strength))
            for crews, duties in found:
                days = {door_day(instance, group, duty): duty for duty in duties}
                lines.append(CrewLine(index, crews, days, days, away=_away(mine, part)))
    return tuple(groups), lines


def _away(cuts: Sequence[Cut], part: int) -> tuple[tuple[int, int], ...]:
    """Return when a part of a group cannot work: the whole, or the part that a cut split off."""
    return tuple(
        (cut.start_min, cut.end_min)
        for number, cut in enumerate(cuts, 1)
        if cut.crews is None or number == part
    )


def _with_begun(  # noqa: PLR0917 - a group, its cuts and the present
    instance: Instance,
    group: Group,
    windows: _Windows,
    lines: _Counted,
    cuts: Sequence[Cut],
    now_min: int,
) -> _Windows:
    """Let duties that have begun and run into a cut be finished."""
    travel = instance.travel[group.base]
    for cut in cuts:
        ends = [
            duty.end_min + travel.get(duty.site, 0)
            for _, duties in lines
            for duty in duties
            if duty.start_min - travel.get(duty.site, 0) < min(now_min, cut.start_min)
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
    group: Group, lines: _Counted, cuts: Iterable[Cut], codes: set[str]
) -> list[tuple[str, int, _Windows, _Counted]]:
    """Return code, number of the cut, windows and lines of each part of a group after its cuts.

    Codes of new parts are added to ``codes``.
    """
    parts: list[tuple[str, int, _Windows, _Counted]] = [(group.code, 0, group.windows, lines)]
    base = group.code.partition(APART)[0]
    for number, cut in enumerate(cuts, 1):
        if cut.crews is None:
            parts = [
                (code, part, _without(windows, cut.start_min, cut.end_min), found)
                for code, part, windows, found in parts
            ]
            continue
        code, part, windows, found = parts[0]
        taken, kept = _choose(found, cut)
        parts[0] = (code, part, windows, kept)
        away = _without(windows, cut.start_min, cut.end_min)
        new = next(c for n in count(1) if (c := f"{base}{APART}{n}") not in codes)
        codes.add(new)
        parts.append((new, number, away, taken))
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


def restore_runs(instance: Instance, line: CrewLine, now_min: int) -> None:
    """Give up duties after a loss until the rest of the line keeps the least length of runs."""
    group = instance.groups[line.group]
    while line.lost and any(check_line(instance, group, line.line)):
        later = [d for d in sorted(line.duties) if line.duties[d].start_min >= now_min]
        if not later:
            return
        nearest = min(later, key=lambda d: min(abs(d - lost) for lost in line.lost))
        line.lose(nearest)


def plan_of_lines(instance: Instance, lines: Sequence[CrewLine]) -> Plan:
    """Return the plan that the lines make; lines of the published plan stay the same objects."""
    moved = {line.group for line in lines if not line.is_as_published or line.source is None}
    found: list[Line] = []
    counted: dict[tuple[str, tuple[Duty, ...]], list[CrewLine]] = defaultdict(list)
    for line in lines:
        if line.group not in moved and line.source is not None:
            found.append(line.source)
        elif line.duties and line.crews:
            duties = line.source.duties if line.is_as_published and line.source else line.line
            counted[instance.groups[line.group].code, duties].append(line)
    for (code, duties), alike in counted.items():
        crews = sum(line.crews for line in alike)
        source = next((line.source for line in alike if line.source), None)
        is_source = source is not None and (source.crews, source.duties) == (crews, duties)
        found.append(source if source is not None and is_source else Line(code, crews, duties))
    return Plan(instance.hash, tuple(found))


def split_plan(plan: Plan, instance_hash: str, apart: Sequence[Line]) -> Plan:
    """Return a plan with the crews that were split off under the codes of their parts.

    Parameters
    ----------
    plan
        All crews under the codes of their own groups.
    instance_hash
        Hash of the instance that the plan answers.
    apart
        The lines of the parts; they are taken out of those of their groups.
    """
    gone: dict[tuple[str, tuple[Duty, ...]], int] = defaultdict(int)
    for line in apart:
        gone[line.group.partition(APART)[0], line.duties] += line.crews
    lines: list[Line] = []
    for line in plan.lines:
        taken = min(line.crews, gone.get((line.group, line.duties), 0))
        if taken:
            gone[line.group, line.duties] -= taken
        if line.crews > taken:
            lines.append(replace(line, crews=line.crews - taken) if taken else line)
    return Plan(instance_hash, (*lines, *apart))
