"""Days of work in a row stay in a range; each day outside is paid.

The run open on the last day is not too short yet. In pricing the run stands in the state of the automaton.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.named.soft.rules._stretches import misfits
from passerelle.planning.roster.named.soft.rules.payment import Payment, SoftRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.planning.roster.named.rules.breach import Row
    from passerelle.planning.roster.named.soft.values import SoftRules

__all__ = ["RULE"]

_CODE: Final = "soft-work-runs"


def _payments(soft: SoftRules, person: int, row: Row) -> Iterator[Payment]:
    span, past = soft.contracts[person].work, soft.pasts[person]
    for day, length, outside in misfits([t >= 0 for t in row], span, past.work):
        text = f"{length} days of work in a row, {span.least} to {span.most}"
        yield Payment(person, max(day, 0), _CODE, soft.prices.work * outside, text)


RULE: Final = SoftRule(_CODE, _payments)
