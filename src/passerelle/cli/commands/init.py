"""``passerelle init``: make a node, or bring its tables to this version."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option("--name", default="fr", help="Short name of the node.", show_default=True)
@click.option("--state", default="FR", help="State that runs it (ISO 3166).", show_default=True)
@click.option("--port", default=8600, help="Port of the pages.", show_default=True)
@click.option(
    "--exercise",
    default="",
    help="Make it an exercise node, for ever: a name, or NAME:CODE to join.",
)
@click.option("--starts", default="", help="Where the clock of the exercise stands first (UTC).")
@click.option("--demo", is_flag=True, hidden=True, help="Ask nobody for a second factor.")
@click.option("--upgrade", is_flag=True, help="Bring the tables of an existing node up to date.")
def command(
    folder: Path | None,
    name: str,
    state: str,
    port: int,
    exercise: str,
    starts: str,
    demo: bool,
    upgrade: bool,
) -> None:
    """Make a node in FOLDER (default: PASSERELLE_DATA, or var/node)."""
    from secrets import token_hex

    from passerelle.kernel.times import parse_instant
    from passerelle.node import installation

    data = installation.data_folder(folder)
    if upgrade:
        installation.enter(data)
        missing = installation.missing_migrations()
        installation.upgrade()
        click.echo(f"{data}: {len(missing)} migration(s) applied.")
        return
    settings: dict[str, str | int | bool] = {"node": name, "state": state, "port": port}
    if demo:
        settings["second_factor"] = False
    start = parse_instant(starts) if starts else None
    if exercise:
        settings["exercise"] = exercise if ":" in exercise else f"{exercise}:{token_hex(8)}"
        click.echo(f"Exercise {settings['exercise']}: give this code to the others who join it.")
    elif start is not None:
        raise click.UsageError(
            "--starts belongs to --exercise: a real node has the machine's clock."
        )
    installation.initialise(data, settings, start=start)
    click.echo(f"{data}: node {name} is ready. Serve it with: passerelle serve {data}")
