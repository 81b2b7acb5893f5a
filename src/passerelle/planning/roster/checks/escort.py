"""Crews that need escorts stand only where enough crews of the host escort them, at every moment.

Crews with different shares of an escort add up: two that need half of one each need one. In the engine
spare escorts of a site are a timeline that never falls below zero.
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

_CODE: Final = "escort"


def _of_site(instance: Instance, posted: Posted) -> Iterator[Violation]:
    need: dict[tuple[str, int], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    have: dict[tuple[str, int], int] = defaultdict(int)
    for group, duty, crews in posted:
        for step in steps_of(instance, duty):
            if duty.capability == instance.escort:
                have[duty.site, step] += crews
            if group.crews_per_escort:
                need[duty.site, step][group.crews_per_escort] += crews
    for (site, step), by_share in need.items():
        wanted = sum(crews / share for share, crews in by_share.items())
        if wanted > have[site, step] + 1e-9:
            place = f"{site} at {clock(step * instance.step_min)}"
            yield Violation(_CODE, place, f"{wanted:.2f} escorts", str(have[site, step]))


RULE: Final = Rule(
    _CODE,
    "Crews that need escorts are no more, at any site and moment, than the escorts on duty there accompany.",
    of_site=_of_site,
)
