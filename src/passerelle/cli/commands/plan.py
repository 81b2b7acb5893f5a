"""``passerelle plan``: plan an event folder and write the plan."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from passerelle.cli.planning import (
    Meter,
    OutFile,
    choosing_programme,
    interruptible,
    read_instance,
    tell_rules,
    warm_engine,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.planning.explain import Unserved

_SHOWN: Final = 5


@click.command()
@click.argument("event", type=click.Path(path_type=Path))
@click.option("--seconds", default=60.0, show_default=True, type=click.FloatRange(min=1))
@click.option("--out", type=OutFile(), help="File to write, for example plan.json.")
@click.option("--seed", default=0, show_default=True)
@click.option("--level", default="central", type=click.Choice(["low", "central", "high"]))
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 2))
@choosing_programme
@click.option("--json", "as_json", is_flag=True, help="Write the summary as JSON.")
def command(
    event: Path,
    seconds: float,
    out: Path | None,
    seed: int,
    level: str,
    threads: int,
    programme: str | None,
    as_json: bool,
) -> int:
    """Plan EVENT, a folder: who stands where and when, with a proven bound.

    Ctrl-C stops and keeps the best plan so far.
    """
    from passerelle.planning.explain import unserved
    from passerelle.planning.formats.plan_json import write_plan
    from passerelle.planning.roster.solve import SolveParams, solve
    from passerelle.planning.roster.stop import Stop

    instance = read_instance(event, level, programme=programme)
    warm_engine()
    with interruptible() as cancelled:
        result = solve(
            instance,
            Stop(seconds=seconds, cancelled=cancelled),
            seed=seed,
            params=SolveParams(threads=threads),
            observer=Meter(),
        )
    assert result.plan is not None
    if out is not None:
        write_plan(out, instance.start, result)
    alone = unserved(instance, result.plan)
    people = {group.code: group.people for group in instance.groups}
    summary = {
        "status": result.status.value,
        "value": round(result.value, 3),
        "bound": round(result.bound, 3),
        "gap": round(result.gap, 6),
        "terms": {name: round(cost, 3) for name, cost in result.terms.items()},
        "crew_duties": result.plan.n_duties,
        "officer_duties": sum(
            line.crews * people[line.group] * len(line.duties) for line in result.plan.lines
        ),
        "unserved": [asdict(need) for need in alone],
        "days": instance.days,
        "seconds": round(result.seconds, 2),
        "peak_mb": round(result.peak_mb, 1),
        "instance": result.instance_hash,
        "out": str(out) if out else None,
    }
    if as_json:
        click.echo(json.dumps(summary, indent=2))
        return 0
    click.echo(
        f"{result.status.value}: value {result.value:,.0f}, bound {result.bound:,.0f}, "
        f"gap {100 * result.gap:.2f} %, {result.plan.n_duties:,} crew-duties, "
        f"{result.seconds:.1f} s, {result.peak_mb:,.0f} MB"
    )
    for name, cost in result.terms.items():
        click.echo(f"  {name:14} {cost:16,.1f}")
    _tell_unserved(alone)
    return 0


def _tell_unserved(alone: Sequence[Unserved]) -> None:
    """Name the needs that nobody serves, with what stands in the way."""
    if not alone:
        return
    click.echo("Nobody serves (see passerelle explain):")
    for need in alone[:_SHOWN]:
        why = need.blocked_by or "no group has the skill"
        places = ", ".join(need.sites[:4]) + (" …" if len(need.sites) > 4 else "")
        click.echo(f"  {need.skill:24} {need.hours:10,.0f} h  {why:24} {places}")
    if len(alone) > _SHOWN:
        click.echo("  … and more; see --json")
    tell_rules(need.blocked_by for need in alone[:_SHOWN])
