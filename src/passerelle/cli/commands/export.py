"""``passerelle export``: write an event or its plan to a file."""

from __future__ import annotations

from pathlib import Path

import click

_FORMATS = ("folder", "json", "csv", "xlsx")


@click.command()
@click.argument("event")
@click.option("--node", "folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--format",
    "kind",
    type=click.Choice(_FORMATS),
    default="folder",
    show_default=True,
    help="folder: the event as a ZIP file; the others: its plan.",
)
@click.option("--plan", "number", type=int, help="Version of the plan; the current one by default.")
@click.option("--language", type=click.Choice(["fr", "en", "ar"]), default="fr", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
def command(
    event: str, folder: Path | None, kind: str, number: int | None, language: str, out: Path
) -> None:
    """Write EVENT (its id in the node) or its plan to a file; an existing file is not replaced."""
    from passerelle.node import installation

    installation.enter(installation.data_folder(folder))
    from passerelle.node.accounts.actor import COMMAND_LINE
    from passerelle.node.events.domain import export_event
    from passerelle.node.events.queries import find_event
    from passerelle.node.plans.documents import PlanFormat, export_plan
    from passerelle.node.plans.queries import find_version, need_current
    from passerelle.node.writing import write_new

    found = find_event(event)
    if kind == "folder":
        content = export_event(found, actor=COMMAND_LINE)
    else:
        version = need_current(found) if number is None else find_version(found, number)
        content = export_plan(version, PlanFormat(kind), actor=COMMAND_LINE, language=language)
    write_new(out, content)
    click.echo(f"{out}: {len(content):,} bytes")
