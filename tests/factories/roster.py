"""Roster instances for tests and trials: hand-sized, random tiny, and a synthetic big event."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from passerelle.kernel.counts import Stage
from passerelle.planning import force
from passerelle.planning.roster.instance import (
    Base,
    Cell,
    Group,
    Instance,
    Limit,
    Shifts,
    Weights,
)
from passerelle.planning.roster.rules import History, HoursWindow, Rules

if TYPE_CHECKING:
    from passerelle.kernel.times import Interval

START = datetime(2024, 7, 23, 22, tzinfo=UTC)
WEIGHTS = {"minimum_weight": 200.0, "target_weight": 20.0, "surplus_weight": 0.1}


def big_event(  # noqa: PLR0912 - one event, told in order
    *, sites: int = 42, posts: int = 40, days: int = 19, scale: float = 1.0, seed: int = 1
) -> Instance:
    """Make an event of about the size of Paris 2024: venues with sessions and posts day and night.

    Host patrols, search teams, bomb disposal, dogs, sections; partner groups with escorts.
    """
    rng = np.random.default_rng(seed)
    names = [f"V{i:02d}" for i in range(sites)] + [f"T{i:02d}" for i in range(posts)]
    remote = {name for i, name in enumerate(names[:sites]) if i % 6 == 5}
    cells: list[Cell] = []
    marks: dict[tuple[str, str], set[int]] = {}

    def ask(site: str, capability: str, start: int, end: int, crews: int, weight: float) -> None:
        if crews <= 0:
            return
        cells.append(
            Cell(
                site, capability, start, end,
                minimum=max(1, crews * 6 // 10), target=crews, ceiling=crews,
                minimum_weight=200.0 * weight, target_weight=20.0 * weight,
                surplus_weight=0.05 * weight,
            )
        )  # fmt: skip
        marks.setdefault((site, capability), set()).update((start, end))

    for site in names[:sites]:
        people = int(rng.integers(3, 60)) * 1000
        for day in range(days):
            if rng.random() < 0.35:
                continue
            open_at = day * 1440 + int(rng.choice([8, 9, 10, 13, 15, 16])) * 60
            close = min(open_at + int(rng.integers(5, 12)) * 60, day * 1440 + 23 * 60)
            base = people / 1000 * rng.choice([4, 8, 12.5]) * 1.15 / 2 * scale
            phases = [
                (open_at - 360, open_at - 180, 0.15), (open_at - 180, open_at - 120, 0.2),
                (open_at - 120, open_at, 1.0), (open_at, close, 0.7), (close, close + 60, 1.0),
                (close + 60, close + 180, 0.5),
            ]  # fmt: skip
            for start, end, share in phases:
                last = min(end, days * 1440)
                if start < 0 or start >= last:
                    continue
                ask(site, "patrol", start, last, int(np.ceil(base * share)), 2)
                if share >= 0.5:
                    ask(site, "eod", start, last, 2, 2)
                    ask(site, "k9", start, last, 2 + int(people // 20000), 1)
                    ask(site, "joint_patrol", start, last, 1 + int(people // 12000), 2)
                    ask(site, "escort", start, last, 1 + int(people // 12000), 2)
                if share == 0.15:
                    ask(site, "search", start, last, max(1, int(people // 6000)), 7)
    for site in names[sites:]:
        level = int(rng.integers(30, 220) * scale)
        for day in range(days):
            at = day * 1440
            for start, end, share in (
                (0, 360, 0.5),
                (360, 840, 1.0),
                (840, 1320, 1.2),
                (1320, 1440, 0.6),
            ):
                ask(site, "patrol", at + start, at + end, int(np.ceil(level * share)), 2)
            ask(site, "section", at + 480, at + 1320, max(1, int(level // 40)), 22)
    shifts = []
    for (site, capability), found in sorted(marks.items()):
        whole = set(found)
        inside = sorted(m for m in whole if 0 <= m <= days * 1440)
        shifts.append(Shifts(site, capability, tuple(inside), 240, 720))
    near = {name: 0 for name in names if name not in remote}
    bases = [Base("HQ", near), Base("SOUTH", {n: (0 if i % 2 else 60) for i, n in enumerate(near)})]
    bases += [Base(f"B{name}", {name: 0}) for name in sorted(remote)]
    rules = Rules(run_nights=4)
    whole = ((0, days * 1440),)
    groups: list[Group] = []

    def add(code: str, capability: str, crews: int, people: int, base: str, **more: object) -> None:
        groups.append(
            Group(code, str(more.pop("contingent", "FR")), (capability,), crews, people, base,
                  more.pop("windows", whole), rules=more.pop("rules", rules), **more)  # type: ignore[arg-type]
        )  # fmt: skip

    for i in range(12):
        add(f"FR-P{i:02d}", "patrol", int(1250 * scale * posts / 40), 2, "HQ" if i % 3 else "SOUTH")
    for i in range(5):
        add(f"FR-S{i}", "section", int(48 * scale * posts / 40), 22, "HQ")
        add(f"FR-F{i}", "search", int(60 * sites / 42), 7, "HQ")
        add(f"FR-E{i}", "eod", int(28 * sites / 42), 2, "HQ")
        add(f"FR-K{i}", "k9", int(45 * sites / 42), 1, "HQ")
        add(f"FR-X{i}", "escort", int(60 * sites / 42), 2, "HQ")
    for site in sorted(remote):
        for capability, crews, people in (
            ("patrol", int(600 * scale), 2), ("eod", 8, 2), ("k9", 12, 1), ("search", 14, 7),
            ("escort", 12, 2), ("joint_patrol", 6, 2),
        ):  # fmt: skip
            add(f"FR-{site}-{capability}", capability, crews, people, f"B{site}")
    for i in range(25):
        from_day, to_day = int(rng.integers(0, 3)), days - int(rng.integers(0, 4))
        capability, people = (("joint_patrol", 2), ("eod", 2), ("k9", 1))[i % 3]
        add(
            f"P{i:02d}", capability, int(rng.integers(5, 40)), people, "HQ",
            contingent=f"P{i:02d}", windows=((from_day * 1440, to_day * 1440),),
            crews_per_escort=4, rules=Rules(run_nights=3, duty_most_min=600 if i % 2 else 720),
        )  # fmt: skip
    return Instance(
        "big", START, days, 60, tuple(bases), tuple(groups), tuple(cells), tuple(shifts),
    )  # fmt: skip


__all__ = [
    "START", "WEIGHTS", "Base", "Cell", "Group", "History", "HoursWindow",
    "Instance", "Limit", "Rules", "Shifts", "Weights", "big_event",
]  # fmt: skip


def host_force(capabilities: tuple[str, ...], period: Interval) -> force.Force:
    """Make a force of forty single officers of the host for each capability."""
    base = force.Base("base", "Base", 45.0, 4.0)
    groups = tuple(
        force.CrewGroup(
            f"H-{code}", "", "FR", True, code, (code,), 1, 0, 40, base, period, ("fr",), (),
            "host", 0, (), (), True, Stage.ON_DUTY,
        )
        for code in capabilities
    )  # fmt: skip
    return force.Force(groups, (), (force.ArrangementRules("host"),))
