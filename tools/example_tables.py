"""What the two example builders share: reading facts, writing tables, sizing forces."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passerelle.planning.need import Need

__all__ = ["EXAMPLES", "crews_wanted", "read", "title", "write"]

EXAMPLES: Final = Path(__file__).resolve().parent.parent / "examples"


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write(path: Path, header: tuple[str, ...], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as CSV with the given columns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)


def title(row: Mapping[str, str]) -> str:
    """Word a session by sport, stage and teams."""
    teams = row["teams"].split(";")[0].replace("-", " v ") if row["teams"].count("-") == 1 else ""
    return f"{row['sport']}, {row['phase']}" + (f": {teams}" if teams else "")


def crews_wanted(
    need: Need, sites: set[str], capability: str, *, duty_h: float, slack: float, step_s: int = 1800
) -> int:
    """Size a force: crews so that all but the busiest days and hours can be covered.

    Parameters
    ----------
    need
        Need of the event.
    sites
        Sites that the force serves.
    capability
        What it does.
    duty_h
        Hours of one duty; six duties in seven days are assumed.
    slack
        Factor on the result; below 1 the force cannot cover everything.
    step_s
        Width of the slots in which the need is summed, in seconds.
    """
    rows = [
        r for r in need.rows(capability=capability) if need.site_ids[int(need.site[r])] in sites
    ]
    if not rows:
        return 0
    origin = int(need.start[rows].min())
    slots = np.zeros((int(need.end[rows].max()) - origin) // step_s + 2)
    for row in rows:
        first = (int(need.start[row]) - origin) // step_s
        last = -(-(int(need.end[row]) - origin) // step_s)
        slots[first:last] += int(need.central[row])
    day = 86_400 // step_s
    hours = np.convolve(slots, np.ones(day), mode="valid") if len(slots) > day else [slots.sum()]
    busiest = float(np.sort(hours)[int(0.9 * (len(hours) - 1))]) * step_s / 3600
    peak = float(np.sort(slots)[int(0.98 * (len(slots) - 1))])
    return int(np.ceil(max(busiest / duty_h * 7 / 6, peak * 1.2) * slack))
