"""Runs of work last at least so many days.

A run that touches the first or the last day is never too short.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.named.rules._runs import runs
from passerelle.planning.roster.named.rules.breach import Breach, Rule, with_contract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.planning.roster.named.instance import DayGrid
    from passerelle.planning.roster.named.rules.breach import Row

__all__ = ["RULE"]

_CODE: Final = "shortest-run"


def _breaches(grid: DayGrid, person: int, row: Row) -> Iterator[Breach]:
    limit = grid.contracts[person].min_run
    for start, stop in runs(row, works=True):
        if stop - start < limit and start > 0 and stop < len(row):
            text = f"{stop - start} days of work from day {start}, at least {limit}"
            yield Breach(person, start, _CODE, text)


def _without(grid: DayGrid) -> DayGrid:
    return with_contract(grid, lambda contract: replace(contract, min_run=1))


RULE: Final = Rule(_CODE, _breaches, _without)
