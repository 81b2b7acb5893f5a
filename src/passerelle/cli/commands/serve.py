"""``passerelle serve``: serve the pages and the API of a node."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option("--port", type=click.IntRange(1, 65535), help="Instead of the setting.")
def command(folder: Path | None, port: int | None) -> None:
    """Serve the node in FOLDER (default: PASSERELLE_DATA, or var/node) until interrupted."""
    from passerelle.node import installation, serving

    installation.enter(installation.data_folder(folder))
    serving.serve(port=port, on_ready=lambda address: click.echo(f"Serving {address}"))
