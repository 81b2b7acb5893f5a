"""Repairs that can be worked out by hand, and bounds against enumeration."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from itertools import combinations_with_replacement, permutations, product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.factories.events import make_event, make_session
from tests.factories.roster import START, host_force
from tests.factories.tiny import lawful_lines, tiny_instance

from passerelle.kernel.times import Interval
from passerelle.planning.need import assess
from passerelle.planning.repair import (
    ContingentGone,
    ContingentLate,
    ContingentSmaller,
    CrewIll,
    PostAdded,
    Published,
    Repair,
    RepairParams,
    SessionCancelled,
    SessionMoved,
    SiteClosed,
    TouchKind,
    repair,
)
from passerelle.planning.repair.apply import apply_changes
from passerelle.planning.repair.cutting import cut_groups
from passerelle.planning.repair.ground import Ground
from passerelle.planning.repair.owed import blocks_of, owed_levels
from passerelle.planning.repair.proof import points_by_track
from passerelle.planning.repair.search import edges_of, touch_weight
from passerelle.planning.roster.build import build_instance
from passerelle.planning.roster.check import check
from passerelle.planning.roster.instance import Base, Cell, Group, Instance, Shifts
from passerelle.planning.roster.plan import Duty, Line, Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.planning.programme import Event

    ForceChange = ContingentLate | ContingentGone | ContingentSmaller | CrewIll

SEEDS = int(os.environ.get("REPAIR_CASES", "60"))
_NOW = START - timedelta(days=5)
_DAY = 1440


def _event(days: int = 3) -> Event:
    period = Interval(START - timedelta(days=6), START + timedelta(days=days))
    return make_event(make_session(start=START + timedelta(hours=12)), period=period)


def _group(code: str, crews: int, **more: object) -> Group:
    capability = str(more.pop("capability", "patrol"))
    return Group(code, code[:1], (capability,), crews, 1, "base", ((0, 3 * _DAY),), **more)  # type: ignore[arg-type] # named by the tests


def _instance(*groups: Group, target: int) -> Instance:
    """Ask for patrols on the second of three days, 8 to 16 h."""
    cells = (Cell("STE", "patrol", _DAY + 480, _DAY + 960, target, target, target, 50.0, 50.0),)
    marks = (_DAY + 480, _DAY + 960)
    shifts = tuple(Shifts("STE", kind, marks, 480, 480) for kind in ("escort", "patrol"))
    return Instance("hand", START, 3, 60, (Base("base", {"STE": 0}),), groups, cells, shifts)


_DUTY = Duty(_DAY + 480, _DAY + 960, "STE", "patrol")


def _published(instance: Instance, *lines: tuple[str, int]) -> Published:
    plan = Plan(instance.hash, tuple(Line(code, crews, (_DUTY,)) for code, crews in lines))
    return Published(_event(), instance, plan)


def _ill(group: str, **more: int) -> CrewIll:
    return CrewIll(group, START + timedelta(days=1), START + timedelta(days=2), **more)


def test_a_resting_crew_takes_the_duty_of_an_ill_one() -> None:
    published = _published(_instance(_group("A", 3), _group("B", 2), target=3), ("A", 3))

    answer = repair(published, [_ill("A")], _NOW)

    kinds = {(t.group, t.kind, t.crews, t.is_forced) for t in answer.touches}
    assert ("A~1", TouchKind.DROPPED, 1, True) in kinds
    assert {kind for _, kind, _, _ in kinds} == {TouchKind.DROPPED, TouchKind.NEW}
    assert (answer.touched, answer.bound_count, answer.missing_points) == (2, 2, 0.0)
    assert answer.is_least


def test_nobody_else_is_touched_when_more_stand_than_are_wanted() -> None:
    published = _published(_instance(_group("A", 3), _group("B", 2), target=2), ("A", 3))

    answer = repair(published, [_ill("A")], _NOW)

    assert (answer.touched, answer.forced) == (1, 1)


def test_what_cannot_be_filled_is_said_with_a_bound() -> None:
    published = _published(_instance(_group("A", 3), target=3), ("A", 3))

    answer = repair(published, [_ill("A", crews=2)], _NOW)

    assert answer.missing == {"STE/patrol": 16.0}
    assert answer.missing_points == answer.missing_bound == 800.0


def test_crews_that_have_lost_their_escort_are_replaced_or_sent_home() -> None:
    host = _group("E", 1, capability="escort")
    guest = _group("G", 1, crews_per_escort=1)
    instance = _instance(host, guest, _group("H", 1), target=1)
    escort = replace(_DUTY, capability="escort")
    plan = Plan(instance.hash, (Line("E", 1, (escort,)), Line("G", 1, (_DUTY,))))

    answer = repair(Published(_event(), instance, plan), [_ill("E")], _NOW)

    assert not check(answer.instance, answer.plan).violations
    assert [line.group for line in answer.plan.lines] in (["H"], [])


def test_a_contingent_that_comes_late_loses_what_lies_before() -> None:
    published = _published(_instance(_group("A", 2), _group("B", 2), target=2), ("A", 2))

    answer = repair(published, [ContingentLate("A", START + timedelta(days=2))], _NOW)

    assert (answer.forced, answer.touched, answer.missing_points) == (2, 4, 0.0)


def test_a_contingent_that_is_gone_or_smaller_is_made_good() -> None:
    published = _published(_instance(_group("A", 2), _group("B", 2), target=2), ("A", 2))

    gone = repair(published, [ContingentGone("A")], _NOW)
    smaller = repair(published, [ContingentSmaller("A", 1)], _NOW)

    assert (gone.touched, smaller.touched) == (4, 2)


def test_crews_without_duty_leave_first() -> None:
    published = _published(_instance(_group("A", 3), target=1), ("A", 1))

    answer = repair(published, [ContingentSmaller("A", 1)], _NOW)

    assert answer.touched == 0


def test_no_more_is_touched_than_the_budget_allows() -> None:
    published = _published(_instance(_group("A", 2), _group("B", 2), target=2), ("A", 2))

    answer = repair(published, [ContingentGone("A")], _NOW, RepairParams(budget=1))

    assert (answer.touched, answer.forced) == (3, 2)


def test_duties_that_have_begun_stay() -> None:
    published = _published(_instance(_group("A", 2), _group("B", 2), target=2), ("A", 2))
    during = START + timedelta(days=1, hours=9)

    answer = repair(published, [ContingentGone("A")], during)

    assert answer.touched == 0


def test_a_duty_under_way_lets_nobody_else_of_the_group_start_another() -> None:
    early, late = Duty(_DAY, _DAY + 480, "STE", "patrol"), _DUTY
    instance = _instance(_group("A", 2), _group("B", 1), target=1)
    shifts = Shifts("STE", "patrol", (_DAY, _DAY + 480, _DAY + 960), 480, 480)
    cells = (*instance.cells, replace(instance.cells[0], start_min=_DAY, end_min=_DAY + 480))
    instance = replace(instance, cells=cells, shifts=(shifts,))
    plan = Plan(instance.hash, (Line("A", 1, (early,)), Line("A", 1, (late,))))
    during = START + timedelta(days=1, hours=4)

    answer = repair(Published(_event(), instance, plan), [ContingentGone("A")], during)

    lines = {line.group: line.duties for line in answer.plan.lines}
    assert lines == {"A": (early,), "B": (late,)}


# ---- through the demand model


def test_a_session_that_moves_takes_its_crews_along(planned: Published) -> None:
    start = START + timedelta(days=4, hours=15)

    answer = repair(planned, [SessionMoved("M2", start)], START)

    assert answer.missing_points == pytest.approx(0.0)
    assert answer.weighted >= answer.bound - 1e-6
    days = {touch.day for touch in answer.touches}
    assert days <= {2, 3, 4, 5}
    rebuilt = replace(
        planned.event,
        sessions=tuple(
            replace(s, interval=Interval(start, start + s.interval.length)) if s.id == "M2" else s
            for s in planned.event.sessions
        ),
    )
    whole = build_instance(
        rebuilt, assess(rebuilt), host_force(planned_codes(planned), rebuilt.period)
    )
    assert answer.instance.cells == whole.cells


def planned_codes(planned: Published) -> tuple[str, ...]:
    return tuple(group.capabilities[0] for group in planned.instance.groups)


def test_a_session_that_falls_frees_its_crews(planned: Published) -> None:
    answer = repair(planned, [SessionCancelled("M2")], START)

    assert answer.touched == answer.forced > 0
    assert {touch.kind for touch in answer.touches} == {TouchKind.DROPPED}
    assert answer.is_least


def test_nobody_stands_at_a_closed_site(planned: Published) -> None:
    start, end = START + timedelta(days=3), START + timedelta(days=4)

    answer = repair(planned, [SiteClosed("STE", start, end)], START)

    first, last = 3 * _DAY, 4 * _DAY
    assert not [
        duty
        for line in answer.plan.lines
        for duty in line.duties
        if duty.start_min < last and duty.end_min > first
    ]


def test_a_post_is_filled_by_as_few_crews_as_it_asks_for(planned: Published) -> None:
    start = START + timedelta(days=5, hours=8)

    answer = repair(
        planned, [PostAdded("X", "STE", "patrol", start, start + timedelta(hours=8), 3)], START
    )

    assert (answer.touched, answer.bound_count) == (3, 3)
    assert answer.missing_points == 0.0


def test_a_post_comes_on_top_of_what_is_asked_there(planned: Published) -> None:
    cell = next(
        c
        for c in planned.instance.cells
        if c.skill == "patrol" and c.target > 3 and c.start_min > _DAY
    )
    start = planned.instance.start + timedelta(minutes=cell.start_min)
    end = planned.instance.start + timedelta(minutes=cell.end_min)

    answer = repair(planned, [PostAdded("X", "STE", "patrol", start, end, 2)], START)

    grown = next(
        c
        for c in answer.instance.cells
        if (c.site, c.skill, c.start_min) == ("STE", "patrol", cell.start_min)
    )
    assert (grown.target, grown.minimum) == (cell.target + 2, cell.minimum + 2)


# ---- bounds against enumeration


def test_bounds_are_never_above_what_enumeration_finds() -> None:
    compared = 0

    for seed in range(SEEDS):
        instance = tiny_instance(seed)
        rng = np.random.default_rng(seed)
        staffed = [g for g in instance.groups if g.strength]
        sizes = [len(list(lawful_lines(instance, g))) ** g.strength for g in staffed]
        if not staffed or instance.days < 2 or np.prod(sizes) > 3000:
            continue
        plan = _some_plan(instance, rng)
        if plan is None or not plan.lines:
            continue
        published = Published(_event(instance.days), instance, plan)
        change = _some_change(instance, staffed[int(rng.integers(len(staffed)))], rng)

        answer = repair(published, [change], _NOW)

        missing, touches = _enumerated(published, change, answer)
        assert answer.missing_bound <= missing + 1e-6, seed
        assert answer.missing_points >= missing - 1e-6, seed
        assert answer.bound <= touches + 1e-6, seed
        compared += 1

    assert compared >= 8


def _some_change(instance: Instance, group: Group, rng: np.random.Generator) -> ForceChange:
    day = START + timedelta(days=int(rng.integers(instance.days)))
    kind = int(rng.integers(6))
    if kind == 0:
        return ContingentLate(group.code, day)
    if kind == 1:
        return ContingentGone(group.code)
    if kind == 2:
        return ContingentSmaller(group.code, group.strength - 1)
    return CrewIll(group.code, day, day + timedelta(days=1))


def _some_plan(instance: Instance, rng: np.random.Generator) -> Plan | None:
    """Draw plans until one keeps the rules between crews."""
    choices = {g.code: list(lawful_lines(instance, g)) for g in instance.groups}
    for _ in range(40):
        lines = []
        for group in instance.groups:
            for _ in range(group.strength):
                line = choices[group.code][int(rng.integers(len(choices[group.code])))]
                if line:
                    lines.append(Line(group.code, 1, line))
        plan = Plan(instance.hash, tuple(lines))
        if not check(instance, plan).violations:
            return plan
    return None


def _enumerated(published: Published, change: ForceChange, answer: Repair) -> tuple[float, float]:
    """Return the least missing points, and the least touches that leave no post with more missing."""
    old = published.instance
    applied = apply_changes(published.event, old, [change], _NOW)
    groups, lines = cut_groups(published.roll, applied.cuts, applied.now_min)
    instance = replace(old, groups=groups)
    sites = {
        duty.site
        for line in lines
        for duty in line.published.values()
        if not _inside(instance.groups[line.group], duty, instance)
    }
    ground = Ground(instance, sites)
    ground.count(lines, published=True)
    owed = owed_levels(ground, ground.targets(old.cells), ground.cover, skip=0)
    now_min = int((_NOW - old.start).total_seconds()) // 60
    before = [
        [tuple(sorted(line.published.values())) for line in lines if line.group == g
         for _ in range(line.crews)]
        for g in range(len(groups))
    ]  # fmt: skip
    options = [
        list(combinations_with_replacement(list(lawful_lines(instance, g)), g.strength))
        for g in groups
    ]
    achieved = _missing(ground, owed, groups, answer.plan)
    least, fewest = float("inf"), float("inf")
    for picked in product(*options):
        plan = Plan(
            instance.hash,
            tuple(
                Line(groups[g].code, 1, line)
                for g, chosen in enumerate(picked)
                for line in chosen
                if line
            ),
        )
        if check(instance, plan).violations:
            continue
        points = _missing(ground, owed, groups, plan)
        least = min(least, sum(points.values()))
        if all(points[track] <= achieved.get(track, 0.0) + 1e-6 for track in points):
            touches = sum(
                _touches(instance, groups[g], before[g], chosen, now_min)
                for g, chosen in enumerate(picked)
            )
            fewest = min(fewest, touches)
    return least, fewest


def _missing(
    ground: Ground, owed: np.ndarray, groups: Sequence[Group], plan: Plan
) -> dict[int, float]:
    """Return the weighted points that a plan leaves missing, by track."""
    number = {group.code: i for i, group in enumerate(groups)}
    ground.cover[:] = 0
    for line in plan.lines:
        for duty in line.duties:
            if duty.site in ground.sites:
                ground.add(number[line.group], duty, line.crews)
    return points_by_track(blocks_of(ground, owed, edges=edges_of(ground), all_tracks=False))


def _inside(group: Group, duty: Duty, instance: Instance) -> bool:
    travel = instance.travel[group.base][duty.site]
    return any(
        a <= duty.start_min - travel and duty.end_min + travel <= b for a, b in group.windows
    )


def _touches(
    instance: Instance,
    group: Group,
    before: list[tuple[Duty, ...]],
    after: tuple[tuple[Duty, ...], ...],
    now_min: int,
) -> int:
    """Return the least weight of touches over all ways to give the new lines to the crews."""
    travel = instance.travel[group.base]

    def by_day(line: tuple[Duty, ...]) -> dict[int, Duty]:
        return {(duty.start_min - travel[duty.site]) // _DAY: duty for duty in line}

    def weight(old: tuple[Duty, ...], new: tuple[Duty, ...]) -> int:
        a, b = by_day(old), by_day(new)
        total = 0
        for day in a.keys() | b.keys():
            if a.get(day) != b.get(day):
                starts = [d[day].start_min for d in (a, b) if day in d]
                total += touch_weight(RepairParams(), min(starts) - now_min)
        return total

    return min(
        (
            sum(weight(o, n) for o, n in zip(before, way, strict=True))
            for way in permutations(after)
        ),
        default=0,
    )
