"""``passerelle import``: take an event folder into a node."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("event", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--node", "folder", type=click.Path(file_okay=False, path_type=Path), help="Data folder."
)
@click.option("--need/--no-need", default=True, help="Compute the need as well.", show_default=True)
def command(event: Path, folder: Path | None, need: bool) -> None:
    """Take in EVENT, an event folder or a ZIP file of one: everything or nothing.

    Wrong rows are listed all at once, with file, line, column and expected value.
    """
    from passerelle.node import installation

    installation.enter(installation.data_folder(folder))
    from passerelle.node.accounts.actor import COMMAND_LINE
    from passerelle.node.events import domain
    from passerelle.node.exercise.clock import node_clock

    clock = node_clock()
    if event.is_dir():
        revision = domain.import_event(event, actor=COMMAND_LINE, clock=clock)
    else:
        revision = domain.import_packed(
            event.read_bytes(), event.stem, actor=COMMAND_LINE, clock=clock
        )
    click.echo(
        f"{revision.event.code}, revision {revision.number}: {revision.n_venues} venues, "
        f"{revision.n_sessions} sessions, {revision.n_posts} posts, {revision.n_groups} groups; "
        f"{revision.n_assumptions} assumptions to be asked about."
    )
    if need:
        snapshot = domain.compute_need(revision, actor=COMMAND_LINE, clock=clock)
        click.echo(f"Need: {snapshot.n_figures} figures, {snapshot.n_overlays} overlays.")
