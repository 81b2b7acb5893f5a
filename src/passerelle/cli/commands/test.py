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
}

_NONE_CHOSEN: Final = 5
"""What pytest returns when no test of a stage was chosen."""


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("which", type=click.Choice([*_PATHS, "all"]), default="all")
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
    environment = dict(os.environ)
    if database_url is not None:
        environment["PASSERELLE_DATABASE_URL"] = database_url
    # One after the other: a browser wants the machine for itself.
    stages = ("unit", "integration", "e2e") if which == "all" else (which,)
    codes = [_run(stage, pytest_args, root, environment) for stage in stages]
    return max(0 if code == _NONE_CHOSEN and which == "all" else code for code in codes)


def _run(stage: str, extra: tuple[str, ...], root: Path, environment: dict[str, str]) -> int:
    arguments = [sys.executable, "-m", "pytest", *_PATHS[stage], *extra]
    if "-n" not in extra and stage != "e2e":
        arguments += ["-n", "2", "--dist", "loadscope"]
    done = subprocess.run(arguments, cwd=root, env=environment, check=False)  # noqa: S603 - our own words
    return done.returncode
