"""Not too many nights over the whole stay; those before the horizon count.

The engine counts them along the line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

if TYPE_CHECKING:
    from passerelle.planning.roster.checks.facts import Turn
    from passerelle.planning.roster.instance import Group

__all__ = ["RULE"]

_CODE: Final = "nights"


def _of_duty(group: Group, turn: Turn) -> Violation | None:
    most = group.rules.nights
    if most is not None and turn.nights > most:
        return Violation(_CODE, turn.place(group), f"at most {most}", str(turn.nights))
    return None


RULE: Final = Rule(
    _CODE,
    "A crew works no more night duties over the stay than its group allows.",
    of_duty=_of_duty,
)
