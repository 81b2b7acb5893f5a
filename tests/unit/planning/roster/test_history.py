"""What crews did before the horizon: owed rest, runs under way, hours and nights, against enumeration."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from tests.factories.tiny import brute_force, tiny_instance

from passerelle.planning.roster.bounds.check import recompute_bound
from passerelle.planning.roster.check import check
from passerelle.planning.roster.instance import Base, Cell, Group, Instance, Shifts
from passerelle.planning.roster.result import Status
from passerelle.planning.roster.rules import History, Rules
from passerelle.planning.roster.solve import SolveParams, solve
from passerelle.planning.roster.stop import Stop


def _with_history(group: Group, rng: np.random.Generator) -> Group:
    """Let crews come from a run, or owe rest."""
    owed = int(rng.choice([0, 480, 900, 1500]))
    if rng.random() < 0.5:
        history = History(free_from_min=owed, fresh_from_min=owed)
    else:
        history = History(
            free_from_min=owed,
            fresh_from_min=owed + int(rng.choice([0, 600, 1440])),
            run_start_min=-int(rng.integers(600, 3000)),
            run_days=int(rng.integers(1, group.rules.run_days + 1)),
            run_nights=int(rng.integers(0, 2)),
            nights=int(rng.integers(0, 2)),
            worked_min=int(rng.choice([0, 300])),
        )
    return replace(group, history=history)


@pytest.mark.parametrize("crowd", [500, 0])
def test_what_crews_did_before_is_kept_and_no_bound_is_above_the_optimum(
    crowd: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("passerelle.planning.roster.engine.crowd._CROWD", crowd)
    params = SolveParams(threads=1, chunks=2, visits=40)
    compared = changed = short = 0
    for seed in range(90):
        plain = tiny_instance(seed)
        rng = np.random.default_rng(seed)
        groups = tuple(_with_history(group, rng) for group in plain.groups)
        instance = replace(plain, groups=groups)
        best, before = brute_force(instance, most=2000), brute_force(plain, most=2000)
        if best is None or before is None:
            continue

        result = solve(instance, Stop(iterations=60), params=params)

        assert result.plan is not None
        assert check(instance, result.plan).violations == (), seed
        assert result.bound <= best + 1e-6, seed
        recomputed = recompute_bound(instance, result.certificate)
        assert recomputed == pytest.approx(result.certificate.bound, abs=1e-5), seed
        assert result.value >= best - 1e-6, seed
        assert result.status is not Status.OPTIMAL or result.value <= best + 1e-6, seed
        compared += 1
        changed += best > before + 1e-6
        short += any(0 < g.history.run_days < g.rules.run_least for g in groups)
    assert compared >= 30
    assert changed >= 10
    assert short >= 5


def test_crew_in_a_run_that_is_still_too_short_goes_on_with_it_or_rests() -> None:
    day = 1440
    rules = Rules(run_least=3)
    came = History(free_from_min=0, fresh_from_min=day + 8 * 60, run_start_min=-day, run_days=1)
    group = Group("A", "H", ("patrol",), 1, 2, "b", ((0, 5 * day),), rules=rules, history=came)
    cells = tuple(
        Cell("S", "patrol", d * day + 540, d * day + 1020, 1, 1, 1, 100.0, 100.0) for d in range(5)
    )
    marks = tuple(m for cell in cells for m in (cell.start_min, cell.end_min))
    whole = Instance(
        "short run", datetime(2024, 1, 1, tzinfo=UTC), 5, 60, (Base("b", {"S": 0}),), (group,),
        cells, (Shifts("S", "patrol", marks, 480, 480),),
    )  # fmt: skip
    late = replace(whole, cells=cells[2:], shifts=(replace(whole.shifts[0], marks_min=marks[4:]),))

    goes_on, rests = (
        solve(i, Stop(iterations=60), params=SolveParams(threads=1)) for i in (whole, late)
    )

    assert goes_on.value == brute_force(whole)
    assert goes_on.plan.lines[0].duties[0].start_min < day
    assert rests.value == brute_force(late)
    assert rests.plan.lines == ()
