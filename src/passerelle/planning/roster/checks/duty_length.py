"""A duty, travel included that counts as work, is neither too short nor too long.

The engine offers windows of lawful length only. Twelve hours door to door is the assumption where an
arrangement says nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

if TYPE_CHECKING:
    from passerelle.planning.roster.checks.facts import Turn
    from passerelle.planning.roster.instance import Group

__all__ = ["RULE"]

_CODE: Final = "duty-length"


def _of_duty(group: Group, turn: Turn) -> Violation | None:
    rules, length = group.rules, turn.end - turn.start
    if not rules.duty_least_min <= length <= rules.duty_most_min:
        bounds = f"{rules.duty_least_min} to {rules.duty_most_min} min"
        return Violation(_CODE, turn.place(group), bounds, f"{length} min")
    return None


RULE: Final = Rule(
    _CODE,
    "A duty lasts, door to door, no less and no more than its group allows.",
    of_duty=_of_duty,
)
