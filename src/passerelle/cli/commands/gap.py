"""``passerelle gap``: what the host's own forces cannot cover."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from passerelle.cli.planning import (
    Meter,
    choosing_programme,
    interruptible,
    read_instance,
    warm_engine,
)

if TYPE_CHECKING:
    from passerelle.planning.roster.instance import Instance


@click.command()
@click.argument("event", type=click.Path(path_type=Path))
@click.option("--seconds", default=30.0, show_default=True, type=click.FloatRange(min=1))
@click.option("--all-forces", is_flag=True, help="Count the partners as well.")
@click.option("--roster", is_flag=True, help="Read the gap off a plan instead of proving it.")
@choosing_programme
@click.option("--json", "as_json", is_flag=True, help="Write every row as JSON.")
def command(
    event: Path,
    seconds: float,
    all_forces: bool,
    roster: bool,
    programme: str | None,
    as_json: bool,
) -> int:
    """Say what own forces cannot cover at EVENT, by capability, place and day.

    Not a subtraction of totals: a relaxation of the roster by regions and six hours says what no
    plan can cover. With --roster the forces are planned under all their rules, and what that plan
    leaves open is shown.
    """
    instance = read_instance(event, host_only=not all_forces, programme=programme)
    if roster:
        return _of_roster(instance, seconds, as_json=as_json)
    return _of_model(instance, seconds, as_json=as_json)


def _date(instance: Instance, day: int) -> str:
    return str((instance.start + timedelta(days=day, hours=12)).date())


def _of_model(instance: Instance, seconds: float, *, as_json: bool) -> int:
    from passerelle.planning.coverage.gap import coverage_gap

    end = time.monotonic() + seconds
    found = coverage_gap(instance, seconds=lambda: end - time.monotonic())
    if found is None:
        click.echo("The time did not suffice; give more --seconds.", err=True)
        return 3
    if as_json:
        rows = [asdict(cell) | {"date": _date(instance, cell.day)} for cell in found.cells]
        content = {"bound": found.bound, "asked_h": found.asked, "missing_h": found.missing}
        click.echo(json.dumps(content | {"cells": rows}, indent=2))
        return 0
    click.echo(
        f"{found.missing:,.0f} of {found.asked:,.0f} crew-hours missing in the cheapest "
        f"distribution; no plan costs less than {found.bound:,.0f} points"
    )
    by_skill: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])
    for cell in found.cells:
        sums = by_skill[cell.skill]
        sums[0] += cell.likely
        sums[1] += cell.certain or 0.0
        sums[2] += 1
        sums[3] += cell.certain is None
    click.echo(f"{'skill':24} {'likely h':>12} {'certain h':>12} {'days':>5}")
    for skill, (likely, certain, days, open_days) in sorted(
        by_skill.items(), key=lambda item: -item[1][0]
    ):
        note = f"  {open_days:.0f} day(s) not proved" if open_days else ""
        click.echo(f"{skill:24} {likely:12,.0f} {certain:12,.0f} {days:5.0f}{note}")
    return 0


def _of_roster(instance: Instance, seconds: float, *, as_json: bool) -> int:
    from passerelle.planning.roster.gap import gap_rows
    from passerelle.planning.roster.solve import solve
    from passerelle.planning.roster.stop import Stop

    warm_engine()
    with interruptible() as cancelled:
        result = solve(instance, Stop(seconds=seconds, cancelled=cancelled), observer=Meter())
    assert result.plan is not None
    rows = gap_rows(instance, result.plan)
    if as_json:
        content = [asdict(row) | {"date": _date(instance, row.day)} for row in rows]
        click.echo(json.dumps(content, indent=2))
        return 0
    by_skill: dict[str, tuple[float, int, set[int]]] = defaultdict(lambda: (0.0, 0, set()))
    for row in rows:
        crew_hours, peak, days = by_skill[row.skill]
        by_skill[row.skill] = (
            crew_hours + row.crew_hours, max(peak, row.peak), days | {row.day}
        )  # fmt: skip
    click.echo(f"{'skill':24} {'crew-hours':>12} {'peak at a site':>15} {'days':>5}")
    for skill, (crew_hours, peak, days) in sorted(by_skill.items(), key=lambda i: -i[1][0]):
        click.echo(f"{skill:24} {crew_hours:12,.0f} {peak:15,} {len(days):5}")
    return 0
