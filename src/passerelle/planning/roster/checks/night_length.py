"""A night duty is shorter than a day duty may be (night work of 8 hours on average in European law).

The engine leaves longer windows out where they are nights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

if TYPE_CHECKING:
    from passerelle.planning.roster.checks.facts import Turn
    from passerelle.planning.roster.instance import Group

__all__ = ["RULE"]

_CODE: Final = "night-length"


def _of_duty(group: Group, turn: Turn) -> Violation | None:
    most, length = group.rules.night_most_min, turn.end - turn.start
    if turn.is_night and length > most:
        return Violation(_CODE, turn.place(group), f"{most} min", f"{length} min")
    return None


RULE: Final = Rule(
    _CODE,
    "A night duty lasts, door to door, no more than its group allows.",
    of_duty=_of_duty,
)
