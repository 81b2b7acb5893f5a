"""Answer a change of a published plan: apply, see what is broken, repair, prove, check.

What happens stands in this order in :func:`repair`. Past duties never change. Every answer has passed
the independent checker, on the instance as it is after the change.
"""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from passerelle.planning.repair.ground import Donors, Ground
from passerelle.planning.repair.lines import (
    plan_of_lines,
    restore_runs,
)
from passerelle.planning.repair.owed import blocks_of, owed_levels
from passerelle.planning.repair.proof import (
    Achieved,
    Crews,
    missing_points,
    points_by_track,
    prove,
)
from passerelle.planning.repair.published import after, applied_to
from passerelle.planning.repair.rulebook import RuleBook
from passerelle.planning.repair.search import Search, edges_of, touch_weight
from passerelle.planning.repair.values import Repair, RepairParams, Touch
from passerelle.planning.roster.locks import APART

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    import numpy as np
    import numpy.typing as npt

    from passerelle.planning.repair.apply import Applied
    from passerelle.planning.repair.changes import Change
    from passerelle.planning.repair.lines import CrewLine
    from passerelle.planning.repair.owed import Block
    from passerelle.planning.repair.published import Published
    from passerelle.planning.roster.instance import Instance
    from passerelle.planning.roster.plan import Duty

    IntArray = npt.NDArray[np.int32]

__all__ = ["repair"]

_DAY: Final = 1440


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
        self.applied: Applied = applied_to(published, changes, now)
        self.now_min = self.applied.now_min
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
        changed = after(self.published, applied)
        instance, lines = changed.instance, changed.lines
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
        home = [
            number.get(group.code, number[group.code.partition(APART)[0]])
            for group in instance.groups
        ]
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
                params=self.params, now_min=self.now_min, held=self.published.held,
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
                if option is None or self._is_held(ground.instance, line, duty):
                    continue
                span = ground.steps(duty)
                tracks = [t for t in option.tracks if ground.is_need[t]]
                was = any(before[t, span].any() for t in tracks)
                if was and not any(target[t, span].any() for t in tracks):
                    line.lose(day)

    def _is_held(self, instance: Instance, line: CrewLine, duty: Duty) -> bool:
        """Tell whether somebody ordered that crews of the line's group keep a duty."""
        code = instance.groups[line.group].code.partition(APART)[0]
        return (code, duty) in self.published.held

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
