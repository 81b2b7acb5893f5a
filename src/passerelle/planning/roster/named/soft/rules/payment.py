"""What every soft rule offers: the payments of a roster, with the figures behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from passerelle.planning.roster.named.rules.breach import Row
    from passerelle.planning.roster.named.soft.values import SoftRules

__all__ = ["Payment", "SoftRule"]


@dataclass(frozen=True, slots=True, order=True)
class Payment:
    """Name what one broken soft limit costs.

    Parameters
    ----------
    person
        Place of the person in the grid.
    day
        First day concerned, -1 for the whole horizon.
    rule
        Code of the rule.
    cost
        What is paid.
    text
        What is outside, in English, with the figures.
    """

    person: int
    day: int
    rule: str
    cost: int
    text: str


class SoftRule(NamedTuple):
    """Describe a soft rule.

    Parameters
    ----------
    code
        Stable name.
    payments
        Slow reference: yield every payment of one person's roster.
    """

    code: str
    payments: Callable[[SoftRules, int, Row], Iterator[Payment]]
