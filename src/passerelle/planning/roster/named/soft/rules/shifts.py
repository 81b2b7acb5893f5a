"""Shifts over the whole horizon, those of the past included, stay in a range; each one outside is paid.

In pricing the number is counted up to its most; what goes beyond is paid at once, what is missing at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.named.soft.rules.payment import Payment, SoftRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.planning.roster.named.rules.breach import Row
    from passerelle.planning.roster.named.soft.values import SoftRules

__all__ = ["RULE"]

_CODE: Final = "soft-shifts"


def _payments(soft: SoftRules, person: int, row: Row) -> Iterator[Payment]:
    least, most = soft.contracts[person].assignments
    worked = soft.pasts[person].assignments + sum(1 for t in row if t >= 0)
    outside = least - worked if worked < least else worked - most
    if outside > 0:
        text = f"{worked} shifts, {least} to {most}"
        yield Payment(person, -1, _CODE, soft.prices.assignment * outside, text)


RULE: Final = SoftRule(_CODE, _payments)
