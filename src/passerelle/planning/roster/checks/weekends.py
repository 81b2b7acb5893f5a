"""Not too many weekends with work over the stay; a duty counts where it touches a Saturday or a Sunday.

The engine counts them along the line.
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

_CODE: Final = "weekends"


def _of_line(group: Group, turns: Sequence[Turn]) -> Iterator[Violation]:
    rules = group.rules
    if rules.weekends is None:
        return
    worked = {
        (day - rules.first_saturday) // 7
        for turn in turns
        for day in range(turn.start // DAY, (turn.end - 1) // DAY + 1)
        if day >= rules.first_saturday and (day - rules.first_saturday) % 7 in {0, 1}
    }
    if len(worked) > rules.weekends:
        yield Violation(_CODE, group.code, f"at most {rules.weekends}", str(len(worked)))


RULE: Final = Rule(
    _CODE,
    "A crew works on no more weekends over the stay than its group allows.",
    of_line=_of_line,
)
