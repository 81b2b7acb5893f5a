"""Small random problems of the competition against trying everything; ``ROSTER_CASES`` sets how many."""

from __future__ import annotations

import os
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.factories.inrc2 import best_cost, random_case

from passerelle.planning.formats.inrc2.case import assignments_of, day_grid
from passerelle.planning.formats.inrc2.scoring import score
from passerelle.planning.roster.named.arrays import compile_grid
from passerelle.planning.roster.named.bounds import cheapest_cost, check_certificate
from passerelle.planning.roster.named.checker import check_roster
from passerelle.planning.roster.named.pricers import pricer_for
from passerelle.planning.roster.named.pricing import PricingParams
from passerelle.planning.roster.named.region import whole_grid
from passerelle.planning.roster.named.search import NamedParams
from passerelle.planning.roster.named.solve import solve
from passerelle.planning.roster.result import Status
from passerelle.planning.roster.stop import Stop

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.planning.formats.inrc2.case import Case

CASES = int(os.environ.get("ROSTER_CASES", "60")) // 3
SIZES = ((2, 2, 2), (3, 1, 2), (2, 2, 1))
"""Nurses, shifts and skills; a week each."""


def _drawn(folder: Path, seed: int) -> Case:
    nurses, shifts, skills = SIZES[seed % len(SIZES)]
    return random_case(folder, seed, nurses=nurses, weeks=1, shifts=shifts, skills=skills)


@pytest.mark.parametrize("seed", range(CASES))
def test_value_and_bound_hold_against_trying_everything(seed: int, tmp_path: Path) -> None:
    case = _drawn(tmp_path, seed)
    grid = day_grid(case)
    best = best_cost(case)

    result = solve(grid, Stop(iterations=40), seed=seed, params=NamedParams(threads=1))

    assert result.roster is not None
    report = check_roster(grid, result.roster)
    costs = score(case.scenario, case.history, case.weeks, assignments_of(case, result.roster))
    assert report.breaches == ()
    assert (report.value, report.short) == (result.value, costs.hard)
    assert result.value == costs.value + grid.grave * costs.hard
    assert check_certificate(grid, result.certificate) == []
    if best is None:
        assert costs.hard > 0
        assert result.status is Status.FEASIBLE
        return
    assert result.bound <= best
    if costs.hard == 0:
        assert best <= costs.value
    assert result.status is not Status.OPTIMAL or costs.value == best


@pytest.mark.parametrize("seed", range(500, 500 + CASES))
def test_pricing_and_the_plain_walk_find_the_cheapest_of_all_rows(
    seed: int, tmp_path: Path
) -> None:
    case = random_case(tmp_path, seed, nurses=1, weeks=2, shifts=1, skills=1)
    grid = day_grid(case)
    prices = np.random.default_rng(seed).normal(scale=40, size=grid.need.shape)
    rows = np.array(list(product((-1, 0), repeat=14)), dtype=np.int16)
    assert grid.soft is not None
    totals = grid.soft.costs(np.zeros(len(rows), dtype=np.int64), rows)
    totals += ((rows == 0) * prices[:, 0]).sum(axis=1)

    walked = cheapest_cost(grid, 0, prices)
    pricer = pricer_for(whole_grid(compile_grid(grid)), PricingParams(threads=1))
    lower, _ = pricer.relaxed(prices[None])

    assert walked == pytest.approx(totals.min())
    assert lower[0] == pytest.approx(totals.min())


@pytest.mark.parametrize("seed", range(900, 900 + CASES))
def test_soft_costs_are_those_of_the_scorer(seed: int, tmp_path: Path) -> None:
    case = random_case(tmp_path, seed, nurses=3, weeks=3, shifts=3, skills=2)
    grid = day_grid(case)
    rng = np.random.default_rng(seed)
    roster = rng.integers(-1, grid.n_types, (3, grid.n_days)).astype(np.int16)

    report = check_roster(grid, roster)
    costs = score(case.scenario, case.history, case.weeks, assignments_of(case, roster))

    assert grid.value(roster) == report.value
    assert sum(p.cost for p in report.payments) + report.wishes + report.missing == costs.value
