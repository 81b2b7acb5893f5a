from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.factories.grids import legal_rows, random_grid

from passerelle.planning.roster.named.arrays import compile_grid
from passerelle.planning.roster.named.pricing import Pricer, PricingParams
from passerelle.planning.roster.named.region import free_days, whole_grid
from passerelle.planning.roster.named.rules import RULES

if TYPE_CHECKING:
    from pathlib import Path


def price_all(seed: int, **sizes: int) -> tuple[float, list[int]]:
    grid = random_grid(seed, people=1, **sizes)
    rng = np.random.default_rng(seed)
    cost = rng.normal(size=(1, grid.n_days, grid.n_types))
    pricer = Pricer(whole_grid(compile_grid(grid)), PricingParams(slots=1, threads=1))
    priced = pricer.price(cost, np.full(1, 1e9))
    if not len(priced.owner):
        return float("inf"), []
    row = priced.rosters[0]
    return float(priced.lower[0]), [int(t) for t in row]


@pytest.mark.parametrize("seed", range(60))
def test_pricing_finds_the_cheapest_legal_roster(seed: int) -> None:
    grid = random_grid(seed, people=1, days=7)
    rng = np.random.default_rng(seed)
    cost = rng.normal(size=(1, grid.n_days, grid.n_types))
    rows = legal_rows(grid, 0)
    totals = [sum(cost[0, d, t] for d, t in enumerate(row) if t >= 0) for row in rows]

    lower, row = price_all(seed, days=7)

    if not totals:
        assert row == []
        return
    assert lower == pytest.approx(min(totals))
    assert [b for rule in RULES for b in rule.breaches(grid, 0, np.array(row, np.int16))] == []
    assert sum(cost[0, d, t] for d, t in enumerate(row) if t >= 0) == pytest.approx(lower)


@pytest.mark.parametrize("seed", range(40))
def test_pricing_a_window_keeps_what_is_fixed(seed: int) -> None:
    grid = random_grid(seed, people=1, days=9)
    rows = legal_rows(grid, 0)
    if not len(rows):
        pytest.skip("this draw has no legal roster")
    rng = np.random.default_rng(seed)
    now = rows[int(rng.integers(len(rows)))]
    start = int(rng.integers(0, 6))
    stop = start + int(rng.integers(1, 4))
    cost = np.zeros((1, grid.n_days, grid.n_types))
    cost[0, start:stop] = rng.normal(size=(stop - start, grid.n_types))
    outside = [d for d in range(grid.n_days) if not start <= d < stop]
    same = [row for row in rows if (row[outside] == now[outside]).all()]
    best = min(sum(cost[0, d, t] for d, t in enumerate(row) if t >= 0) for row in same)

    region = free_days(compile_grid(grid), now[None, :], np.array([0]), start, stop)
    priced = Pricer(region, PricingParams(slots=1, threads=1)).price(cost, np.full(1, 1e9))

    assert priced.lower[0] == pytest.approx(best)
    assert any((priced.rosters[0] == row).all() for row in same)


def test_kernels_give_the_same_with_compilation_off(project_root: Path) -> None:
    here = [price_all(seed, days=7) for seed in range(4)]
    code = (
        "from tests.unit.planning.roster.named.test_pricing import price_all;"
        "print([price_all(seed, days=7) for seed in range(4)])"
    )
    environment = {
        **os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": f"{project_root}/src:{project_root}",
    }  # fmt: skip

    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=project_root, text=True,
        capture_output=True, check=True,
    )  # fmt: skip

    assert eval(done.stdout, {"inf": float("inf")}) == here
