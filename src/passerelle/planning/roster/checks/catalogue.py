"""A duty begins and ends at moments of handover of its site, and lasts as long as is usual there.

The engine posts duties of the catalogue only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks.facts import clock
from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

if TYPE_CHECKING:
    from passerelle.planning.roster.instance import Group, Instance
    from passerelle.planning.roster.plan import Duty

__all__ = ["RULE"]

_CODE: Final = "catalogue"


def _of_post(instance: Instance, group: Group, duty: Duty) -> Violation | None:
    marks, least, most = instance.catalogue.get(
        (duty.site, duty.capability), (frozenset[int](), 0, 0)
    )
    is_listed = {duty.start_min, duty.end_min} <= marks
    if not is_listed or not least <= duty.end_min - duty.start_min <= most:
        found = f"{duty.site}/{duty.capability} {clock(duty.start_min)} to {clock(duty.end_min)}"
        place = f"{group.code} at {clock(duty.start_min)}"
        return Violation(_CODE, place, "a duty of the catalogue", found)
    return None


RULE: Final = Rule(
    _CODE,
    "A duty is one of the catalogue of its site and capability.",
    of_post=_of_post,
)
