"""A site lies in reach of the base from which a crew comes.

The engine makes postings at sites in reach only. The rule is asked before all others of a line: a duty
without a way has no time from door to door, so that nothing else can be said of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks.facts import door_of
from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.planning.roster.instance import Group, Instance
    from passerelle.planning.roster.plan import Duty

__all__ = ["RULE"]

_CODE: Final = "reach"


def _of_way(instance: Instance, group: Group, duties: tuple[Duty, ...]) -> Iterator[Violation]:
    """Yield the first duty out of reach."""
    for duty in duties:
        if door_of(instance, group, duty) is None:
            yield Violation(_CODE, group.code, f"a site in reach of {group.base}", duty.site)
            return


RULE: Final = Rule(
    _CODE,
    "A duty is at a site in reach of the base of its crew.",
    of_way=_of_way,
)
