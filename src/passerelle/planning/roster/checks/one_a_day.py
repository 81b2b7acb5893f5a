"""At most one duty starts on a local day, so that duties are duty days.

In the engine a crew is ready again with the next local day at the earliest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

if TYPE_CHECKING:
    from passerelle.planning.roster.checks.facts import Turn
    from passerelle.planning.roster.instance import Group

__all__ = ["RULE"]

_CODE: Final = "one-a-day"


def _of_duty(group: Group, turn: Turn) -> Violation | None:
    if turn.days_between < 0:
        return Violation(_CODE, turn.place(group), "one start a local day", "two")
    return None


RULE: Final = Rule(
    _CODE,
    "At most one duty of a crew starts on a local day.",
    of_duty=_of_duty,
)
