"""``passerelle work``: run the jobs of a node."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option("--with-parent", is_flag=True, hidden=True, help="End when the parent ends.")
@click.option("--until-idle", is_flag=True, help="End when nothing waits.")
def command(folder: Path | None, until_idle: bool, with_parent: bool) -> None:
    """Run the jobs of the node in FOLDER until interrupted.

    Several workers may run on one node. A job whose worker dies goes to another.
    """
    from passerelle.compute.orphans import leave_with_parent
    from passerelle.node import installation, working

    if with_parent:
        leave_with_parent(gently=True)
    installation.enter(installation.data_folder(folder))
    taken = working.work(until_idle=until_idle)
    click.echo(f"{taken} job(s) taken.")
