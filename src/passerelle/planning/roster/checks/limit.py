"""No more crews of a contingent stand at a site at once than its arrangement allows; nobody where it is closed.

In the engine the crews under a limit are a timeline with a ceiling.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks.facts import clock, steps_of
from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.planning.roster.checks.facts import Posted
    from passerelle.planning.roster.instance import Instance

__all__ = ["RULE"]

_CODE: Final = "limit"


def _of_site(instance: Instance, posted: Posted) -> Iterator[Violation]:
    for limit in instance.limits:
        there: dict[int, int] = defaultdict(int)
        for group, duty, number in posted:
            if group.contingent == limit.contingent and duty.site == limit.site:
                for step in steps_of(instance, duty):
                    there[step] += number
        for step, crews in there.items():
            minute = step * instance.step_min
            if limit.start_min <= minute < limit.end_min and crews > limit.crews:
                place = f"{limit.site} at {clock(minute)}"
                yield Violation(_CODE, place, f"{limit.crews} of {limit.contingent}", str(crews))


RULE: Final = Rule(
    _CODE,
    "No more crews of a contingent stand at a site at once than the limit says.",
    of_site=_of_site,
)
