"""``passerelle config``: every setting as it stands."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(folder: Path | None, as_json: bool) -> None:
    """Print the settings of the node in FOLDER, without secrets; wrong ones are reported at once."""
    from passerelle.node import configuration, installation

    os.environ["PASSERELLE_DATA"] = str(installation.data_folder(folder))
    settings = configuration.load()
    shown = settings.shown()
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False, indent=1))
        return
    for name, value in shown.items():
        description = configuration.Configuration.model_fields[name].description
        click.echo(f"{name:<18} {value!s:<28} {description}")
