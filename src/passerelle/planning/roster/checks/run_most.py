"""A run of duty days between two weekly rests is not too long (six duty days where nothing else is agreed).

Duties of the run before the horizon count. In the engine the days of the run are part of the state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

if TYPE_CHECKING:
    from passerelle.planning.roster.checks.facts import Turn
    from passerelle.planning.roster.instance import Group

__all__ = ["RULE"]

_CODE: Final = "run"


def _of_duty(group: Group, turn: Turn) -> Violation | None:
    most = group.rules.run_days
    if turn.run > most:
        return Violation(_CODE, turn.place(group), f"at most {most} duties in a run", str(turn.run))
    return None


RULE: Final = Rule(
    _CODE,
    "A run between two weekly rests has no more duty days than its group allows.",
    of_duty=_of_duty,
)
