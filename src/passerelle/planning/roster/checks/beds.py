"""Nobody is left without a bed: people lodge at their base in the night of each day on which they start a duty.

In the engine a start pays for a bed where beds are short. Nights of rest days are not counted yet.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks.facts import DAY, door_of
from passerelle.planning.roster.checks.rule import Rule
from passerelle.planning.roster.checks.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.planning.roster.checks.facts import Posted
    from passerelle.planning.roster.instance import Instance

__all__ = ["RULE"]

_CODE: Final = "beds"


def _of_base(instance: Instance, posted: Posted) -> Iterator[Violation]:
    used: dict[tuple[str, int], int] = defaultdict(int)
    for group, duty, crews in posted:
        door = door_of(instance, group, duty)
        if door is not None:
            used[group.base, door[0] // DAY] += crews * group.people
    for base in instance.bases:
        for night, beds in enumerate(base.beds or ()):
            if used[base.code, night] > beds:
                place = f"{base.code}, night {night}"
                yield Violation(_CODE, place, f"{beds} people", str(used[base.code, night]))


RULE: Final = Rule(
    _CODE,
    "No more people lodge at a base in a night than it has beds.",
    of_base=_of_base,
)
