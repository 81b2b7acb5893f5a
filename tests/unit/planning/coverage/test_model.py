"""The coverage model never costs more than the best roster."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.factories.tiny import brute_force, tiny_instance

from passerelle.planning.coverage import CoverageModel, frame_of


@pytest.mark.parametrize("part_min", [60, 360, 1440])
@pytest.mark.parametrize("by_site", [False, True])
def test_optimum_is_never_above_the_best_roster(part_min: int, *, by_site: bool) -> None:
    checked = 0

    for seed in range(40):
        instance = tiny_instance(seed)
        best = brute_force(instance, most=300)
        if best is None:
            continue
        frame = frame_of(instance, part_min=part_min, by_site=by_site)
        answer = CoverageModel(frame).programme.solve(seconds=10)
        assert answer.is_optimal, seed
        assert answer.value <= best + 1e-6, seed
        checked += 1

    assert checked > 15


def test_finer_parts_give_no_lower_optimum() -> None:
    for seed in range(12):
        instance = tiny_instance(seed)
        values = [
            CoverageModel(frame_of(instance, part_min=part)).programme.solve(seconds=10).value
            for part in (1440, 360, 60)
        ]

        assert values == pytest.approx(sorted(values))


def test_missing_hours_of_an_empty_force_are_all_that_is_asked() -> None:
    instance = tiny_instance(3)
    bare = replace(instance, groups=())

    model = CoverageModel(frame_of(bare, part_min=60))
    solution = model.read(model.programme.solve(seconds=10))

    asked = sum((c.end_min - c.start_min) / 60 * c.target for c in instance.cells)
    assert sum(a + b for a, b in solution.missing) == pytest.approx(asked)
