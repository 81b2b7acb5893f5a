"""Read what ``passerelle roster`` is given: an instance file, or a folder of the nurse rostering competition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import click

from passerelle.planning.formats.inrc2.case import day_grid, read_case
from passerelle.planning.formats.shift_scheduling import read_instance

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from passerelle.planning.formats.inrc2.case import Case
    from passerelle.planning.roster.named.instance import DayGrid

__all__ = ["FORMATS", "Problem", "case_options", "read_problem"]

FORMATS: Final = ("shift-scheduling", "inrc2")
_Function = TypeVar("_Function", bound="Callable[..., object]")


class Problem(NamedTuple):
    """Hold a day grid and, where it comes from the competition, the problem behind it."""

    grid: DayGrid
    case: Case | None


def case_options(function: _Function) -> _Function:
    """Add the options that name a problem inside a folder of the competition."""
    options = (
        click.option("--history", default="H0", show_default=True, help="INRC-II: history file."),
        click.option("--weeks", help="INRC-II: week files in order, for example 1-2-3-3."),
    )
    for option in reversed(options):
        function = option(function)
    return function


def read_problem(
    path: Path, history: str, weeks: str | None, file_format: str | None = None
) -> Problem:
    """Read an instance file or a folder.

    Parameters
    ----------
    path
        A file of the shift-scheduling instances, or a folder of the competition.
    history, weeks
        Which files of the folder.
    file_format
        What the user says that it is; None to see by itself.

    Returns
    -------
    Problem
        The grid to solve.
    """
    found = FORMATS[path.is_dir()]
    if file_format not in (None, found):
        raise click.UsageError(
            f"Expected a {'file' if found == 'inrc2' else 'folder'}, got {path}."
        )
    if not path.is_dir():
        if weeks is not None:
            raise click.UsageError("--weeks names files of an INRC-II folder; this is a file.")
        return Problem(read_instance(path), None)
    if weeks is None:
        raise click.UsageError("Expected --weeks with an INRC-II folder, for example 1-2-3-3.")
    case = read_case(path, history, weeks)
    return Problem(day_grid(case), case)
