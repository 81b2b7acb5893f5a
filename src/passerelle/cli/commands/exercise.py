"""``passerelle exercise``: show and move the clock of exercise nodes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

_FOLDERS = click.argument(
    "folders",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)


@click.group()
def command() -> None:
    """Show and move the clock of exercise nodes; a real node has no such clock."""


@command.command("show")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def show(folder: Path) -> None:
    """Print the exercise that the node in FOLDER plays, and its instant."""
    _enter(folder)
    from passerelle.kernel.times import format_instant
    from passerelle.node.exercise.queries import exercise_instant, kind_of_node

    instant = exercise_instant()
    click.echo(f"{kind_of_node()} {format_instant(instant)}" if instant else "real node")


@command.command("advance")
@click.argument("instant")
@_FOLDERS
def advance(instant: str, folders: tuple[Path, ...]) -> int:
    """Move the clocks of the nodes in FOLDERS to INSTANT (2024-04-22T09:00:00Z), never back.

    All nodes first publish their trust files for that instant, then each moves its clock together
    with what its peers have published.
    """
    for step in ("publish", "tick"):
        for folder in folders:
            words = ["-m", "passerelle.cli", "exercise", step, instant, str(folder)]
            done = subprocess.run([sys.executable, *words], check=False)  # noqa: S603 - our own
            if done.returncode:
                return done.returncode
    return 0


@command.command("publish", hidden=True)
@click.argument("instant")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def publish(instant: str, folder: Path) -> None:
    """Publish the trust files of one node for an instant to come."""
    _enter(folder)
    from passerelle.kernel.times import parse_instant
    from passerelle.node.exercise.domain import publish_for

    publish_for(parse_instant(instant))


@command.command("tick", hidden=True)
@click.argument("instant")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def tick(instant: str, folder: Path) -> None:
    """Move the clock of one node."""
    _enter(folder)
    from passerelle.kernel.times import format_instant, parse_instant
    from passerelle.node.accounts.actor import COMMAND_LINE
    from passerelle.node.exchange.peers import fetch_files
    from passerelle.node.exchange.transport import HttpTransport
    from passerelle.node.exercise.domain import advance as move
    from passerelle.node.exercise.queries import exercise_instant

    with HttpTransport() as transport:
        to = parse_instant(instant)
        missed = move(to, fetch_files(transport, to), actor=COMMAND_LINE)
    now = exercise_instant()
    assert now is not None
    late = f"; not reached: {', '.join(missed)}" if missed else ""
    click.echo(f"{folder}: {format_instant(now)}{late}")


def _enter(folder: Path) -> None:
    from passerelle.node.installation import enter

    enter(folder)
