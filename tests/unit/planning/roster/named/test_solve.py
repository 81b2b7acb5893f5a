from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.factories.grids import optimum, random_grid, simple_grid

from passerelle.planning.formats.shift_scheduling import read_instance, read_roster
from passerelle.planning.roster.named.bounds import Certificate, check_certificate
from passerelle.planning.roster.named.branch import Leaf
from passerelle.planning.roster.named.checker import check_roster
from passerelle.planning.roster.named.conflict import conflict_of
from passerelle.planning.roster.named.direct import solve_direct
from passerelle.planning.roster.named.instance import Contract
from passerelle.planning.roster.named.search import NamedParams
from passerelle.planning.roster.named.solve import solve
from passerelle.planning.roster.observer import History
from passerelle.planning.roster.result import Status
from passerelle.planning.roster.stop import Stop

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.planning.roster.observer import Progress


def test_two_people_who_may_work_all_week_cover_one_post_alone() -> None:
    grid = simple_grid()

    result = solve(grid, Stop(iterations=20))

    assert (result.status, result.value, result.bound) == (Status.OPTIMAL, 0, 0)


def test_five_days_a_week_each_leave_four_of_fourteen_posts_empty() -> None:
    grid = simple_grid(contract=Contract(0, 5 * 480, 1, 5, 2, 9), need=2)

    result = solve(grid, Stop(iterations=20))

    assert (result.status, result.value) == (Status.OPTIMAL, 400)


def test_a_roster_with_every_kind_of_breach_is_told_so() -> None:
    grid = simple_grid(contract=Contract(1920, 1920, 2, 2, 2, 0), people=1)
    closed = grid.closed.copy()
    closed[0, 0] = True
    grid = replace(grid, closed=closed, type_cap=np.array([[2]]), banned=np.array([[True]]))
    row = np.array([[0, -1, 0, 0, 0, -1, 0]], dtype=np.int16)

    rules = {breach.rule for breach in check_roster(grid, row).breaches}

    assert rules == {
        "closed-days", "succession", "type-caps", "most-minutes", "longest-run", "shortest-rest",
        "weekends",
    }  # fmt: skip


def test_contradictory_rules_are_named_and_none_too_many() -> None:
    grid = simple_grid(contract=Contract(5 * 480, 7 * 480, 1, 2, 2, 9), people=1)

    result = solve(grid, Stop(iterations=5))

    assert (result.status, result.culprit) == (Status.UNKNOWN, 0)
    assert conflict_of(grid, 0) == ("least-minutes", "longest-run", "shortest-rest")


@pytest.mark.parametrize("seed", [2, 6, 3])
def test_value_equals_the_direct_integer_programme(seed: int) -> None:
    grid = random_grid(seed, people=5, days=12, types=2)
    roster, bound = solve_direct(grid, 20)

    result = solve(grid, Stop(iterations=60), seed=1)

    assert (roster is None) == (result.roster is None)
    if roster is not None:
        assert check_roster(grid, roster).value == pytest.approx(bound)
        assert result.bound <= bound + 1e-6
        assert result.value == pytest.approx(bound)


def test_same_seed_and_iterations_give_the_same_roster_on_one_thread_and_on_two() -> None:
    grid = random_grid(19, people=6, days=14, types=3)

    one = solve(grid, Stop(iterations=25), seed=5, params=NamedParams(threads=1))
    two = solve(grid, Stop(iterations=25), seed=5, params=NamedParams(threads=2))

    assert one.roster is not None
    assert two.roster is not None
    assert (one.roster == two.roster).all()
    assert one.bound == two.bound


def test_a_solve_cancelled_at_once_still_gives_a_legal_roster() -> None:
    grid = random_grid(19, people=6, days=14, types=3)
    stop = Stop(seconds=60)
    stop.cancelled.set()

    result = solve(grid, stop)

    assert result.roster is not None
    assert check_roster(grid, result.roster).breaches == ()


class _CancelAt:
    """Cancel a solve at a given report."""

    def __init__(self, stop: Stop, report: int) -> None:
        self.stop, self.left, self.best = stop, report, np.inf

    def report(self, progress: Progress) -> None:
        self.best = progress.value
        self.left -= 1
        if self.left <= 0:
            self.stop.cancelled.set()


@pytest.mark.parametrize("report", range(1, 16))
def test_a_solve_cancelled_at_any_report_keeps_the_best_roster_and_an_honest_bound(
    report: int,
) -> None:
    grid = random_grid(19, people=6, days=14, types=3)
    stop = Stop(iterations=40)
    observer = _CancelAt(stop, report)

    result = solve(grid, stop, observer=observer)

    assert result.roster is not None
    checked = check_roster(grid, result.roster)
    assert (checked.breaches, checked.value) == ((), result.value)
    assert result.value == observer.best
    assert result.bound <= result.value
    assert result.bound == -np.inf or check_certificate(grid, result.certificate) == []


