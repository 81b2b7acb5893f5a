"""``passerelle gap``: what the host's own forces cannot cover."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click

from passerelle.cli.planning import Meter, interruptible, read_instance


@click.command()
@click.argument("event", type=click.Path(path_type=Path))
@click.option("--seconds", default=30.0, show_default=True, type=click.FloatRange(min=1))
@click.option("--all-forces", is_flag=True, help="Count the partners as well.")
@click.option("--json", "as_json", is_flag=True, help="Write every row as JSON.")
def command(event: Path, seconds: float, all_forces: bool, as_json: bool) -> int:
    """Say what own forces cannot cover at EVENT, by capability, place and day.

    Not a subtraction of totals: the forces are planned under their rest rules, and what is still
    missing is the gap.
    """
    from passerelle.planning.roster.gap import gap_rows
    from passerelle.planning.roster.solve import solve
    from passerelle.planning.roster.stop import Stop

    instance = read_instance(event, host_only=not all_forces)
    with interruptible() as cancelled:
        result = solve(instance, Stop(seconds=seconds, cancelled=cancelled), observer=Meter())
    assert result.plan is not None
    rows = gap_rows(instance, result.plan)
    if as_json:
        content = [
            asdict(row) | {"date": str((instance.start + timedelta(days=row.day, hours=12)).date())}
            for row in rows
        ]
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
