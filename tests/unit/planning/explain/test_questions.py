"""What-if, substitutes, conflicts and prices on cases that can be worked out by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories.events import make_event, make_session
from tests.factories.roster import START
from tests.factories.tiny import tiny_instance

from passerelle.kernel.times import Interval
from passerelle.planning.explain import (
    Reason,
    conflict_of,
    crew_prices,
    substitutes,
    what_if,
)
from passerelle.planning.repair import Published
from passerelle.planning.roster.check import check
from passerelle.planning.roster.instance import Base, Cell, Group, Instance, Shifts
from passerelle.planning.roster.plan import Duty, Line, Plan

_AT_A = Duty(480, 960, "A", "patrol")
_AT_B = Duty(480, 960, "B", "patrol")


def _group(code: str, crews: int, base: str = "near", **more: object) -> Group:
    return Group(code, code, ("patrol",), crews, 1, base, ((0, 1440),), **more)  # type: ignore[arg-type] # named by the tests


def _instance(*groups: Group, at_a: int = 1, at_b: int = 1) -> Instance:
    bases = (Base("near", {"A": 0, "B": 0}), Base("far", {"A": 120, "B": 120}))
    cells = tuple(
        Cell(site, "patrol", 480, 960, n, n, n, 50.0, 50.0)
        for site, n in (("A", at_a), ("B", at_b))
        if n
    )
    shifts = tuple(Shifts(site, "patrol", (480, 960), 480, 480) for site in "AB")
    return Instance("hand", START, 1, 60, bases, groups, cells, shifts)


def _published(instance: Instance, *lines: Line) -> Published:
    period = Interval(START, START + timedelta(days=1))
    event = make_event(make_session(start=START + timedelta(hours=9)), period=period)
    return Published(event, instance, Plan(instance.hash, lines))


def test_what_if_says_the_same_as_the_checker() -> None:
    instance = _instance(_group("G", 2))
    published = _published(instance, Line("G", 1, (_AT_A,)))

    answer = what_if(published, "G", (_AT_A,), _AT_A, _AT_B)

    moved = Plan(instance.hash, (Line("G", 1, (_AT_B,)),))
    before, after = check(instance, published.plan), check(instance, moved)
    assert answer.value == pytest.approx(after.value - before.value)
    assert [(c.track, c.points) for c in answer.covers] == [("A/patrol", 400), ("B/patrol", -400)]
    assert answer.violations == ()


def test_what_if_names_the_rules_that_would_break() -> None:
    published = _published(_instance(_group("G", 2)), Line("G", 1, (_AT_A,)))

    answer = what_if(published, "G", (_AT_A,), None, Duty(900, 1380, "B", "patrol"))

    assert {v.rule for v in answer.violations} >= {"rest", "catalogue"}


def test_substitutes_are_ranked_with_the_reason_why_each_is_worse() -> None:
    groups = (_group("A1", 1), _group("R1", 1), _group("T1", 1, "far"), _group("S1", 1))
    published = _published(_instance(*groups), Line("A1", 1, (_AT_A,)), Line("S1", 1, (_AT_B,)))

    found = substitutes(published, "A1", _AT_A)

    assert [(s.group, s.reason) for s in found] == [
        ("R1", Reason.RESTS),
        ("T1", Reason.TRAVELS),
        ("S1", Reason.LEAVES_SHORT),
    ]
    assert [s.points for s in found] == [0.0, 6.0, 392.0]


def test_a_crew_blocked_by_a_rule_comes_last_with_its_name() -> None:
    groups = (_group("A1", 1), _group("L1", 1, locked=()))
    late = Group("W1", "W1", ("patrol",), 1, 1, "near", ((600, 1440),))
    published = _published(_instance(*groups, late), Line("A1", 1, (_AT_A,)))

    found = substitutes(published, "A1", _AT_A)

    assert found[-1].group == "W1"
    assert found[-1].detail.startswith("availability")


def test_conflict_names_the_needs_and_rules_that_cannot_hold_together() -> None:
    found = conflict_of(_instance(_group("G", 1)), 0)

    assert found.needs == ("A/patrol", "B/patrol")
    assert found.missing_hours == pytest.approx(8.0)
    assert found.is_confirmed


def test_no_conflict_is_said_where_everything_can_be_met() -> None:
    found = conflict_of(_instance(_group("G", 2)), 0)

    assert not found.exists


@pytest.mark.parametrize("seed", range(12))
def test_conflicts_are_irreducible_and_confirmed(seed: int) -> None:
    found = conflict_of(tiny_instance(seed), 0)

    assert found.is_confirmed


def test_one_more_crew_is_worth_what_it_would_save() -> None:
    prices = crew_prices(_instance(_group("G", 1), at_a=2, at_b=0), part_min=480)

    assert prices[0].skill == "patrol"
    assert prices[0].points == pytest.approx(8 * 48.0, abs=8.1)
    assert prices[0].missing_hours == pytest.approx(8.0)
