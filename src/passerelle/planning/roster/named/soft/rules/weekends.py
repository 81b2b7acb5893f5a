"""Weekends with work, those of the past included, are at most so many; each one more is paid.

In pricing the number is counted up to its most; what goes beyond is paid at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.named.soft.rules.payment import Payment, SoftRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.planning.roster.named.rules.breach import Row
    from passerelle.planning.roster.named.soft.values import SoftRules

__all__ = ["RULE"]

_CODE: Final = "soft-weekends"


def _payments(soft: SoftRules, person: int, row: Row) -> Iterator[Payment]:
    most = soft.contracts[person].most_weekends
    worked = soft.pasts[person].weekends
    worked += sum(1 for d in range(5, len(row), 7) if row[d] >= 0 or row[d + 1] >= 0)
    if worked > most:
        text = f"{worked} weekends, at most {most}"
        yield Payment(person, -1, _CODE, soft.prices.weekend * (worked - most), text)


RULE: Final = SoftRule(_CODE, _payments)
