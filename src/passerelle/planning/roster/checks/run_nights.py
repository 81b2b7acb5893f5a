"""Not too many nights in one run.

In the engine the nights of the run are part of the state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

if TYPE_CHECKING:
    from passerelle.planning.roster.checks.facts import Turn
    from passerelle.planning.roster.instance import Group

__all__ = ["RULE"]

_CODE: Final = "run-nights"


def _of_duty(group: Group, turn: Turn) -> Violation | None:
    most = group.rules.run_nights
    if most is not None and turn.run_nights > most:
        return Violation(_CODE, turn.place(group), f"at most {most}", str(turn.run_nights))
    return None


RULE: Final = Rule(
    _CODE,
    "A run has no more night duties than its group allows.",
    of_duty=_of_duty,
)
