"""Weekly rest comes in time: a run, from its first start to its last end, is not longer than its group allows.

Seven days less the weekly rest (24 and 11 hours in European law) keeps one weekly rest in every seven
days. The engine remembers when the run began.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

if TYPE_CHECKING:
    from passerelle.planning.roster.checks.facts import Turn
    from passerelle.planning.roster.instance import Group

__all__ = ["RULE"]

_CODE: Final = "weekly-rest"


def _of_duty(group: Group, turn: Turn) -> Violation | None:
    span, most = turn.end - turn.run_start, group.rules.run_span_min
    if span > most:
        return Violation(_CODE, turn.place(group), f"a run of {most} min", str(span))
    return None


RULE: Final = Rule(
    _CODE,
    "The weekly rest comes before the run has lasted longer than its group allows.",
    of_duty=_of_duty,
)
