"""``passerelle export``: write an event or its plan to a file."""

from __future__ import annotations

from pathlib import Path

import click

_FORMATS = ("folder", "json", "csv", "xlsx", "ics")


@click.command()
@click.argument("event")
@click.option("--node", "folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--format",
    "kind",
    type=click.Choice(_FORMATS),
    default="folder",
    show_default=True,
    help="folder: the event as a ZIP file; ics: the calendar of a group; the others: its plan.",
)
@click.option("--plan", "number", type=int, help="Version of the plan; the current one by default.")
@click.option("--group", default="", help="For ics: code of the group.")
@click.option("--crew", type=click.IntRange(1), help="For ics: number of one crew.")
@click.option("--language", type=click.Choice(["fr", "en", "ar"]), default="fr", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
def command(
    event: str,
    folder: Path | None,
    kind: str,
    *,
    number: int | None,
    group: str,
    crew: int | None,
    language: str,
    out: Path,
) -> None:
    """Write EVENT (its id in the node) or its plan to a file; an existing file is not replaced."""
    from passerelle.node import installation

    if kind == "ics" and not group:
        raise click.UsageError("A calendar belongs to a group: give --group.")
    installation.enter(installation.data_folder(folder))
    from passerelle.node.accounts.actor import COMMAND_LINE
    from passerelle.node.configuration import configuration
    from passerelle.node.events.domain import export_event
    from passerelle.node.events.queries import find_event
    from passerelle.node.plans.calendars import export_calendar
    from passerelle.node.plans.documents import PlanFormat, export_plan
    from passerelle.node.plans.queries import find_version, need_current
    from passerelle.node.writing import write_new

    found = find_event(event)
    if kind == "folder":
        content = export_event(found, actor=COMMAND_LINE)
    elif kind == "ics":
        node = configuration().node
        content = export_calendar(
            found, group, node=node, actor=COMMAND_LINE, crew=crew, language=language
        )
    else:
        version = need_current(found) if number is None else find_version(found, number)
        content = export_plan(version, PlanFormat(kind), actor=COMMAND_LINE, language=language)
    write_new(out, content)
    click.echo(f"{out}: {len(content):,} bytes")
