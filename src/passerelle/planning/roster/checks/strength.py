"""No more crews of a group work than there are.

In the master the crews of a group are a row; in all other phases they are counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

if TYPE_CHECKING:
    from passerelle.planning.roster.instance import Group

__all__ = ["RULE"]

_CODE: Final = "strength"


def _of_group(group: Group, crews: int) -> Violation | None:
    if crews > group.strength:
        return Violation(_CODE, group.code, f"at most {group.strength} crews", str(crews))
    return None


RULE: Final = Rule(
    _CODE,
    "No more crews of a group work than there are.",
    of_group=_of_group,
)
