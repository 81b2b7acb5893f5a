"""``passerelle demo``: two nodes, the Paris 2024 programme solved and served, the story played."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command()
@click.option("--seconds", default=45, show_default=True, help="Time given to the solve.")
@click.option("--port", default=8600, show_default=True, help="Or the next free one.")
@click.option("--no-browser", is_flag=True, help="Open no browser.")
@click.option("--check", is_flag=True, help="Visit the pages once and end.")
def command(seconds: int, port: int, no_browser: bool, check: bool) -> int:
    """Set up two nodes, solve, serve, and play the story in the browser.

    The data folder is PASSERELLE_DATA, or var/demo. Ctrl-C ends everything that was started.
    """
    import webbrowser

    from passerelle.kernel.problems import UnavailableError
    from passerelle.node.demonstration import DemoParams, demonstrate

    root = Path(os.environ.get("PASSERELLE_ROOT", "."))
    example = root / "examples" / "paris-2024"
    if not example.is_dir():
        raise UnavailableError(
            "Expected the folder examples/paris-2024 beside the launcher.", code="demo.no-example"
        )
    params = DemoParams(
        data=Path(os.environ.get("PASSERELLE_DATA", root / "var" / "demo")),
        example=example,
        port=port,
        seconds=seconds,
        is_check=check,
        browse=None if no_browser or check else webbrowser.open,
    )
    return 0 if demonstrate(params, click.echo) else 1
