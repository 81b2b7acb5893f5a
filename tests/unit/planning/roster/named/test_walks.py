from __future__ import annotations

import numpy as np
import pytest
from tests.factories.grids import random_grid, simple_grid

from passerelle.planning.roster.named.array_walk import walked_cost
from passerelle.planning.roster.named.bounds import cheapest_cost, proved_bound
from passerelle.planning.roster.named.instance import Contract
from passerelle.planning.roster.named.priced_walk import priced_cost, walk_priced
from passerelle.planning.roster.named.solve import solve
from passerelle.planning.roster.stop import Stop


@pytest.mark.parametrize("seed", range(60))
def test_walk_over_arrays_equals_the_plain_walk(seed: int) -> None:
    grid = random_grid(seed, people=1, days=10 if seed % 2 else 15)
    cost = np.random.default_rng(seed).normal(size=(grid.n_days, grid.n_types))

    assert walked_cost(grid, 0, cost) == pytest.approx(cheapest_cost(grid, 0, cost))


@pytest.mark.parametrize("seed", range(30))
def test_priced_walk_never_lies_above_the_plain_walk(seed: int) -> None:
    grid = random_grid(seed, people=1, days=15)
    cost = np.random.default_rng(seed).normal(size=(grid.n_days, grid.n_types))
    exact = cheapest_cost(grid, 0, cost)

    assert priced_cost(grid, 0, cost) <= exact + 1e-9
    assert walk_priced(grid, 0, cost, 0.01, 0.5) <= exact + 1e-9


def test_price_of_minutes_finds_what_most_minutes_cost() -> None:
    # Every shift gains 1, ten of the fourteen may be worked.
    grid = simple_grid(contract=Contract(0, 10 * 480, 1, 14, 1, 9), people=1, days=14)
    cost = np.full((14, 1), -1.0)

    without, found = walk_priced(grid, 0, cost, 0.0, 0.0), priced_cost(grid, 0, cost)

    assert without == -14
    assert found == pytest.approx(-10, abs=0.05)


@pytest.mark.parametrize("seed", [2, 6, 10, 11, 15])
def test_fast_walk_proves_what_the_solver_claims(seed: int) -> None:
    grid = random_grid(seed, people=5, days=12)
    result = solve(grid, Stop(iterations=60))

    assert result.bound > -np.inf
    assert proved_bound(grid, result.certificate, walked_cost) == result.bound
