from __future__ import annotations

import numpy as np
import pytest
from tests.factories.grids import optimum, random_grid, simple_grid

from passerelle.planning.roster.named.arrays import compile_grid
from passerelle.planning.roster.named.ascent.climb import AscentParams, Climb
from passerelle.planning.roster.named.ascent.settle import SettleParams, settle
from passerelle.planning.roster.named.bounds import check_certificate
from passerelle.planning.roster.named.checker import check_roster
from passerelle.planning.roster.named.instance import Contract, DayGrid
from passerelle.planning.roster.named.pricing import Pricer, PricingParams
from passerelle.planning.roster.named.region import whole_grid
from passerelle.planning.roster.named.search import NamedParams
from passerelle.planning.roster.named.solve import solve
from passerelle.planning.roster.named.sweep import respond
from passerelle.planning.roster.stop import Stop


def climbed(grid: DayGrid, rounds: int, *, threads: int = 1) -> Climb | None:
    """Climb from best responses; None when somebody has no legal roster."""
    rng = np.random.default_rng(1)
    pricer = Pricer(whole_grid(compile_grid(grid)), PricingParams(slots=1, threads=threads))
    roster, _ = respond(pricer, None, rng, lambda: False, sweeps=1)
    if roster is None:
        return None
    climb = Climb(pricer, AscentParams(), rng)
    climb.begin(roster)
    climb.run(lambda: False, lambda _: None, rounds)
    return climb


def test_the_bound_of_one_post_too_many_is_its_price() -> None:
    grid = simple_grid(contract=Contract(0, 5 * 480, 1, 5, 2, 9), need=2)

    climb = climbed(grid, 200)

    assert climb is not None
    assert climb.bound == pytest.approx(400, rel=2e-3)
    assert climb.value == pytest.approx(400, rel=2e-3)


@pytest.mark.parametrize("seed", range(25))
def test_bound_and_mixture_hold_the_optimum_and_the_cover_is_theirs(seed: int) -> None:
    grid = random_grid(seed, people=2, days=6)
    climb = climbed(grid, 40)
    if climb is None:
        pytest.skip("this draw has no legal roster")
    owner, place = np.nonzero(climb.rosters[:, :, 0] > -2)
    cover = np.zeros(grid.need.shape)
    for i, k in zip(owner, place, strict=True):
        days = np.flatnonzero(climb.rosters[i, k] >= 0)
        cover[days, climb.rosters[i, k, days]] += climb.weights[i, k]

    best = optimum(grid)

    assert best is not None
    assert climb.bound + grid.wish_constant <= best + 1e-6
    assert climb.bound <= climb.value + 1e-6
    assert climb.weights.sum(axis=1) == pytest.approx(1.0)
    assert climb.cover == pytest.approx(cover, abs=1e-9)


def test_the_climb_is_the_same_on_one_thread_and_on_two() -> None:
    grid = random_grid(19, people=6, days=14, types=3)

    one, two = climbed(grid, 20), climbed(grid, 20, threads=2)

    assert one is not None
    assert two is not None
    assert one.bound == two.bound
    assert (one.weights == two.weights).all()


def test_rosters_settle_on_the_optimum_of_a_full_week() -> None:
    grid = simple_grid(contract=Contract(0, 5 * 480, 1, 5, 2, 9), need=2)
    climb = climbed(grid, 80)
    assert climb is not None

    roster = settle(
        climb.pricer, climb.prices_now(), climb.leaders(), SettleParams(),
        rng=np.random.default_rng(3), over=lambda: False,
    )  # fmt: skip

    assert grid.value(roster) == 400
    assert check_roster(grid, roster).breaches == ()


@pytest.mark.parametrize("seed", [3, 19, 21])
def test_a_long_grid_is_solved_without_a_master_and_its_bound_is_certified(seed: int) -> None:
    grid = random_grid(seed, people=6, days=14, types=3)

    result = solve(grid, Stop(iterations=12), params=NamedParams(long_rows=1))

    assert result.roster is not None
    assert check_roster(grid, result.roster).breaches == ()
    assert result.bound <= result.value
    assert check_certificate(grid, result.certificate) == []
