"""What is counted: four units and seven stages (domain, section 1, rules 1 and 5).

One deployment is counted as posts, as people present at the same time, as distinct people and as
person-days, and passes seven stages from asked to on duty. A figure without its unit, stage, place
and time is not a figure, so :class:`Count` cannot be built without them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from passerelle.kernel.times import Interval

__all__ = ["Count", "Stage", "Unit"]


class Unit(StrEnum):
    """What one is counting."""

    POSTS = "posts"
    PRESENT = "present"
    PEOPLE = "people"
    PERSON_DAYS = "person-days"


class Stage(StrEnum):
    """How far a deployment has come; in this order, never skipped in a count."""

    ASKED = "asked"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    NAMED = "named"
    CLEARED = "cleared"
    ARRIVED = "arrived"
    ON_DUTY = "on-duty"


@dataclass(frozen=True, slots=True)
class Count:
    """State one figure with everything that makes it one.

    Parameters
    ----------
    figure
        Whole number ``>= 0``.
    unit, stage
        What is counted and how far it has come.
    place
        Site code, or ``*`` for the whole event.
    during
        The time it refers to.
    """

    figure: int
    unit: Unit
    stage: Stage
    place: str
    during: Interval

    def __post_init__(self) -> None:
        if self.figure < 0:
            raise ValueError(f"Expected figure >= 0, got {self.figure}.")
