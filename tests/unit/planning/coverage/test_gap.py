"""The proven gap on tiny instances against enumeration."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations_with_replacement, product

import pytest
from tests.factories.tiny import lawful_lines, tiny_instance

from passerelle.planning.coverage.gap import coverage_gap
from passerelle.planning.roster.check import check
from passerelle.planning.roster.plan import Line, Plan


@pytest.mark.parametrize("seed", range(30))
def test_no_plan_covers_what_is_certainly_missing(seed: int) -> None:
    instance = tiny_instance(seed)
    gap = coverage_gap(instance, seconds=lambda: 10.0, part_min=120)
    assert gap is not None
    choices, size = [], 1
    for group in instance.groups:
        options = list(
            combinations_with_replacement(list(lawful_lines(instance, group)), group.strength)
        )
        size *= len(options)
        choices.append([(group.code, lines) for lines in options])
    if size > 800:
        pytest.skip("too many plans to enumerate")

    for picked in product(*choices):
        plan = Plan(
            instance.hash,
            tuple(Line(code, 1, line) for code, lines in picked for line in lines if line),
        )
        report = check(instance, plan)
        if report.violations:
            continue
        assert report.value >= gap.bound - 1e-6
        for skill in {cell.skill for cell in gap.cells}:
            missing = sum(h for name, h in report.missing.items() if name.split("/")[1] == skill)
            for cell in gap.cells:
                if cell.skill == skill:
                    assert missing >= (cell.certain or 0.0) - 1e-6


def test_without_forces_everything_is_certainly_missing() -> None:
    instance = replace(tiny_instance(3), groups=())

    gap = coverage_gap(instance, seconds=lambda: 10.0, part_min=120)

    assert gap is not None
    assert gap.missing == pytest.approx(gap.asked)
    assert all(cell.certain == pytest.approx(cell.asked) for cell in gap.cells)
