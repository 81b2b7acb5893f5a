"""A crew is posted as what it can be: powers, training and equipment of its arrangement.

The engine makes postings of a group from its capabilities only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks.facts import clock
from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

if TYPE_CHECKING:
    from passerelle.planning.roster.instance import Group, Instance
    from passerelle.planning.roster.plan import Duty

__all__ = ["RULE"]

_CODE: Final = "capability"


def _of_post(
    instance: Instance,  # noqa: ARG001 - as for every rule of posts
    group: Group,
    duty: Duty,
) -> Violation | None:
    if duty.capability not in group.capabilities:
        place = f"{group.code} at {clock(duty.start_min)}"
        return Violation(_CODE, place, "/".join(group.capabilities), duty.capability)
    return None


RULE: Final = Rule(
    _CODE,
    "A crew is posted in a capability that it has.",
    of_post=_of_post,
)
