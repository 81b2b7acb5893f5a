"""``passerelle test``: run the tests of the project."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import click

from passerelle.kernel.problems import UnavailableError

_PATHS: Final = {
    "unit": ["tests/unit", "tests/properties"],
    "integration": ["tests/integration"],
    "e2e": ["tests/e2e"],
    "all": ["tests"],
}


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("which", type=click.Choice(list(_PATHS)), default="all")
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
@click.option("--database-url", help="Database of the integration tests; SQLite by default.")
def command(which: str, pytest_args: tuple[str, ...], database_url: str | None) -> int:
    """Run the tests: unit, integration, e2e or all (the default).

    What follows goes to pytest, for example ``passerelle test unit -k need``.
    """
    root = Path(os.environ.get("PASSERELLE_ROOT", "."))
    if not (root / "tests").is_dir():
        raise UnavailableError(
            "Expected the folder tests beside the launcher; this installation has none.",
            code="test.no-tests",
        )
    arguments = [sys.executable, "-m", "pytest", *_PATHS[which], *pytest_args]
    if "-n" not in pytest_args and which != "e2e":
        arguments += ["-n", "2", "--dist", "loadscope"]
    environment = dict(os.environ)
    if database_url is not None:
        environment["PASSERELLE_DATABASE_URL"] = database_url
    done = subprocess.run(arguments, cwd=root, env=environment, check=False)  # noqa: S603 - our own words
    return done.returncode
