"""A duty lies within the days of the plan, its travel too.

The engine knows no step before or after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks.facts import DAY, clock, door_of
from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

if TYPE_CHECKING:
    from passerelle.planning.roster.instance import Group, Instance
    from passerelle.planning.roster.plan import Duty

__all__ = ["RULE"]

_CODE: Final = "horizon"


def _of_post(instance: Instance, group: Group, duty: Duty) -> Violation | None:
    door = door_of(instance, group, duty)
    if door is not None and (door[0] < 0 or door[1] > instance.days * DAY):
        place = f"{group.code} at {clock(duty.start_min)}"
        return Violation(
            _CODE, place, "a duty within the horizon", f"{clock(door[0])} to {clock(door[1])}"
        )
    return None


RULE: Final = Rule(
    _CODE,
    "A duty lies, door to door, within the days of the plan.",
    of_post=_of_post,
)
