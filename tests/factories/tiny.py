"""Tiny random roster instances and their optimum by enumeration, as an oracle."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations_with_replacement, product
from typing import TYPE_CHECKING

import numpy as np
from tests.factories.roster import START

from passerelle.planning.roster.check import check, check_line
from passerelle.planning.roster.instance import Base, Cell, Group, Instance, Limit, Shifts, Weights
from passerelle.planning.roster.plan import Duty, Line, Plan
from passerelle.planning.roster.rules import HoursWindow, Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["brute_force", "lawful_lines", "tiny_instance"]


def tiny_instance(seed: int) -> Instance:
    """Make an instance small enough to enumerate: two days, one or two sites, one to three crews."""
    rng = np.random.default_rng(seed)
    days = int(rng.integers(1, 4))
    sites = ["A", "B"][: int(rng.integers(1, 3))]
    capabilities = ["patrol", "escort"] if rng.random() < 0.5 else ["patrol"]
    cells, shifts = [], []
    for site, capability in product(sites, capabilities):
        marks = set()
        for day in range(days):
            if rng.random() < 0.25:
                continue
            first = day * 1440 + int(rng.choice([0, 8, 12])) * 60
            for part in range(int(rng.integers(1, 3))):
                start = first + part * 360
                target = int(rng.integers(0, 3))
                minimum = int(rng.integers(0, target + 1))
                cells.append(
                    Cell(
                        site, capability, start, start + 360, minimum, target, target,
                        float(rng.choice([50, 100])), float(rng.choice([5, 20])),
                        float(rng.choice([0.0, 0.5])),
                    )
                )  # fmt: skip
                marks.update((start, start + 360))
        if marks:
            shifts.append(Shifts(site, capability, tuple(sorted(marks)), 240, 720))
    if rng.random() < 0.4:
        tagged = [c for c in cells if c.skill == "patrol"][:1]
        cells += [
            Cell(c.site, "lang:ar", c.start_min, c.end_min, 0, 1, 1, 8.0, 8.0) for c in tagged
        ]
    beds = (int(rng.integers(1, 4)),) * days if rng.random() < 0.3 else None
    bases = (
        Base("near", dict.fromkeys(sites, 0), beds),
        Base("far", {site: int(rng.choice([0, 60, 120])) for site in sites}),
    )
    groups = [_group(rng, index, days) for index in range(int(rng.integers(1, 3)))]
    limits = ()
    if rng.random() < 0.3:
        limits = (Limit(sites[0], "P", 0, days * 1440, int(rng.integers(0, 2))),)
    return Instance(
        f"tiny-{seed}", START, days, 60, bases, tuple(groups), tuple(cells), tuple(shifts),
        limits=limits, weights=Weights(1.0, float(rng.choice([0.0, 1.5]))),
    )  # fmt: skip


def _group(rng: np.random.Generator, index: int, days: int) -> Group:
    is_partner = index == 1 and bool(rng.random() < 0.6)
    hours = ()
    if rng.random() < 0.3:
        hours = (HoursWindow(0, days * 1440, int(rng.choice([600, 900, 1200]))),)
    rules = Rules(
        rest_min=int(rng.choice([360, 660])),
        weekly_rest_min=int(rng.choice([1080, 2100])),
        rest_days=int(rng.integers(0, 2)),
        run_least=int(rng.choice([1, 1, 2])),
        run_days=int(rng.integers(2, 4)),
        run_span_min=int(rng.choice([1800, 3000, 8000])),
        run_nights=[None, 0, 1][int(rng.integers(3))],
        nights=[None, 1][int(rng.integers(2))],
        hours=hours,
    )
    rules = _with_weekends(rules, np.random.default_rng([int(rng.integers(2**31)), index]))
    start = int(rng.choice([0, 0, 480]))
    return Group(
        code=f"G{index}",
        contingent="P" if is_partner else "H",
        capabilities=("patrol",) if is_partner or rng.random() < 0.5 else ("patrol", "escort"),
        strength=int(rng.integers(0, 3)),
        people=int(rng.integers(1, 3)),
        base=str(rng.choice(["near", "far"])),
        windows=((start, days * 1440),),
        tags=("lang:ar",) if rng.random() < 0.5 else (),
        rules=rules,
        crews_per_escort=int(rng.integers(1, 3)) if is_partner else 0,
        use_cost=float(rng.choice([0.0, 0.0, 10.0])),
    )


def _with_weekends(rules: Rules, rng: np.random.Generator) -> Rules:
    if rng.random() < 0.7:
        return rules
    return replace(
        rules, weekends=int(rng.integers(0, 2)), first_saturday=int(rng.choice([-1, 0, 1, 2]))
    )


def lawful_lines(instance: Instance, group: Group) -> Iterator[tuple[Duty, ...]]:
    """Yield every line of a group that keeps its rules, the resting one first."""
    duties = sorted(
        Duty(a, b, s.site, s.capability)
        for s in instance.shifts
        for a, b in product(s.marks_min, s.marks_min)
        if s.least_min <= b - a <= s.most_min
        and s.capability in group.capabilities
        and s.site in instance.travel[group.base]
        and a - instance.travel[group.base][s.site] >= 0
        and b + instance.travel[group.base][s.site] <= instance.days * 1440
    )

    def extend(line: tuple[Duty, ...], first: int) -> Iterator[tuple[Duty, ...]]:
        if not any(check_line(instance, group, line)):
            yield line
        for i in range(first, len(duties)):
            if not line or duties[i].start_min >= line[-1].end_min:
                yield from extend((*line, duties[i]), i + 1)

    yield from extend((), 0)


def brute_force(instance: Instance, most: int = 20_000) -> float | None:
    """Return the least cost of any valid plan; ``None`` when there are too many plans."""
    choices = []
    size = 1
    for group in instance.groups:
        lines = list(lawful_lines(instance, group))
        options = list(combinations_with_replacement(lines, group.strength))
        size *= len(options)
        if size > most:
            return None
        choices.append([(group.code, lines) for lines in options])
    best = float("inf")
    for picked in product(*choices):
        plan = Plan(
            instance.hash,
            tuple(Line(code, 1, line) for code, lines in picked for line in lines if line),
        )
        report = check(instance, plan)
        if not report.violations:
            best = min(best, report.value)
    return best
