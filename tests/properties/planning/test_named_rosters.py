"""Random small grids against brute force; ``ROSTER_CASES`` sets how many (1,000 by hand)."""

from __future__ import annotations

import os

import numpy as np
import pytest
from tests.factories.grids import legal_rows, optimum, random_grid

from passerelle.planning.roster.named.bounds import cheapest_cost, check_certificate
from passerelle.planning.roster.named.checker import check_roster
from passerelle.planning.roster.named.conflict import conflict_of, has_roster
from passerelle.planning.roster.named.search import NamedParams
from passerelle.planning.roster.named.solve import solve
from passerelle.planning.roster.result import Status
from passerelle.planning.roster.stop import Stop

CASES = int(os.environ.get("ROSTER_CASES", "60"))


@pytest.mark.parametrize("seed", range(CASES))
def test_value_and_bound_hold_against_brute_force(seed: int) -> None:
    grid = random_grid(seed)
    best = optimum(grid)

    result = solve(grid, Stop(iterations=40), seed=seed, params=NamedParams(threads=1))

    if best is None:
        assert result.status is Status.UNKNOWN
        assert result.culprit is not None
        assert len(legal_rows(grid, result.culprit)) == 0
        assert conflict_of(grid, result.culprit)
        return
    assert result.roster is not None
    report = check_roster(grid, result.roster)
    assert report.breaches == ()
    assert report.value == result.value
    assert result.bound <= best <= result.value
    assert result.status is not Status.OPTIMAL or result.value == best
    assert check_certificate(grid, result.certificate) == []


@pytest.mark.parametrize("seed", range(1000, 1000 + CASES))
def test_plain_walk_finds_the_cheapest_roster(seed: int) -> None:
    grid = random_grid(seed, people=1, days=7)
    rng = np.random.default_rng(seed)
    cost = rng.normal(size=(grid.n_days, grid.n_types))
    rows = legal_rows(grid, 0)

    found = cheapest_cost(grid, 0, cost)

    assert has_roster(grid, 0) == (len(rows) > 0)
    if len(rows):
        totals = [sum(cost[d, t] for d, t in enumerate(row) if t >= 0) for row in rows]
        assert found == pytest.approx(min(totals))
    else:
        assert found == float("inf")
