"""A crew works only while it is there: after its arrival, before its departure, outside its leave.

The engine knows of each start the latest end that the windows of the group allow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks.facts import clock
from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

if TYPE_CHECKING:
    from passerelle.planning.roster.checks.facts import Turn
    from passerelle.planning.roster.instance import Group

__all__ = ["RULE"]

_CODE: Final = "availability"


def _of_duty(group: Group, turn: Turn) -> Violation | None:
    if not any(a <= turn.start and turn.end <= b for a, b in group.windows):
        found = f"{clock(turn.start)} to {clock(turn.end)}"
        return Violation(_CODE, turn.place(group), "a duty within the windows", found)
    return None


RULE: Final = Rule(
    _CODE,
    "A duty lies, door to door, within a time in which the crew is available.",
    of_duty=_of_duty,
)
