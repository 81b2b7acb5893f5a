"""Runs of work last at most so many days.

Days before the horizon are unknown: only days inside count.
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

_CODE: Final = "longest-run"


def _breaches(grid: DayGrid, person: int, row: Row) -> Iterator[Breach]:
    limit = grid.contracts[person].max_run
    for start, stop in runs(row, works=True):
        if stop - start > limit:
            text = f"{stop - start} days of work from day {start}, at most {limit}"
            yield Breach(person, start, _CODE, text)


def _without(grid: DayGrid) -> DayGrid:
    return with_contract(grid, lambda contract: replace(contract, max_run=grid.n_days))


RULE: Final = Rule(_CODE, _breaches, _without)
