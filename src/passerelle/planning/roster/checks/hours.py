"""Work that starts in a stretch of time stays within its hours (48 a week on average in European law).

Work before the horizon counts for the first stretch. The engine counts the work of the present stretch
along the line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks.facts import clock
from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from passerelle.planning.roster.checks.facts import Turn
    from passerelle.planning.roster.instance import Group

__all__ = ["RULE"]

_CODE: Final = "hours"


def _of_line(group: Group, turns: Sequence[Turn]) -> Iterator[Violation]:
    for i, window in enumerate(group.rules.hours):
        inside = [t for t in turns if window.start_min <= t.start < window.end_min]
        worked = sum(turn.end - turn.start for turn in inside)
        if i == 0 and window.start_min <= 0:
            worked += group.history.worked_min
        if inside and worked > window.most_min:
            place = f"{group.code} from {clock(window.start_min)}"
            yield Violation(_CODE, place, f"{window.most_min} min", f"{worked} min")


RULE: Final = Rule(
    _CODE,
    "Work that starts in a stretch of time stays, door to door, within its hours.",
    of_line=_of_line,
)
