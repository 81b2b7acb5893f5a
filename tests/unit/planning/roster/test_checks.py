"""Each rule of a plan by its slow reference: one line that breaks it, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from passerelle.planning.roster.check import check, check_line
from passerelle.planning.roster.checks import ASKS, RULES, Violation
from passerelle.planning.roster.instance import Base, Group, Instance, Limit, Shifts
from passerelle.planning.roster.plan import Duty, Line, Plan
from passerelle.planning.roster.rules import History, HoursWindow, Rules, SlidingHours

DAY = 1440
FREE = Rules(
    rest_min=0, weekly_rest_min=0, rest_days=0, run_days=99, run_span_min=99 * DAY,
    duty_most_min=2 * DAY, night_most_min=2 * DAY,
)  # fmt: skip
"""Rules that forbid nothing but two starts on a day."""

GROUP = Group("A", "H", ("patrol",), 2, 2, "near", ((0, 9 * DAY),), rules=FREE)
MARKS = tuple(range(0, 9 * DAY + 1, 240))
EVENT = Instance(
    "rules", datetime(2024, 1, 1, tzinfo=UTC), 9, 60,
    (Base("near", {"S": 0, "T": 60}),), (GROUP,), (),
    (Shifts("S", "patrol", MARKS, 240, 960), Shifts("S", "escort", MARKS, 240, 960)),
)  # fmt: skip


def at(day: int, start: int = 8, end: int = 16, site: str = "S", skill: str = "patrol") -> Duty:
    """Return a duty between two hours of a day."""
    return Duty(day * DAY + start * 60, day * DAY + end * 60, site, skill)


def ruled(**changes: object) -> Group:
    """Return the group with other rules."""
    return replace(GROUP, rules=replace(FREE, **changes))


NIGHT = (20, 28)

LINES: dict[str, tuple[Group, tuple[Duty, ...], Violation]] = {
    "reach": (GROUP, (at(0, site="X"),), Violation("reach", "A", "a site in reach of near", "X")),
    "locked": (
        replace(GROUP, locked=(at(1),)), (at(0),),
        Violation("locked", "A", "S at day 2, 08:00", "absent"),
    ),
    "availability": (
        replace(GROUP, windows=((0, 900), (2000, 9 * DAY))), (at(0),),
        Violation("availability", "A at day 1, 08:00", "a duty within the windows", "day 1, 08:00 to day 1, 16:00"),
    ),
    "duty-length": (
        ruled(duty_most_min=590), (at(0, site="T"),),
        Violation("duty-length", "A at day 1, 07:00", "0 to 590 min", "600 min"),
    ),
    "night-length": (
        ruled(night_most_min=400), (at(0, *NIGHT),),
        Violation("night-length", "A at day 1, 20:00", "400 min", "480 min"),
    ),
    "one-a-day": (
        GROUP, (at(0, 0, 8), at(0, 12, 20)),
        Violation("one-a-day", "A at day 1, 12:00", "one start a local day", "two"),
    ),
    "rest": (
        ruled(rest_min=660, weekly_rest_min=660), (at(0, 12, 22), at(1)),
        Violation("rest", "A at day 2, 08:00", "not before day 2, 09:00", "day 2, 08:00"),
    ),
    "run-least": (
        ruled(run_least=2, weekly_rest_min=2100), (at(0), at(3), at(4)),
        Violation("run-least", "A at day 4, 08:00", "runs of 2", "1 duties"),
    ),
    "run": (
        ruled(run_days=2, weekly_rest_min=2100), (at(0), at(1), at(2)),
        Violation("run", "A at day 3, 08:00", "at most 2 duties in a run", "3"),
    ),
    "weekly-rest": (
        ruled(run_span_min=3000, weekly_rest_min=2100), (at(0), at(1), at(2)),
        Violation("weekly-rest", "A at day 3, 08:00", "a run of 3000 min", "3360"),
    ),
    "run-nights": (
        ruled(run_nights=1, weekly_rest_min=2100), (at(0, *NIGHT), at(1, *NIGHT), at(4, *NIGHT)),
        Violation("run-nights", "A at day 2, 20:00", "at most 1", "2"),
    ),
    "nights": (
        replace(ruled(nights=1), history=History(nights=1)), (at(0), at(1, *NIGHT)),
        Violation("nights", "A at day 2, 20:00", "at most 1", "2"),
    ),
    "hours": (
        replace(ruled(hours=(HoursWindow(0, 2 * DAY, 900),)), history=History(worked_min=60)),
        (at(0), at(1), at(2)),
        Violation("hours", "A from day 1, 00:00", "900 min", "1020 min"),
    ),
    "sliding-hours": (
        ruled(sliding=(SlidingHours(2, 900),)), (at(0), at(3), at(4)),
        Violation("sliding-hours", "A to day 5, 16:00", "900 min in 2 days", "960 min"),
    ),
    "weekends": (
        ruled(weekends=1, first_saturday=0), (at(0), at(1), at(8)),
        Violation("weekends", "A", "at most 1", "2"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", LINES)
def test_line_that_breaks_one_rule_is_told_that_rule(code: str) -> None:
    group, duties, expected = LINES[code]

    found = list(check_line(EVENT, group, duties))

    assert found == [expected]
    assert expected.rule == code


def test_last_run_may_be_short_only_where_nobody_could_go_on() -> None:
    group = ruled(run_least=2, weekly_rest_min=2100)

    early, late = (list(check_line(EVENT, group, (at(day),))) for day in (4, 8))

    assert early == [Violation("run-least", "A", "runs of 2", "1 duties")]
    assert late == []


PLANS: dict[str, tuple[Instance, tuple[Line, ...], Violation]] = {
    "strength": (
        EVENT, (Line("A", 3, (at(0),)),), Violation("strength", "A", "at most 2 crews", "3"),
    ),
    "locked": (
        replace(EVENT, groups=(replace(GROUP, locked=(at(0),)),)), (Line("A", 1, (at(0),)),),
        Violation("locked", "A", "all 2 crews at work", "1"),
    ),
    "capability": (
        EVENT, (Line("A", 1, (at(0, skill="escort"),)),),
        Violation("capability", "A at day 1, 08:00", "patrol", "escort"),
    ),
    "site": (
        replace(EVENT, groups=(replace(GROUP, sites=("T",)),)), (Line("A", 1, (at(0),)),),
        Violation("site", "A at day 1, 08:00", "an allowed site", "S"),
    ),
    "catalogue": (
        EVENT, (Line("A", 1, (at(0, 8, 15),)),),
        Violation("catalogue", "A at day 1, 08:00", "a duty of the catalogue", "S/patrol day 1, 08:00 to day 1, 15:00"),
    ),
    "horizon": (
        replace(
            EVENT,
            bases=(Base("near", {"S": 60}),),
            groups=(replace(GROUP, windows=((0, 10 * DAY),)),),
        ),
        (Line("A", 1, (at(8, 16, 24),)),),
        Violation("horizon", "A at day 9, 16:00", "a duty within the horizon", "day 9, 15:00 to day 10, 01:00"),
    ),
    "escort": (
        replace(EVENT, groups=(replace(GROUP, crews_per_escort=2),)), (Line("A", 1, (at(0, 8, 12),)),),
        Violation("escort", "S at day 1, 08:00", "0.50 escorts", "0"),
    ),
    "limit": (
        replace(EVENT, limits=(Limit("S", "H", 0, DAY, 1),)), (Line("A", 2, (at(0, 8, 12),)),),
        Violation("limit", "S at day 1, 08:00", "1 of H", "2"),
    ),
    "beds": (
        replace(EVENT, bases=(Base("near", {"S": 0}, (9, 3, *(9,) * 7)),)),
        (Line("A", 2, (at(0), at(1))),),
        Violation("beds", "near, night 1", "3 people", "4"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", PLANS)
def test_plan_that_breaks_one_rule_is_told_that_rule(code: str) -> None:
    instance, lines, expected = PLANS[code]

    found = check(instance, Plan(instance.hash, lines)).violations

    assert found[0] == expected
    assert {violation.rule for violation in found} == {code}


def test_every_rule_has_a_line_or_a_plan_that_breaks_it() -> None:
    assert LINES.keys() | PLANS.keys() == {rule.code for rule in RULES}


def test_what_is_broken_is_told_duty_by_duty_and_then_for_the_line() -> None:
    group = ruled(
        rest_min=900, weekly_rest_min=2100, run_days=1, nights=0, weekends=0, night_most_min=300,
        hours=(HoursWindow(0, DAY, 100),),
    )  # fmt: skip
    duties = (at(0, *NIGHT), at(1, 12, 20))

    found = [(violation.rule, violation.place) for violation in check_line(EVENT, group, duties)]

    assert found == [
        ("night-length", "A at day 1, 20:00"), ("nights", "A at day 1, 20:00"),
        ("rest", "A at day 2, 12:00"), ("run", "A at day 2, 12:00"), ("nights", "A at day 2, 12:00"),
        ("hours", "A from day 1, 00:00"), ("weekends", "A"),
    ]  # fmt: skip


def test_every_rule_is_asked_once_and_says_what_it_asks() -> None:
    assert len(ASKS) == len(RULES)
    for rule in RULES:
        assert any(hook is not None for hook in rule[2:]), rule.code
        assert rule.asks.endswith("."), rule.code


def test_every_rule_stands_in_the_table_of_the_method() -> None:
    page = Path(__file__).parents[4] / "docs/developer/planner.md"
    rows = [
        line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| `")
    ]

    named = [row.split("`")[1] for row in rows]

    assert [name for name in named if name in ASKS] == list(ASKS)
