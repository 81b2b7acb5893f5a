"""``passerelle procedures``: list, show and check the definitions of cooperation."""

from __future__ import annotations

import json
from pathlib import Path

import click

from passerelle.procedures.documents import definition_page
from passerelle.procedures.loading import DEFINITIONS, definition, load_definition
from passerelle.procedures.safeguards import safeguards
from passerelle.procedures.view import labels_view


@click.group()
def command() -> None:
    """List, show and check the definitions of cooperation."""


@command.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Write JSON for a program.")
def list_definitions(as_json: bool) -> None:
    """List the procedures with version, digest and size."""
    found = [definition(name) for name in DEFINITIONS]
    if as_json:
        rows = [
            {
                "id": one.id,
                "version": one.version,
                "digest": one.digest,
                "labels": labels_view(one.labels),
                "sides": list(one.sides),
                "states": len(one.states),
                "acts": len(one.acts),
            }
            for one in found
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for one in found:
        click.echo(
            f"{one.id:20} v{one.version}  {one.digest[:16]}  {len(one.states):3} states  "
            f"{len(one.acts):3} acts  {one.labels.en}"
        )


@command.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Write the canonical source as JSON.")
def show(name: str, as_json: bool) -> None:
    """Show one procedure: who, states, acts, fields, deadlines."""
    found = definition(name)
    if as_json:
        click.echo(json.dumps(found.source, ensure_ascii=False, indent=2))
    else:
        click.echo(definition_page(found))


@command.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Check definition FILES, or those of the product; every complaint at once."""
    for path in files:
        found = load_definition(path.read_text("utf-8"), path.name)
        click.echo(f"{path.name}: sound, {found.digest}")
    if not files:
        for name in DEFINITIONS:
            click.echo(f"{name}: sound, {definition(name).digest}")


@command.command(name="safeguards")
@click.option("--json", "as_json", is_flag=True, help="Write JSON for a program.")
def list_safeguards(as_json: bool) -> None:
    """List the safeguards with where each is enforced."""
    rows = [
        {
            "code": one.code,
            "rule": one.rule,
            "status": one.status.value,
            "guards": list(one.guards),
            "rest": one.rest,
        }
        for one in safeguards().values()
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(f"{row['code']:4} {row['status']:10} {row['rule']}")
