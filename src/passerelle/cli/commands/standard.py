"""``passerelle standard``: examine files of outside formats, and work with partners without a node."""

from __future__ import annotations

import json
from pathlib import Path

import click

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Examine files of outside formats; make request packs and read their answers."""


@command.command()
@click.argument("file", type=_FILE)
@click.option("--schemas", type=_FOLDER, help="Folder of the published schemas.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def check(file: Path, schemas: Path | None, *, as_json: bool) -> None:
    """Say what FILE is and whether it holds: EDXL-RM, EDXL-DE, STIX, French health hub."""
    from passerelle.standards.recognise import recognise

    found = recognise(file.read_bytes(), name=file.name, schemas=schemas)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "format": found.format,
                    "contents": found.contents,
                    "warnings": found.warnings,
                    "schema_checked": found.schema_checked,
                },
                ensure_ascii=False,
            )
        )
        return
    click.echo(f"{file.name}: {found.format}, sound.")
    for line in found.contents:
        click.echo(f"  {line}")
    for line in found.warnings:
        click.echo(f"  warning: {line}")
    if not found.schema_checked:
        click.echo("  The published schema was not asked (name its folder with --schemas).")


@command.command()
@click.argument("request", type=_FILE)
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--entry", required=True, help="Id of the log entry of the request.")
@click.option("--node", required=True, help="Id of the node that sends.")
@click.option("--schemas", type=_FOLDER, help="Folder of the published schemas.")
def pack(request: Path, out: Path, *, entry: str, node: str, schemas: Path | None) -> None:
    """Write the pack of REQUEST (request.json) to OUT, to be mailed to a partner without a node."""
    from passerelle.standards.forms import write_pack
    from passerelle.standards.forms.request_file import read_request
    from passerelle.standards.xml import SchemaFolder

    folder = SchemaFolder(schemas) if schemas else None
    asked = read_request(request.read_bytes(), name=request.name)
    content = write_pack(asked, entry_id=entry, node=node, schemas=folder)
    out.write_bytes(content)
    click.echo(f"{out}: {len(content)} bytes, answer by {asked.answer_by:%Y-%m-%d %H:%M} UTC.")


@command.command()
@click.argument("answer", type=_FILE)
@click.argument("request", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def answers(answer: Path, request: Path, *, as_json: bool) -> None:
    """Read ANSWER (a filled-in workbook) to REQUEST (request.json); name what is wrong by cell."""
    from passerelle.standards.forms import read_workbook
    from passerelle.standards.forms.request_file import read_request

    asked = read_request(request.read_bytes(), name=request.name)
    found = read_workbook(answer.read_bytes(), asked, name=answer.name)
    if as_json:
        parts = ("offers", "declined", "people", "animals", "unanswered")
        click.echo(json.dumps({name: getattr(found, name) for name in parts}, ensure_ascii=False))
        return
    click.echo(
        f"{answer.name}: {len(found.offers)} offer(s), {len(found.declined)} line(s) declined, "
        f"{len(found.people)} people, {len(found.animals)} animal(s)."
    )
    if found.unanswered:
        click.echo("  not answered: " + ", ".join(found.unanswered))
    for warning in found.warnings:
        click.echo(f"  warning: {warning}")
