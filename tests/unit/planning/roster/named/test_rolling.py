from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.factories.grids import random_grid
from tests.factories.inrc2 import random_case

from passerelle.planning.formats.inrc2.case import assignments_of, day_grid
from passerelle.planning.formats.inrc2.scoring import score
from passerelle.planning.roster.named.rolling import known_grid, solve_weekly
from passerelle.planning.roster.named.search import NamedParams
from passerelle.planning.roster.named.soft.values import Past
from passerelle.planning.roster.stop import Stop

if TYPE_CHECKING:
    from pathlib import Path


def test_a_week_is_planned_without_looking_at_later_ones(tmp_path: Path) -> None:
    grid = day_grid(random_case(tmp_path, 3, nurses=3, weeks=3, shifts=2, skills=2))
    assert grid.soft is not None
    need, wish = grid.need.copy(), grid.wish.copy()
    need[14:] += 1
    wish[:, 14:] += 10
    other = replace(grid, need=need, wish=wish)

    seen = known_grid(grid, 1, grid.soft.pasts)

    assert seen.digest == known_grid(other, 1, grid.soft.pasts).digest
    assert seen.n_days == 14
    assert (seen.need[:7] == grid.need[7:14]).all()
    assert (seen.need[7:] == grid.need[7:14]).all()
    assert not seen.wish[:, 7:].any()


def test_weeks_together_cost_what_the_scorer_says(tmp_path: Path) -> None:
    case = random_case(tmp_path, 4, nurses=3, weeks=3, shifts=2, skills=2)
    grid = day_grid(case)

    rolled = solve_weekly(grid, lambda: Stop(iterations=8), seed=1, params=NamedParams(threads=1))
    costs = score(case.scenario, case.history, case.weeks, assignments_of(case, rolled.roster))

    assert rolled.value == costs.value + grid.grave * costs.hard
    assert len(rolled.expected) == 3


def test_the_past_after_a_week_keeps_counters_and_open_runs(tmp_path: Path) -> None:
    grid = day_grid(random_case(tmp_path, 4, nurses=1, weeks=1, shifts=2, skills=1))
    assert grid.soft is not None
    soft = replace(grid.soft, pasts=(Past(3, 1, 0, 1, 2, 0),))

    on = soft.past_after(0, np.array([0, 0, -1, -1, 0, 1, 1], dtype=np.int16))
    off = soft.past_after(0, np.array([0, 0, -1, -1, 0, -1, -1], dtype=np.int16))

    assert on == Past(assignments=8, weekends=2, shift=1, same=2, work=3, rest=0)
    assert off == Past(assignments=6, weekends=1, shift=-1, same=0, work=0, rest=2)


def test_a_grid_without_soft_rules_is_refused() -> None:
    with pytest.raises(ValueError, match="Expected a grid with soft rules"):
        solve_weekly(random_grid(0), lambda: Stop(iterations=1))
