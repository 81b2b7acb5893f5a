"""``passerelle explain``: why a post is short, and who could fill it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from passerelle.cli.planning import read_instance


@click.command()
@click.argument("event", type=click.Path(path_type=Path))
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--site", required=True, help="Code of the site.")
@click.option("--at", "moment", required=True, help="Local time, for example 2024-07-24T15:00.")
@click.option("--level", default="central", type=click.Choice(["low", "central", "high"]))
@click.option("--most", default=12, show_default=True, help="Candidates shown for each post.")
@click.option("--json", "as_json", is_flag=True, help="Write everything as JSON.")
def command(
    event: Path, plan: Path, site: str, moment: str, level: str, most: int, as_json: bool
) -> int:
    """Explain every post of PLAN that is short at a site and a moment of EVENT."""
    from passerelle.planning.explain import explain_short
    from passerelle.planning.formats.event_folder import load_event
    from passerelle.planning.formats.plan_json import read_plan

    try:
        when = datetime.fromisoformat(moment)
    except ValueError:
        raise click.BadParameter(
            f"expected a time such as 2024-07-24T15:00, got {moment!r}"
        ) from None
    if when.tzinfo is None:
        when = when.replace(tzinfo=ZoneInfo(load_event(event).event.timezone))
    instance = read_instance(event, level)
    minute = (when - instance.start) // timedelta(minutes=1)
    found = explain_short(instance, read_plan(plan, instance.start), site, minute)
    if as_json:
        click.echo(json.dumps([asdict(cell) for cell in found], indent=2))
        return 0
    if not found:
        click.echo(f"Nothing is short at {site} at {moment}.")
    for cell in found:
        click.echo(
            f"{cell.skill} at {cell.site}: {cell.on_duty} on duty, "
            f"minimum {cell.minimum}, target {cell.target}"
        )
        for candidate in cell.candidates[:most]:
            blocked = candidate.blocked_by or "free"
            click.echo(
                f"  {candidate.group:24} {candidate.crews:6} {blocked:14} {candidate.detail}"
            )
    return 0
