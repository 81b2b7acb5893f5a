"""Work in any so many local days in a row stays within its hours; the first stretch that does not is told.

The engine keeps it by the length of duties: instances are built with duties so short that no run can
break it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks.facts import DAY, clock
from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from passerelle.planning.roster.checks.facts import Turn
    from passerelle.planning.roster.instance import Group

__all__ = ["RULE"]

_CODE: Final = "sliding-hours"


def _of_line(group: Group, turns: Sequence[Turn]) -> Iterator[Violation]:
    for limit in group.rules.sliding:
        worked = first = 0
        for turn in turns:
            worked += turn.end - turn.start
            while turns[first].start // DAY <= turn.start // DAY - limit.days:
                worked -= turns[first].end - turns[first].start
                first += 1
            if worked > limit.most_min:
                expected = f"{limit.most_min} min in {limit.days} days"
                yield Violation(
                    _CODE, f"{group.code} to {clock(turn.end)}", expected, f"{worked} min"
                )
                break


RULE: Final = Rule(
    _CODE,
    "Work that starts in any so many days in a row stays, door to door, within its hours.",
    of_line=_of_line,
)
