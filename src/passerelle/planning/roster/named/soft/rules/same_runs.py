"""Days on the same shift in a row stay in the range of the shift; each day outside is paid.

Types that differ in the skill are one shift. In pricing the run stands in the state of the automaton.
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

_CODE: Final = "soft-same-runs"


def _payments(soft: SoftRules, person: int, row: Row) -> Iterator[Payment]:
    past = soft.pasts[person]
    for shift, span in enumerate(soft.same):
        marks = [t >= 0 and soft.shift_of[t] == shift for t in row]
        before = past.same if past.shift == shift else 0
        for day, length, outside in misfits(marks, span, before):
            text = f"{length} days on shift {shift} in a row, {span.least} to {span.most}"
            yield Payment(person, max(day, 0), _CODE, soft.prices.same * outside, text)


RULE: Final = SoftRule(_CODE, _payments)
