"""What every rule of a day grid offers: breaches of a roster, and the grid without the rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from passerelle.planning.roster.named.instance import Contract, DayGrid

__all__ = ["Breach", "Row", "Rule", "with_contract"]

Row = NDArray[np.int16]
"""Type worked by one person on each day, -1 on days off."""


@dataclass(frozen=True, slots=True, order=True)
class Breach:
    """Name one broken rule.

    Parameters
    ----------
    person
        Place of the person in the grid.
    day
        First day concerned, -1 for the whole horizon.
    rule
        Code of the rule.
    text
        What is wrong, in English, with the figures.
    """

    person: int
    day: int
    rule: str
    text: str


class Rule(NamedTuple):
    """Describe a rule.

    Parameters
    ----------
    code
        Stable name.
    breaches
        Slow reference: yield every breach of one person's roster.
    without
        Return the grid in which nobody is bound by the rule.
    """

    code: str
    breaches: Callable[[DayGrid, int, Row], Iterator[Breach]]
    without: Callable[[DayGrid], DayGrid]


def with_contract(grid: DayGrid, change: Callable[[Contract], Contract]) -> DayGrid:
    """Return the grid with every contract changed."""
    return replace(grid, contracts=tuple(change(contract) for contract in grid.contracts))
