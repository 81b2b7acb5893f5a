"""A run of duty days is not too short, so that nobody is called for a day between two rests.

Two things are no breach: a last run that could not go on, because the crew leaves before its next weekly
rest would be over, and resting throughout. A crew whose run before the horizon is still too short goes on
with it or rests. The engine lets a crew rest only after a run that is long enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks.facts import DAY
from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from passerelle.planning.roster.checks.facts import Turn
    from passerelle.planning.roster.instance import Group

__all__ = ["RULE"]

_CODE: Final = "run-least"


def _broken(place: str, least: int, run: int) -> Violation:
    return Violation(_CODE, place, f"runs of {least}", f"{run} duties")


def _of_duty(group: Group, turn: Turn) -> Violation | None:
    least = group.rules.run_least
    if turn.is_new_run and 0 < turn.run_before < least:
        return _broken(turn.place(group), least, turn.run_before)
    return None


def _of_line(group: Group, turns: Sequence[Turn]) -> Iterator[Violation]:
    """Yield a last run that is too short although there was time to go on."""
    rules = group.rules
    if not turns or turns[-1].run >= rules.run_least:
        return
    last = turns[-1]
    rested = max(last.end + rules.weekly_rest_min, (last.start // DAY + 1 + rules.rest_days) * DAY)
    if rested < max(b for _, b in group.windows):
        yield _broken(group.code, rules.run_least, last.run)


RULE: Final = Rule(
    _CODE,
    "A run between two weekly rests has no fewer duty days than its group asks, while there is time.",
    of_duty=_of_duty,
    of_line=_of_line,
)
