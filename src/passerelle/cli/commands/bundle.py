"""``passerelle bundle``: exchange through a directory."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def command() -> None:
    """Write to, or read from, a directory that a courier carries."""


@command.command("out")
@click.argument("data", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--peer", default="", help="Only this peer.")
def out(data: Path, folder: Path, peer: str) -> None:
    """Write one sealed file for each peer into FOLDER."""
    from passerelle.node.installation import enter

    enter(data)
    from passerelle.node.exchange.courier import bundle_out
    from passerelle.node.exercise.clock import node_clock

    for path in bundle_out(folder, node_clock(), peer=peer):
        click.echo(str(path))


@command.command("in")
@click.argument("data", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
def take(data: Path, folder: Path) -> int:
    """Take every file in FOLDER that is addressed to this node; any order, any number of times."""
    from passerelle.node.installation import enter

    enter(data)
    from passerelle.node.exchange.courier import bundle_in
    from passerelle.node.exercise.clock import node_clock

    taken = bundle_in(folder, node_clock())
    click.echo(f"{taken.files} file(s), {taken.entries} new act(s), {taken.receipts} receipt(s).")
    for name, code in taken.refused:
        click.echo(f"refused {name}: {code}", err=True)
    return 3 if taken.refused else 0