def test_a_roster_to_begin_with_is_never_made_worse() -> None:
    grid = random_grid(19, people=6, days=14, types=3)
    good = solve(grid, Stop(iterations=25)).roster
    assert good is not None
    stop = Stop(seconds=60)
    stop.cancelled.set()

    result = solve(grid, stop, start=good)

    assert result.value == grid.value(good)


def test_progress_only_improves() -> None:
    grid = random_grid(19, people=6, days=14, types=3)
    history = History()

    solve(grid, Stop(iterations=20), observer=history)

    values = [entry.value for entry in history.entries]
    bounds = [entry.bound for entry in history.entries]
    assert values == sorted(values, reverse=True)
    assert bounds == sorted(bounds)


def test_a_false_certificate_is_refused() -> None:
    grid = simple_grid(contract=Contract(0, 5 * 480, 1, 5, 2, 9), need=2)
    result = solve(grid, Stop(iterations=20))
    honest = result.certificate
    prices = honest.leaves[0].prices
    assert prices is not None

    claimed = check_certificate(grid, honest._replace(bound=honest.bound + 1))
    half = Certificate(0, (Leaf(0.0, ((0, -np.inf, 3.0),), prices, np.zeros(1)),), ())

    assert check_certificate(grid, honest) == []
    assert claimed == ["Leaf 0 proves 400.0000, claimed 401."]
    assert check_certificate(grid, half)[0] == "The leaves do not hold every roster together."


@pytest.mark.shared
@pytest.mark.parametrize(("number", "value"), [(1, 607), (2, 828), (3, 1001)])
def test_published_optimal_rosters_are_accepted(shared: Path, number: int, value: int) -> None:
    folder = shared / "benchmarks" / "shift-scheduling"
    grid = read_instance(folder / f"Instance{number}.txt")
    roster = read_roster(folder / "optimal" / f"Instance{number}.csv", grid)

    report = check_roster(grid, roster)

    assert (report.breaches, report.value, grid.value(roster)) == ((), value, value)


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize(("number", "value"), [(1, 607), (2, 828)])
def test_small_public_instances_are_proved(shared: Path, number: int, value: int) -> None:
    grid = read_instance(shared / "benchmarks" / "shift-scheduling" / f"Instance{number}.txt")

    result = solve(grid, Stop(iterations=400))

    assert (result.status, result.value) == (Status.OPTIMAL, value)
    assert check_certificate(grid, result.certificate) == []


def test_a_grid_without_people_costs_what_is_missing() -> None:
    result = solve(simple_grid(people=0), Stop(iterations=5))

    assert (result.status, result.value) == (Status.OPTIMAL, 700)


def test_needs_that_nobody_may_serve_stay_open_and_are_proved_so() -> None:
    grid = replace(simple_grid(), type_cap=np.zeros((2, 1), dtype=np.int64))

    result = solve(grid, Stop(iterations=5))

    assert (result.status, result.value) == (Status.OPTIMAL, 700)
    assert check_certificate(grid, result.certificate) == []


def test_a_horizon_of_one_day_and_one_of_two_years_are_solved() -> None:
    two_years = simple_grid(days=730, people=5, contract=Contract(0, 480 * 400, 2, 5, 2, 60))

    day, years = solve(simple_grid(days=1), Stop(iterations=5)), solve(two_years, Stop(seconds=5))

    assert (day.status, day.value) == (Status.OPTIMAL, 0)
    assert years.roster is not None
    assert check_roster(two_years, years.roster).breaches == ()


@pytest.mark.parametrize("weight", [10**6, 10**9])
@pytest.mark.parametrize("seed", [5, 6, 9, 10])
def test_high_weights_give_no_bound_above_the_optimum(seed: int, weight: int) -> None:
    grid = random_grid(seed)
    grid = replace(grid, under=grid.under * weight)
    best = optimum(grid)

    result = solve(grid, Stop(iterations=40))

    assert best is not None
    assert result.bound <= best <= result.value


def test_weights_beyond_whole_numbers_and_grids_without_shifts_are_refused() -> None:
    grid = simple_grid()

    with pytest.raises(ValueError, match="cost at most"):
        replace(grid, under=grid.under * 10**12)
    with pytest.raises(ValueError, match="at least one shift type"):
        simple_grid(minutes=())
