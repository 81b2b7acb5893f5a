"""What crews did before the horizon: owed rest, runs under way, hours and nights, against enumeration."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from tests.factories.tiny import brute_force, tiny_instance

from passerelle.planning.roster.check import check
from passerelle.planning.roster.result import Status
from passerelle.planning.roster.rules import History
from passerelle.planning.roster.solve import SolveParams, solve
from passerelle.planning.roster.stop import Stop

if TYPE_CHECKING:
    from passerelle.planning.roster.instance import Group


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
            run_days=int(rng.integers(group.rules.run_least, group.rules.run_days + 1)),
            run_nights=int(rng.integers(0, 2)),
            nights=int(rng.integers(0, 2)),
            worked_min=int(rng.choice([0, 300])),
        )
    return replace(group, history=history)


def test_what_crews_did_before_is_kept_and_no_bound_is_above_the_optimum() -> None:
    compared = changed = 0
    for seed in range(90):
        plain = tiny_instance(seed)
        rng = np.random.default_rng(seed)
        groups = tuple(_with_history(group, rng) for group in plain.groups)
        instance = replace(plain, groups=groups)
        best, before = brute_force(instance, most=2000), brute_force(plain, most=2000)
        if best is None or before is None:
            continue

        result = solve(instance, Stop(iterations=60), params=SolveParams(threads=1))

        assert result.plan is not None
        assert check(instance, result.plan).violations == (), seed
        assert result.bound <= best + 1e-6, seed
        assert result.value >= best - 1e-6, seed
        assert result.status is not Status.OPTIMAL or result.value <= best + 1e-6, seed
        compared += 1
        changed += best > before + 1e-6
    assert compared >= 30
    assert changed >= 10
