"""The event engine against enumeration, the checker and the independent bound check."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import pytest
from tests.factories.roster import START, big_event
from tests.factories.tiny import brute_force, tiny_instance

from passerelle.kernel.problems import InputError
from passerelle.planning.roster.bounds.check import recompute_bound
from passerelle.planning.roster.check import check
from passerelle.planning.roster.instance import Base, Cell, Group, Instance, Shifts, Weights
from passerelle.planning.roster.plan import Duty, Line, Plan
from passerelle.planning.roster.result import Result, Status
from passerelle.planning.roster.rules import Rules, SlidingHours
from passerelle.planning.roster.solve import SolveParams, solve
from passerelle.planning.roster.stop import Stop

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.planning.roster.observer import Progress

CASES = int(os.environ.get("ROSTER_CASES", "120"))
DAY = 1440


def _one_site(*, crews: int = 1, days: int = 1, **group: object) -> Instance:
    cells = tuple(
        Cell("A", "patrol", d * DAY + 480, d * DAY + 960, 1, 1, 1, 100.0, 10.0) for d in range(days)
    )
    marks = tuple(sorted({m for c in cells for m in (c.start_min, c.end_min)}))
    fields: dict[str, object] = {
        "code": "G", "contingent": "FR", "capabilities": ("patrol",), "strength": crews,
        "people": 2, "base": "HQ", "windows": ((0, days * DAY),),
    } | group  # fmt: skip
    return Instance(
        "one", START, days, 60, (Base("HQ", {"A": 0}),), (Group(**fields),), cells,  # type: ignore[arg-type]
        (Shifts("A", "patrol", marks, 240, 720),),
    )  # fmt: skip


def _solved(instance: Instance, iterations: int = 60, seed: int = 0) -> Result:
    return solve(instance, Stop(iterations=iterations), seed=seed, params=SolveParams(threads=1))


def test_one_crew_covers_one_day_at_the_cost_of_its_hours() -> None:
    # Two officers for eight hours cost sixteen points, and nothing else is missing.
    result = _solved(_one_site())

    assert (result.status, result.value, result.bound) == (Status.OPTIMAL, 16.0, 16.0)


def test_seven_days_need_a_second_crew_or_a_day_without() -> None:
    # One crew works six days in a row; the seventh is short at 100 points for eight hours.
    result = _solved(_one_site(days=7))

    assert result.value == pytest.approx(6 * 16 + 800)
    assert result.terms["below-minimum"] == 800


@pytest.mark.parametrize("weekends", [None, 2, 1, 0])
def test_limit_of_weekends_is_kept_at_the_least_cost(weekends: int | None) -> None:
    # Nine days from a Saturday: the crew works both weekends, one of them, or only the days between.
    rules = Rules(weekends=weekends, first_saturday=0)
    instance = _one_site(days=9, rules=rules)

    result = _solved(instance)

    assert result.value == pytest.approx(brute_force(instance))
    assert result.bound <= result.value
    assert recompute_bound(instance, result.certificate) == pytest.approx(
        result.certificate.bound, abs=1e-5
    )


def test_checker_counts_a_friday_night_for_the_weekend() -> None:
    instance = _one_site(days=2, rules=Rules(weekends=0, first_saturday=1))
    shifts = (Shifts("A", "patrol", (1200, 1680), 240, 720),)
    line = Line("G", 1, (Duty(1200, 1680, "A", "patrol"),))
    instance = replace(instance, shifts=shifts)

    report = check(instance, Plan(instance.hash, (line,)))

    assert [violation.rule for violation in report.violations] == ["weekends"]


def test_checker_counts_work_in_any_days_in_a_row() -> None:
    instance = _one_site(days=3, rules=Rules(sliding=(SlidingHours(2, 900),)))
    duties = tuple(Duty(d * DAY + 480, d * DAY + 960, "A", "patrol") for d in range(2))

    report = check(instance, Plan(instance.hash, (Line("G", 1, duties),)))

    assert [violation.rule for violation in report.violations] == ["sliding-hours"]


def test_no_crew_leaves_the_need_short_and_is_not_called_impossible() -> None:
    result = _solved(_one_site(crews=0))

    assert (result.value, result.bound, result.plan.lines) == (800.0, 800.0, ())


def test_checker_names_a_rest_that_is_too_short() -> None:
    instance = _one_site(days=2)
    late = Cell("A", "patrol", 960, 1440, 1, 1, 1, 100.0, 10.0)
    instance = replace(
        instance,
        cells=(*instance.cells, late),
        shifts=(Shifts("A", "patrol", (480, 960, 1440, 1920, 2400), 240, 720),),
    )
    line = Line("G", 1, (Duty(960, 1440, "A", "patrol"), Duty(1920, 2400, "A", "patrol")))

    report = check(instance, Plan(instance.hash, (line,)))

    assert [violation.rule for violation in report.violations] == ["rest"]


def test_locked_duty_is_worked_although_resting_is_cheaper() -> None:
    instance = _one_site(days=2, locked=(Duty(480, 960, "A", "patrol"),))
    instance = replace(instance, cells=())

    result = _solved(instance)

    assert [line.duties for line in result.plan.lines] == [(Duty(480, 960, "A", "patrol"),)]


def test_contradictory_lock_is_named() -> None:
    locked = (Duty(480, 960, "A", "patrol"), Duty(960, 1440, "A", "patrol"))
    instance = _one_site(locked=locked)

    with pytest.raises(InputError) as caught:
        solve(instance, Stop(seconds=1))

    assert {issue.code for issue in caught.value.issues} == {
        "roster.lock-one-a-day", "roster.lock-rest", "roster.lock-catalogue",
    } & {issue.code for issue in caught.value.issues}  # fmt: skip
    assert "roster.lock-rest" in {issue.code for issue in caught.value.issues}


def test_absurd_weight_is_named() -> None:
    instance = _one_site()
    cell = replace(instance.cells[0], minimum_weight=float("inf"))

    with pytest.raises(InputError) as caught:
        solve(replace(instance, cells=(cell,)), Stop(seconds=1))

    assert [issue.code for issue in caught.value.issues] == ["roster.weight"]


ABSURD: dict[str, tuple[Callable[[Instance], Instance], str]] = {
    "endless work": (lambda i: replace(i, weights=Weights(float("inf"), 1.0)), "weights [duty]"),
    "endless price": (
        lambda i: replace(i, groups=(replace(i.groups[0], use_cost=float("nan")),)), "groups [G]",
    ),
    "endless crews": (
        lambda i: replace(i, groups=(replace(i.groups[0], strength=10**9),)), "groups [G]",
    ),
    "endless need": (
        lambda i: replace(
            i, cells=(replace(i.cells[0], target=2**33, ceiling=2**33),)
        ),
        "cells [A/patrol@480]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ABSURD)
def test_absurd_figure_is_named_with_its_place(name: str) -> None:
    change, place = ABSURD[name]

    with pytest.raises(InputError) as caught:
        solve(change(_one_site()), Stop(seconds=1))

    assert [str(issue).partition(":")[0] for issue in caught.value.issues] == [place]


@pytest.mark.parametrize("part", ["groups", "cells", "shifts"])
def test_instance_without_any_of_a_part_is_planned(part: str) -> None:
    instance = replace(_one_site(), **{part: ()})

    result = _solved(instance)

    assert result.status is Status.OPTIMAL
    assert result.plan.n_duties == 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(CASES))
def test_engine_agrees_with_enumeration(seed: int) -> None:
    instance = tiny_instance(seed)
    best = brute_force(instance)
    if best is None:
        pytest.skip("too many plans to enumerate")

    result = _solved(instance, iterations=40, seed=seed)

    assert check(instance, result.plan).violations == ()
    assert result.value >= best - 1e-6
    assert result.bound <= best + 1e-6
    assert recompute_bound(instance, result.certificate) == pytest.approx(
        result.certificate.bound, abs=1e-5
    )


def test_same_seed_gives_the_same_plan() -> None:
    instance = tiny_instance(7)

    one, two = (_solved(instance, iterations=50, seed=3) for _ in range(2))

    assert (one.plan, one.bound) == (two.plan, two.bound)


def test_cancelled_solve_still_returns_a_valid_plan() -> None:
    instance = _one_site(days=7, crews=2)
    cancelled = threading.Event()
    cancelled.set()

    result = solve(instance, Stop(seconds=60, cancelled=cancelled))

    assert check(instance, result.plan).violations == ()
    assert result.bound <= result.value


def test_killed_helper_does_not_stop_the_solve(monkeypatch: pytest.MonkeyPatch) -> None:
    # A process that dies before it has read the instance, as when memory is short.
    monkeypatch.setattr("passerelle.planning.roster.engine.helper._work", os._exit)
    instance = big_event(sites=12, posts=10, days=6)

    result = solve(instance, Stop(seconds=9), params=SolveParams(threads=2))

    assert check(instance, result.plan).violations == ()
    assert 0 < result.bound <= result.value


class _Short:
    """Run out of memory in a phase."""

    def __init__(self, phase: str) -> None:
        self.phase = phase
        self.n_raised = 0

    def report(self, progress: Progress) -> None:
        if progress.phase == self.phase:
            self.n_raised += 1
            raise MemoryError


@pytest.mark.parametrize(
    ("crowd", "phase"), [(500, "improve"), (0, "share"), (0, "staff"), (0, "improve")]
)
def test_short_memory_keeps_the_best_plan_so_far(
    crowd: int, phase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("passerelle.planning.roster.engine.crowd._CROWD", crowd)
    instance, ticks = tiny_instance(0), count()
    stop = Stop(iterations=60, now=lambda: float(next(ticks)))
    short = _Short(phase)

    result = solve(
        instance, stop, params=SolveParams(threads=1, chunks=30, visits=60), observer=short
    )

    assert short.n_raised == 1
    assert check(instance, result.plan).violations == ()
    assert result.bound <= result.value
    if phase != "share":
        assert result.plan.n_duties > 0
