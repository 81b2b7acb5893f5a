"""Daily rest: so many hours without work between two duties (11 in European law), owed rest before the first.

In the engine a crew is ready again when its rest is over. Rest owed at the beginning (a shorter rest
before the horizon) moves its first duty; shorter rests inside the horizon are never planned.
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

_CODE: Final = "rest"


def _of_duty(group: Group, turn: Turn) -> Violation | None:
    if turn.start < turn.earliest:
        return Violation(
            _CODE, turn.place(group), f"not before {clock(turn.earliest)}", clock(turn.start)
        )
    return None


RULE: Final = Rule(
    _CODE,
    "Between two duties, door to door, lies the daily rest; before the first, the rest owed.",
    of_duty=_of_duty,
)
