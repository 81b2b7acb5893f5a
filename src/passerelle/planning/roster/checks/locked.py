"""Duties that are ordered, published or past stand in every line of their group.

Groups with locks are posted first and left alone by the engine; who could not keep its locks is refused
before the solve (:mod:`passerelle.planning.roster.validate`). The rule of a line is asked before those of
its duties.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks.facts import clock
from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.planning.roster.instance import Group, Instance
    from passerelle.planning.roster.plan import Duty

__all__ = ["RULE"]

_CODE: Final = "locked"


def _of_group(group: Group, crews: int) -> Violation | None:
    if group.locked and crews != group.strength:
        return Violation(_CODE, group.code, f"all {group.strength} crews at work", str(crews))
    return None


def _of_duties(
    instance: Instance,  # noqa: ARG001 - as for every rule of duties
    group: Group,
    duties: tuple[Duty, ...],
) -> Iterator[Violation]:
    """Yield the locked duties that a line leaves out."""
    for lock in group.locked:
        if lock not in duties:
            yield Violation(_CODE, group.code, f"{lock.site} at {clock(lock.start_min)}", "absent")


RULE: Final = Rule(
    _CODE,
    "Locked duties are worked by all crews of their group.",
    of_duties=_of_duties,
    of_group=_of_group,
)
