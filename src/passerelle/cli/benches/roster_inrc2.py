"""Rows of ``passerelle bench roster`` for the second international nurse rostering competition.

A name such as ``n005w4_0_1-2-3-3`` is a published problem: instance, history, weeks. A name such as ``n030w4`` is
invented from the seed: only one published instance is at hand, and size is to be seen. Every roster is solved
with all weeks known and again week by week; both are written in the competition's format, read back and scored
by the independent scorer.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Final

from passerelle.kernel.problems import UnavailableError
from passerelle.planning.formats.inrc2.case import day_grid, read_case, write_solution
from passerelle.planning.formats.inrc2.files import read_solution
from passerelle.planning.formats.inrc2.invent import InventedSize, invent
from passerelle.planning.formats.inrc2.scoring import score
from passerelle.planning.roster.named.rolling import solve_weekly
from passerelle.planning.roster.named.solve import solve
from passerelle.planning.roster.observer import History
from passerelle.planning.roster.stop import Stop

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from passerelle.planning.formats.inrc2.case import Case
    from passerelle.planning.formats.inrc2.scoring import Costs

__all__ = ["TITLE", "is_name", "line", "run"]

_PUBLISHED: Final = re.compile(r"(n\d+w\d+)_(\d+)_(\d+(?:-\d+)*)")
_LOAD: Final = 0.7
"""As in the published weeks, the best cover asks for more than the contracts allow."""
_INVENTED: Final = re.compile(r"n(\d+)w(\d+)")

TITLE: Final = (
    f"{'inrc2':>20} {'value':>6} {'bound':>6} {'gap':>7} {'hard':>4} {'weekly':>6} {'hard':>4} "
    f"{'cpu s':>6} {'MB':>5} seed"
)


def is_name(text: str) -> bool:
    """Tell whether a word names a problem of the competition."""
    return bool(_PUBLISHED.fullmatch(text) or _INVENTED.fullmatch(text))


def _case(folder: Path, name: str, seed: int, room: Path) -> Case:
    """Read a published problem, or invent one and read that."""
    published = _PUBLISHED.fullmatch(name)
    if published is None:
        nurses, weeks = (int(part) for part in name[1:].split("w"))
        invent(room, InventedSize(nurses=nurses, weeks=weeks, load=_LOAD), seed)
        return read_case(room, "H0", "-".join(map(str, range(weeks))))
    if not (folder / published[1]).is_dir():
        raise UnavailableError(
            "Expected the instance {name} in {folder}.",
            code="bench.no-instances",
            name=published[1],
            folder=folder,
        )
    return read_case(folder / published[1], published[2], published[3])


def run(folder: Path, name: str, *, seconds: float, seed: int, clock: object) -> dict[str, object]:
    """Solve one problem in both ways, each with the whole time.

    Parameters
    ----------
    folder
        Of the published instances.
    name
        See the module.
    seconds
        Limit of each way.
    seed
        Of the engine, and of what is invented.
    clock
        Count processor seconds when not None.

    Returns
    -------
    dict[str, object]
        What the result file keeps.
    """
    with tempfile.TemporaryDirectory() as place:
        case = _case(folder, name, seed, Path(place) / "case")
        grid = day_grid(case)
        # Loops are compiled before the clock starts.
        solve(grid, Stop(iterations=0))
        began = process_time()
        history = History()

        def stop(part: float) -> Stop:
            return Stop(seconds=part, now=process_time) if clock else Stop(seconds=part)

        result = solve(grid, stop(seconds), seed=seed, observer=history)
        spent = process_time() - began
        rolled = solve_weekly(grid, lambda: stop(seconds / len(case.weeks)), seed=seed)
        assert result.roster is not None
        costs = _scored(case, Path(place) / "whole", result.roster)
        weekly = _scored(case, Path(place) / "weekly", rolled.roster)
    value = costs.value + grid.grave * costs.hard
    if value != result.value:
        raise RuntimeError(f"Expected the scorer to find {result.value}, got {value}.")
    return {
        "instance": case.name if _PUBLISHED.fullmatch(name) else f"invented-{name}-{seed}",
        "instance_hash": result.instance_hash,
        "seconds_limit": seconds,
        "clock": "processor" if clock else "wall",
        "seed": seed,
        "status": result.status.value,
        "value": costs.value,
        "hard": costs.hard,
        "bound": result.bound,
        "gap": round(result.gap, 6),
        "weekly_value": weekly.value,
        "weekly_hard": weekly.hard,
        "weekly_expected": [round(expected) for expected in rolled.expected],
        "processor_seconds": round(spent, 2),
        "peak_mb": round(result.peak_mb),
        "iterations": dict(result.iterations),
        "versions": dict(result.versions),
        "trace": [
            [round(e.seconds, 2), e.value, e.bound if e.bound > -1e18 else None, e.phase]
            for e in history.entries
        ],
    }


def _scored(case: Case, folder: Path, roster: NDArray[np.int16]) -> Costs:
    """Write a solution, read it back and score it."""
    paths = write_solution(folder, case, roster)
    read = [
        one for week, path in enumerate(paths) for one in read_solution(path, case.scenario, week)
    ]
    return score(case.scenario, case.history, case.weeks, read)


def line(data: dict[str, object]) -> str:
    """Format one row of the table."""
    return (
        f"{data['instance']!s:>20} {data['value']!s:>6} {data['bound']!s:>6} "
        f"{_percent(data['gap']):>7} {data['hard']!s:>4} {data['weekly_value']!s:>6} "
        f"{data['weekly_hard']!s:>4} {data['processor_seconds']!s:>6} {data['peak_mb']!s:>5} "
        f"{data['seed']!s:>4}"
    )


def _percent(gap: object) -> str:
    return format(gap, ".2%") if isinstance(gap, float) else "-"
