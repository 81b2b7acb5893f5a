"""Split a roster into runs of work and of rest."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.planning.roster.named.rules.breach import Row

__all__ = ["runs"]


def runs(row: Row, *, works: bool) -> Iterator[tuple[int, int]]:
    """Yield first day and day after the last of every run of work, or of rest."""
    start = 0
    for is_work, days in groupby(row >= 0):
        stop = start + len(list(days))
        if is_work == works:
            yield start, stop
        start = stop
