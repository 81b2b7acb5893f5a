"""Checking again only what a change reaches, against checking everything."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from tests.factories.tiny import lawful_lines, tiny_instance

from passerelle.planning.roster.check import CheckReport, check
from passerelle.planning.roster.instance import Limit, Weights
from passerelle.planning.roster.plan import Duty, Line, Plan
from passerelle.planning.roster.recheck import Checked
from passerelle.planning.roster.rules import Rules

if TYPE_CHECKING:
    from passerelle.planning.roster.instance import Instance


def _valid(instance: Instance, rng: np.random.Generator) -> Plan:
    """Return a valid plan: lines drawn while they keep the rules between crews."""
    lines: list[Line] = []
    for group in instance.groups:
        choices = list(lawful_lines(instance, group))
        for _ in range(group.strength):
            duties = choices[int(rng.integers(len(choices)))]
            more = [*lines, Line(group.code, 1, duties)]
            if duties and not check(instance, Plan(instance.hash, tuple(more))).violations:
                lines = more
    return Plan(instance.hash, tuple(lines))


def _changed(instance: Instance, rng: np.random.Generator) -> Instance:  # noqa: PLR0911 - one exit a kind
    """Return the instance with one thing different, or nothing."""
    kind = int(rng.integers(9))
    group, cell = instance.groups[0], next(iter(instance.cells), None)
    others = instance.groups[1:]
    if kind == 0 and cell is not None:
        return replace(
            instance, cells=(replace(cell, ceiling=cell.ceiling + 1), *instance.cells[1:])
        )
    if kind == 1:
        return replace(instance, groups=(replace(group, strength=0), *others))
    if kind == 2:
        return replace(instance, groups=(replace(group, rules=Rules(run_days=1)), *others))
    if kind == 3:
        return replace(instance, shifts=instance.shifts[1:])
    if kind == 4:
        limits = (Limit("A", group.contingent, 0, instance.days * 1440, 0),)
        return replace(instance, limits=limits)
    if kind == 5:
        return replace(instance, groups=others)
    if kind == 6:
        return replace(instance, cells=instance.cells[1:])
    if kind == 7:
        return replace(instance, weights=Weights(2.0, 2.0))
    return replace(instance, groups=(replace(group, people=group.people + 1), *others))


def _moved(instance: Instance, plan: Plan, rng: np.random.Generator) -> Plan:
    """Return a plan of which some lines are others, lawful or not."""
    lines = []
    for line in plan.lines:
        kind = int(rng.integers(5))
        if kind == 0:
            continue
        if kind == 1:
            line = replace(line, duties=line.duties[:-1])  # noqa: PLW2901 - the line as moved
        elif kind == 2:
            first = line.duties[0]
            later = Duty(first.start_min + 60, first.end_min + 60, first.site, first.capability)
            line = replace(line, duties=(later, *line.duties[1:]))  # noqa: PLW2901 - as above
        elif kind == 3:
            line = replace(line, crews=line.crews + 1)  # noqa: PLW2901 - as above
        lines.append(line)
    return Plan(instance.hash, tuple(lines))


def _alike(one: CheckReport, two: CheckReport) -> bool:
    return (
        sorted(map(str, one.violations)) == sorted(map(str, two.violations))
        and all(
            abs(one.terms.get(n, 0.0) - two.terms.get(n, 0.0)) < 1e-6
            for n in one.terms.keys() | two.terms.keys()
        )
        and {k: round(v, 6) for k, v in one.missing.items()}
        == {k: round(v, 6) for k, v in two.missing.items()}
    )


def test_checking_what_a_change_reaches_says_what_checking_everything_says() -> None:
    broken = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        instance = tiny_instance(seed)
        plan = _valid(instance, rng)
        checked = Checked(instance, plan)
        after = _changed(instance, rng)
        moved = _moved(after, plan, rng)

        whole = check(after, moved)

        assert _alike(checked.report, check(instance, plan)), seed
        assert _alike(checked.after(after, moved), whole), seed
        broken += bool(whole.violations)
    assert 50 < broken < 290


def test_another_hash_is_named() -> None:
    instance = tiny_instance(3)
    plan = _valid(instance, np.random.default_rng(3))

    report = Checked(instance, plan).after(instance, replace(plan, instance_hash="other"))

    assert [violation.rule for violation in report.violations] == ["instance"]
