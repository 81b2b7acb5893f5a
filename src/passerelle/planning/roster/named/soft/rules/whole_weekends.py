"""A weekend is worked on both days or not at all, where the contract says so; a broken one is paid.

In pricing the arcs of Sundays pay: the state knows whether Saturday was worked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.named.soft.rules.payment import Payment, SoftRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.planning.roster.named.rules.breach import Row
    from passerelle.planning.roster.named.soft.values import SoftRules

__all__ = ["RULE"]

_CODE: Final = "soft-whole-weekends"


def _payments(soft: SoftRules, person: int, row: Row) -> Iterator[Payment]:
    if not soft.contracts[person].whole_weekends:
        return
    for saturday in range(5, len(row), 7):
        if (row[saturday] >= 0) != (row[saturday + 1] >= 0):
            text = "one day of a weekend worked"
            yield Payment(person, saturday, _CODE, soft.prices.whole, text)


RULE: Final = SoftRule(_CODE, _payments)
