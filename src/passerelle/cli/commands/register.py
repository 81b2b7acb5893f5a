"""``passerelle register``: the register of commitments and the joint groups, to read and to export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime

_NODE = click.option(
    "--node", "folder", type=click.Path(file_okay=False, path_type=Path), help="Data folder."
)


@click.group()
def command() -> None:
    """Export the register of commitments; say which joint groups sleep."""


@command.command("export")
@click.option("--format", "kind", type=click.Choice(["json", "csv", "activities"]), required=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@_NODE
def export(kind: str, out: Path, folder: Path | None) -> None:
    """Write the register as JSON, CSV, or public commitments as an activity file."""
    _enter(folder)
    from passerelle.node.configuration import configuration
    from passerelle.node.dossiers.register import commitments
    from passerelle.node.exercise.clock import node_clock
    from passerelle.node.writing import write_new
    from passerelle.procedures.standing.exports import register_csv, register_json
    from passerelle.standards.activities import Reporter, write_activities

    found, now, settings = commitments(), node_clock().now(), configuration()
    if kind == "csv":
        content = register_csv(found)
    elif kind == "json":
        content = register_json(found, node=settings.node, now=now)
    else:
        reporter = Reporter(f"{settings.state}-{settings.node}", settings.title)
        content = write_activities(found, reporter=reporter, now=now)
    write_new(out, content)
    click.echo(f"{out}: {len(found)} commitments, {len(content):,} bytes")


@command.command("groups")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="As of a day; today by default.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@_NODE
def groups(on: datetime | None, folder: Path | None, *, as_json: bool) -> None:
    """List the joint groups: when minutes were last adopted by both, and whether they sleep."""
    _enter(folder)
    import json
    from datetime import UTC

    from passerelle.node.dossiers.register import groups as read
    from passerelle.node.exercise.clock import node_clock

    at = node_clock().now() if on is None else on.replace(hour=23, minute=59, second=59, tzinfo=UTC)
    found = read(at)
    if as_json:
        click.echo(json.dumps([one.to_json() for one in found], ensure_ascii=False, indent=1))
        return
    for one in found:
        word = "DORMANT" if one.is_dormant else "awake"
        last = one.last_adopted.isoformat() if one.last_adopted else "never"
        click.echo(
            f"{word:8} {one.silent_days:4} of {one.charter.period_days} days  minutes adopted "
            f"{last}  {one.charter.name} ({one.corridor})"
        )


def _enter(folder: Path | None) -> None:
    from passerelle.node import installation

    installation.enter(installation.data_folder(folder))
