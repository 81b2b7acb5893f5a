"""``passerelle serve``: serve the pages and the API of a node."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option("--with-parent", is_flag=True, hidden=True, help="End when the parent ends.")
@click.option("--port", type=click.IntRange(1, 65535), help="Instead of the setting.")
def command(folder: Path | None, port: int | None, with_parent: bool) -> None:
    """Serve the node in FOLDER (default: PASSERELLE_DATA, or var/node) until interrupted."""
    from passerelle.compute.orphans import leave_with_parent
    from passerelle.node import installation, serving

    if with_parent:
        leave_with_parent(gently=True)
    installation.enter(installation.data_folder(folder))
    serving.serve(port=port, on_ready=lambda address: click.echo(f"Serving {address}"))
