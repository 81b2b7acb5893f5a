"""A plan that was repaired is repaired again: what stood after the first change holds on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.factories.events import make_event, make_session
from tests.factories.roster import START

from passerelle.kernel.problems import InputError
from passerelle.kernel.times import Interval
from passerelle.planning.need import assess
from passerelle.planning.repair import (
    ContingentSmaller,
    CrewIll,
    Past,
    PostAdded,
    Published,
    RiskRaised,
    SessionAdded,
    SessionCancelled,
    SessionMoved,
    SiteClosed,
    follow,
    need_after,
    programme_after,
    repair,
)
from passerelle.planning.roster.check import check
from passerelle.planning.roster.instance import Base, Cell, Group, Instance, Shifts
from passerelle.planning.roster.locks import Lock
from passerelle.planning.roster.plan import Duty, Line, Plan

if TYPE_CHECKING:
    from passerelle.planning.repair import Change, Repair

_DAY = 1440
_LATER = START + timedelta(days=4, hours=15)


def _after(published: Published, *changes: Change) -> tuple[Published, Repair]:
    """Repair after one change, then another, and so on."""
    for change in changes:
        answer = repair(published, [change], START)
        published = follow(published, [change], START, answer.plain_plan(), answer.apart)
        assert published.instance.hash == answer.instance.hash
    return published, answer


def test_a_moved_session_stays_moved(planned: Published) -> None:
    published, _ = _after(planned, SessionMoved("M2", _LATER))

    answer = repair(published, [RiskRaised("M1", risk=5)], START)

    assert check(answer.instance, answer.plan).violations == ()
    assert not any(touch.day in {3, 4, 5} for touch in answer.touches)


def test_crews_stay_ill_through_the_next_change(planned: Published) -> None:
    group = next(g for g in planned.instance.groups if g.capabilities == ("patrol",))
    ill = CrewIll(group.code, START + timedelta(days=3), START + timedelta(days=5), crews=2)
    published, _ = _after(planned, ill)
    again = CrewIll(group.code, START + timedelta(days=3), START + timedelta(days=5), crews=3)

    _, answer = _after(published, again)

    parts = [g for g in answer.instance.groups if g.code.startswith(f"{group.code}~")]
    assert sorted(g.strength for g in parts) == [2, 3]
    for line in answer.apart:
        for duty in line.duties:
            assert not (duty.start_min < 5 * _DAY and duty.end_min > 3 * _DAY)


def test_a_closed_site_stays_closed_and_an_added_post_stays_asked(planned: Published) -> None:
    closed = SiteClosed(
        "STE", START + timedelta(days=1, hours=14), START + timedelta(days=1, hours=18)
    )
    start = START + timedelta(days=5, hours=8)
    post = PostAdded("X", "STE", "patrol", start, start + timedelta(hours=6), 2)

    _, answer = _after(planned, closed, post, SessionCancelled("M2"))

    first, last = _DAY + 14 * 60, _DAY + 18 * 60
    assert not [c for c in answer.instance.cells if c.start_min < last and c.end_min > first]
    asked = [c for c in answer.instance.cells if c.start_min >= 5 * _DAY]
    assert [(c.skill, c.target) for c in asked] == [("patrol", 2)]
    assert answer.missing_points == pytest.approx(0.0)


def test_a_plan_that_does_not_answer_the_change_is_refused(planned: Published) -> None:
    group = next(g for g in planned.instance.groups if g.capabilities == ("patrol",))
    change = ContingentSmaller(group.code, 0)

    with pytest.raises(InputError):
        follow(planned, [change], START, planned.plan, ())


# ---- programme and need


def _seconds(need: object, site: int) -> set[tuple[int, int]]:
    rows = np.flatnonzero(need.site == site)  # type: ignore[attr-defined]
    return {(int(need.start[r]), int(need.end[r])) for r in rows}  # type: ignore[attr-defined]


def test_the_need_after_sessions_changed_is_that_of_the_changed_programme(
    planned: Published,
) -> None:
    pasts = [
        Past(SessionMoved("M2", _LATER), START),
        Past(SessionAdded("M3", "M1", START + timedelta(days=5, hours=15)), START),
    ]

    event = programme_after(planned.event, pasts)

    assert [s.id for s in event.sessions] == ["M1", "M2", "M3"]
    assert event.sessions[1].interval.start == _LATER
    need, whole = need_after(planned.event, pasts), assess(event)
    assert len(need) == len(whole)
    assert np.array_equal(need.start, whole.start)
    assert np.array_equal(need.central, whole.central)


def test_an_added_post_is_asked_over_midnight_and_all_of_it(planned: Published) -> None:
    start = START + timedelta(days=4, hours=20)
    past = Past(PostAdded("X", "STE", "patrol", start, start + timedelta(hours=8), 3), START)

    need, before = need_after(planned.event, [past]), assess(planned.event)

    added = [r for r in range(len(need)) if int(need.start[r]) >= start.timestamp()]
    assert len(need) == len(before) + 2
    hours = sum(int(need.end[r] - need.start[r]) for r in added) / 3600
    assert (hours, {int(need.central[r]) for r in added}) == (8.0, {3})
    assert {int(need.minimum[r]) for r in added} == {3}


def test_nothing_is_needed_at_a_closed_site(planned: Published) -> None:
    start = START + timedelta(days=1, hours=14)
    end = START + timedelta(days=1, hours=18)
    first, last = int(start.timestamp()), int(end.timestamp())

    need = need_after(planned.event, [Past(SiteClosed("STE", start, end), START)])

    whole = assess(planned.event)
    site = need.site_ids.index("STE")
    assert not [1 for a, b in _seconds(need, site) if a < last and b > first]

    def hours(found: object) -> int:
        rows = zip(found.start, found.end, found.central, strict=True)  # type: ignore[attr-defined]
        return sum(
            (max(0, min(int(b), first) - int(a)) + max(0, int(b) - max(int(a), last))) * int(n)
            for a, b, n in rows
        )

    assert hours(need) == hours(whole)
    order = list(zip(need.site, need.capability, need.start, strict=True))
    assert order == sorted(order)


def test_a_change_that_does_not_fit_the_programme_is_refused(planned: Published) -> None:
    with pytest.raises(InputError):
        programme_after(planned.event, [Past(SessionCancelled("NONE"), START)])


def test_splitting_takes_no_crew_twice(planned: Published) -> None:
    group = next(g for g in planned.instance.groups if g.capabilities == ("patrol",))
    ill = CrewIll(group.code, START + timedelta(days=3), START + timedelta(days=4), crews=5)

    published, answer = _after(planned, ill)

    def crews(plan: Plan) -> int:
        return sum(line.crews for line in plan.lines if line.group.startswith(group.code))

    assert crews(published.plan) == crews(answer.plain_plan())


def test_a_locked_duty_stays_when_nobody_asks_for_it_any_more(planned: Published) -> None:
    freed = repair(planned, [SessionCancelled("M2")], START)
    touch = next(t for t in freed.touches if t.before is not None)
    assert touch.before is not None
    held = replace(planned, locks=(Lock(touch.group, touch.before, 1),))

    answer = repair(held, [SessionCancelled("M2")], START)

    assert not [t for t in answer.touches if (t.group, t.before) == (touch.group, touch.before)]
    assert answer.touched == freed.touched - touch.crews
    assert check(answer.instance, answer.plan).violations == ()


def test_no_crew_is_taken_from_a_locked_duty() -> None:
    day = 1440
    cells = (
        Cell("A", "patrol", 480, 960, 0, 1, 2, 10.0, 10.0),
        Cell("B", "patrol", 480, 960, 1, 1, 1, 100.0, 10.0),
    )
    shifts = tuple(Shifts(site, "patrol", (480, 960), 240, 720) for site in ("A", "B"))
    groups = tuple(
        Group(code, "FR", ("patrol",), crews, 1, "HQ", ((0, day),))
        for code, crews in (("G", 2), ("H", 1))
    )
    base = Base("HQ", {"A": 0, "B": 0})
    instance = Instance("two", START, 1, 60, (base,), groups, cells, shifts)
    there, here = Duty(480, 960, "A", "patrol"), Duty(480, 960, "B", "patrol")
    plan = Plan(instance.hash, (Line("G", 2, (there,)), Line("H", 1, (here,))))
    event = make_event(make_session(), period=Interval(START, START + timedelta(days=2)))
    published = Published(event, instance, plan)
    now = START - timedelta(days=5)

    moved = repair(published, [ContingentSmaller("H", 0)], now)
    stayed = repair(
        replace(published, locks=(Lock("G", there, 2),)), [ContingentSmaller("H", 0)], now
    )

    assert sum(t.crews for t in moved.touches if t.group == "G") == 1
    assert not [t for t in stayed.touches if t.group == "G"]
    assert stayed.missing_points > 0
