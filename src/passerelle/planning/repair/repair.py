"""Answer a change of a published plan: apply, see what is broken, repair, prove, check.

What happens stands in this order in :func:`repair`. Past duties never change. Every answer has passed
the independent checker, on the instance as it is after the change.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from passerelle.kernel.problems import InputError, Issue
from passerelle.planning.need.assess import assess_sites
from passerelle.planning.need.values import Level
from passerelle.planning.repair.additions import added_cells
from passerelle.planning.repair.apply import apply_changes
from passerelle.planning.repair.ground import Donors, Ground
from passerelle.planning.repair.lines import (
    Roll,
    RuleBook,
    cut_groups,
    plan_of_lines,
    restore_runs,
    split_plan,
)
from passerelle.planning.repair.owed import blocks_of, owed_levels
from passerelle.planning.repair.proof import (
    Achieved,
    Crews,
    missing_points,
    points_by_track,
    prove,
)
from passerelle.planning.repair.search import Search, edges_of, touch_weight
from passerelle.planning.repair.values import APART, Repair, RepairParams, Touch
from passerelle.planning.roster.build import BuildParams, build_sites
from passerelle.planning.roster.instance import Limit, Shifts
from passerelle.planning.roster.recheck import Checked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    import numpy as np
    import numpy.typing as npt

    from passerelle.planning.programme import Event
    from passerelle.planning.repair.apply import Addition, Applied, Closure
    from passerelle.planning.repair.changes import Change
    from passerelle.planning.repair.lines import CrewLine
    from passerelle.planning.repair.owed import Block
    from passerelle.planning.roster.instance import Cell, Group, Instance
    from passerelle.planning.roster.plan import Duty, Line, Plan

    IntArray = npt.NDArray[np.int32]

__all__ = ["Published", "changed_instance", "follow", "instance_after", "repair"]

_DAY: Final = 1440


@dataclass(frozen=True)  # no slots: the ground of all sites is compiled once and kept
class Published:
    """Hold a published plan, ready to be repaired any number of times.

    Parameters
    ----------
    event
        The event that it serves.
    instance
        The instance that it answers.
    plan
        The plan; valid by the checker.
    level
        Level of the need.
    params
        How the instance was compiled.
    closures, additions
        What earlier repairs closed and added; it holds on.
    """

    event: Event
    instance: Instance
    plan: Plan
    level: Level = Level.CENTRAL
    params: BuildParams = BuildParams()  # noqa: RUF009 - a frozen value
    closures: tuple[Closure, ...] = ()
    additions: tuple[Addition, ...] = ()

    def __post_init__(self) -> None:
        report = self.checked.report
        if report.violations:
            raise InputError(
                [
                    Issue("plan", 0, v.place, f"repair.invalid-plan-{v.rule}", v.expected, v.found)
                    for v in report.violations[:50]
                ]
            )

    @cached_property
    def checked(self) -> Checked:
        """What the checker says of the plan, part by part."""
        return Checked(self.instance, self.plan)

    def make_ready(self) -> None:
        """Count who stands where now rather than at the first question."""
        _ = self.ground, self.roll

    @cached_property
    def ground(self) -> Ground:
        """All sites with everybody who stands there."""
        ground = Ground(self.instance, {shifts.site for shifts in self.instance.shifts})
        ground.count((line for found in self.roll.of_group for line in found), published=True)
        return ground

    @cached_property
    def roll(self) -> Roll:
        """The lines by group, as a repair begins with them."""
        return Roll(self.instance, self.plan)


def repair(
    published: Published,
    changes: Sequence[Change],
    now: datetime,
    params: RepairParams | None = None,
) -> Repair:
    """Repair a published plan.

    Parameters
    ----------
    published
        The plan.
    changes
        What happened.
    now
        Present moment; duties that have begun stay.
    params
        What weighs how much; defaults when ``None``.

    Returns
    -------
    Repair
        The new plan, what it touches, and how much less any other could touch.

    Raises
    ------
    InputError
        When a change is wrong; nothing is done then.
    """
    return _Repairing(published, changes, now, params or RepairParams()).run()


def instance_after(published: Published, changes: Sequence[Change], now: datetime) -> Instance:
    """Return the instance after changes, to check a repaired plan against it.

    Raises
    ------
    InputError
        When a change is wrong.
    """
    applied = _with_past(
        published, apply_changes(published.event, published.instance, changes, now)
    )
    groups, lines = cut_groups(published.roll, applied.cuts, applied.now_min)
    return changed_instance(published, applied, groups, lines)


def follow(
    published: Published,
    changes: Sequence[Change],
    now: datetime,
    plan: Plan,
    apart: Sequence[Line],
) -> Published:
    """Return a repaired plan as published, ready for the next change.

    Parameters
    ----------
    published, changes, now
        What was repaired, after what, and when.
    plan
        The repaired plan, crews under the codes of their own groups (:meth:`Repair.plain_plan`).
    apart
        Lines of crews that the changes have split off (:attr:`Repair.apart`).

    Raises
    ------
    InputError
        When a change is wrong, or the plan does not answer it.
    """
    applied = _with_past(
        published, apply_changes(published.event, published.instance, changes, now)
    )
    groups, lines = cut_groups(published.roll, applied.cuts, applied.now_min)
    instance = changed_instance(published, applied, groups, lines)
    return Published(
        applied.event, instance, split_plan(plan, instance.hash, apart),
        published.level, published.params, applied.closures, applied.additions,
    )  # fmt: skip


def _with_past(published: Published, applied: Applied) -> Applied:
    """Let what earlier repairs closed and added hold on."""
    return replace(
        applied,
        closures=(*published.closures, *applied.closures),
        additions=(*published.additions, *applied.additions),
    )


class _Repairing:
    """Hold the state of one repair."""

    def __init__(
        self,
        published: Published,
        changes: Sequence[Change],
        now: datetime,
        params: RepairParams,
    ) -> None:
        self.published, self.params = published, params
        self.began = self._lap = time.monotonic()
        self.seconds: dict[str, float] = {}
        old = published.instance
        step = old.step_min
        self.now_min = -(-int((now - old.start).total_seconds()) // 60 // step) * step
        self.applied: Applied = _with_past(
            published, apply_changes(published.event, old, changes, now)
        )
        self._mark("apply")

    def _mark(self, name: str) -> None:
        now = time.monotonic()
        self.seconds[name] = round(now - self._lap, 4)
        self._lap = now

    def _left(self) -> float:
        return self.params.seconds - (time.monotonic() - self.began)

    def run(self) -> Repair:
        """Do it."""
        old, applied = self.published.instance, self.applied
        roll = self.published.roll
        groups, lines = cut_groups(roll, applied.cuts, applied.now_min)
        instance = changed_instance(self.published, applied, groups, lines)
        self._mark("need")
        shut = {closure.site for closure in applied.closures}
        self._lose(instance, roll.near(lines, shut))
        sites = applied.sites | {line.published[day].site for line in lines for day in line.lost}
        ground = Ground(instance, sites)
        near = roll.near(lines, sites)
        ground.count(near, published=True)
        before = ground.targets(cell for cell in old.cells if cell.site in sites)
        skip = max(0, self.now_min // instance.step_min)
        owed = owed_levels(ground, before, ground.cover, skip=skip)
        self._lose_needless(ground, before, near)
        for line in near:
            if line.lost:
                restore_runs(instance, line, self.now_min)
        ground.count(near, published=False)
        broken = ground.cover.copy()
        first = self._blocks(ground, owed)
        self._mark("damage")
        number = {group.code: i for i, group in enumerate(old.groups)}
        home = [number.get(group.code, number[group.code.partition(APART)[0]]) for group in groups]
        best, ground.cover = self._search(instance, ground, owed, lines, home)
        self._mark("search")
        last = self._blocks(ground, owed)
        touches = tuple(self._touches(instance, best))
        ground.cover = broken
        unforced = sum(t.crews * t.weight for t in touches if not t.is_forced)
        achieved = Achieved(points_by_track(last), unforced)
        proof = prove(
            ground, Crews(lines, near), owed, achieved,
            params=self.params, now_min=self.now_min, seconds=max(0.5, self._left()),
        )  # fmt: skip
        self._mark("proof")
        plan = plan_of_lines(instance, best)
        report = self.published.checked.after(instance, plan)
        if report.violations:
            raise AssertionError(f"Expected a valid plan, got {report.violations[0]}.")
        self._mark("check")
        forced = sum(t.crews for t in touches if t.is_forced)
        weight = sum(t.crews * t.weight for t in touches if t.is_forced)
        names = ground.tables.track_names
        hours = instance.step_min / 60
        return Repair(
            instance=instance,
            plan=plan,
            touches=touches,
            touched=sum(t.crews for t in touches),
            forced=forced,
            weighted=sum(t.crews * t.weight for t in touches),
            bound=float(weight + proof.weighted),
            bound_count=forced + proof.count,
            owed=_hours(first, names, hours),
            missing=_hours(last, names, hours),
            missing_points=missing_points(last),
            missing_bound=proof.missing,
            terms=report.terms,
            seconds=self.seconds | {"all": round(time.monotonic() - self.began, 4)},
        )

    def _search(
        self,
        instance: Instance,
        ground: Ground,
        owed: IntArray,
        lines: Sequence[CrewLine],
        home: Sequence[int],
    ) -> tuple[list[CrewLine], IntArray]:
        """Return the best lines of two searches, and the cover that they give.

        Those who rest are asked first, or all at once.
        """
        found: list[tuple[float, int, list[CrewLine], IntArray]] = []
        broken, book = ground.cover, RuleBook(instance, self.published.roll)
        for at_once in (False, True):
            trial = [line.copy() for line in lines]
            ground.cover = broken.copy()
            search = Search(
                ground, Donors(ground, self.published.ground, home), book, trial, owed,
                params=self.params, now_min=self.now_min,
            )  # fmt: skip
            search.run(self._left, at_once=at_once)
            missing = missing_points(self._blocks(ground, owed))
            weight = sum(t.crews * t.weight for t in self._touches(instance, trial))
            found.append((missing, weight, trial, ground.cover))
            if search.is_calm:
                break
        return min(found, key=lambda item: item[:2])[2:]

    @staticmethod
    def _blocks(ground: Ground, owed: IntArray) -> list[Block]:
        return blocks_of(ground, owed, edges=edges_of(ground), all_tracks=False)

    # ---- damage

    def _lose(self, instance: Instance, lines: Iterable[CrewLine]) -> None:
        """Take away the duties that crews can no longer work, or where nobody may stand."""
        closed: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for closure in self.applied.closures:
            closed[closure.site].append((closure.start_min, closure.end_min))
        for line in lines:
            group = instance.groups[line.group]
            travel = instance.travel[group.base]
            for day, duty in list(line.duties.items()):
                there = travel.get(duty.site, 0)
                start, end = duty.start_min - there, duty.end_min + there
                if start < self.now_min:
                    continue
                works = any(a <= start and end <= b for a, b in group.windows)
                shut = any(
                    duty.start_min < b and a < duty.end_min for a, b in closed.get(duty.site, ())
                )
                if not works or shut or line.is_away(start, end):
                    line.lose(day)

    def _lose_needless(self, ground: Ground, before: IntArray, lines: Iterable[CrewLine]) -> None:
        """Take away the duties that somebody asked for and nobody asks for any more."""
        target = ground.tables.target
        for line in lines:
            for day, duty in list(line.duties.items()):
                if duty.site not in self.applied.sites or duty.start_min < self.now_min:
                    continue
                option = ground.option(line.group, duty)
                if option is None:
                    continue
                span = ground.steps(duty)
                tracks = [t for t in option.tracks if ground.is_need[t]]
                was = any(before[t, span].any() for t in tracks)
                if was and not any(target[t, span].any() for t in tracks):
                    line.lose(day)

    # ---- the answer

    def _touches(self, instance: Instance, lines: Iterable[CrewLine]) -> Iterable[Touch]:
        """Yield what differs from the published plan, equal touches added up."""
        counted: dict[tuple[int, str, Duty | None, Duty | None, bool], int] = defaultdict(int)
        for line in lines:
            if line.is_as_published:
                continue
            for day in line.published.keys() | line.duties.keys():
                old, new = line.published.get(day), line.duties.get(day)
                if old != new and line.crews:
                    code = instance.groups[line.group].code
                    counted[day, code, old, new, day in line.lost] += line.crews
        for (day, code, old, new, forced), crews in sorted(
            counted.items(), key=lambda item: (item[0][:2], str(item[0][2:]))
        ):
            starts = [duty.start_min for duty in (old, new) if duty is not None]
            weight = touch_weight(self.params, min(starts) - self.now_min)
            yield Touch(code, crews, day, old, new, weight, forced)


def _hours(blocks: Iterable[Block], names: Sequence[str], hours: float) -> Mapping[str, float]:
    found: dict[str, float] = defaultdict(float)
    for block in blocks:
        found[names[block.track]] += block.short * (block.last - block.first) * hours
    return dict(sorted(found.items()))


def changed_instance(
    published: Published,
    applied: Applied,
    groups: tuple[Group, ...],
    lines: Sequence[CrewLine],
) -> Instance:
    """Return the instance after a change; only the sites concerned are computed anew.

    Duties that were published stay in the catalogue, so that nobody is moved only because the moments
    of handover have shifted.
    """
    old, sites = published.instance, applied.sites
    cells, shifts = old.cells, old.shifts
    lines = published.roll.near(lines, sites)
    if sites:
        need = assess_sites(applied.event, sites)
        parts = build_sites(applied.event, need, level=published.level, params=published.params)
        fresh = [cell for cell in parts.cells if not _is_closed(cell, applied)]
        fresh += [
            piece
            for cell in parts.cells
            if _is_closed(cell, applied)
            for piece in _open_pieces(cell, applied)
        ]
        for addition in (a for a in applied.additions if a.site in sites):
            fresh = added_cells(fresh, addition, published.params)
        kept = [cell for cell in old.cells if cell.site not in sites]
        cells = tuple(sorted([*kept, *fresh], key=_cell_key))
        shifts = _shifts(published, parts.shifts, applied, lines)
    limits = (*old.limits, *_closed_limits(old, applied, lines))
    return replace(old, cells=cells, shifts=shifts, groups=groups, limits=limits)


def _closed_limits(old: Instance, applied: Applied, lines: Iterable[CrewLine]) -> Iterable[Limit]:
    """Yield a limit of nobody for every contingent that reaches a closed site, so that it is checked.

    Duties that have begun are finished.
    """
    for closure in applied.closures:
        begun = [
            duty.end_min
            for line in lines
            for duty in line.published.values()
            if duty.site == closure.site and duty.start_min < applied.now_min < duty.end_min
        ]
        start = max([closure.start_min, *begun])
        reaching = {g.contingent for g in old.groups if closure.site in old.travel[g.base]}
        for contingent in sorted(reaching) if start < closure.end_min else ():
            limit = Limit(closure.site, contingent, start, closure.end_min, 0)
            if limit not in old.limits:
                yield limit


def _cell_key(cell: Cell) -> tuple[bool, str, str, tuple[str, ...], int]:
    return bool(cell.capabilities), cell.site, cell.skill, cell.capabilities, cell.start_min


def _is_closed(cell: Cell, applied: Applied) -> bool:
    return any(
        c.site == cell.site and c.start_min < cell.end_min and cell.start_min < c.end_min
        for c in applied.closures
    )


def _open_pieces(cell: Cell, applied: Applied) -> list[Cell]:
    """Return the parts of a cell in which its site is open."""
    spans = [(cell.start_min, cell.end_min)]
    for closure in applied.closures:
        if closure.site == cell.site:
            spans = [
                piece
                for a, b in spans
                for piece in ((a, min(b, closure.start_min)), (max(a, closure.end_min), b))
                if piece[0] < piece[1]
            ]
    return [replace(cell, start_min=a, end_min=b) for a, b in spans]


def _end(instance: Instance) -> int:
    return instance.days * _DAY


def _shifts(
    published: Published,
    fresh: Sequence[Shifts],
    applied: Applied,
    lines: Iterable[CrewLine],
) -> tuple[Shifts, ...]:
    """Return the catalogue after a change: what is asked now, and what was published."""
    sites, params = applied.sites, published.params
    marks: dict[tuple[str, str], set[int]] = defaultdict(set)
    for more in (a for a in applied.additions if a.site in sites):
        end = max(more.end_min, more.start_min + params.duty_least_min)
        marks[more.site, more.capability] |= {more.start_min, min(end, _end(published.instance))}
    for line in lines:
        for duty in line.published.values():
            if duty.site in sites:
                marks[duty.site, duty.capability] |= {duty.start_min, duty.end_min}
    found = {(s.site, s.capability): s for s in published.instance.shifts if s.site not in sites}
    new = {(s.site, s.capability): s for s in fresh}
    old = {(s.site, s.capability): s for s in published.instance.shifts}
    for key in new.keys() | marks.keys():
        base = new.get(key) or old.get(key)
        if base is None:
            base = Shifts(*key, (), params.duty_least_min, params.duty_most_min)
        own = set(base.marks_min) if key in new else set()
        found[key] = replace(base, marks_min=tuple(sorted(own | marks[key])))
    return tuple(shifts for _, shifts in sorted(found.items()))
