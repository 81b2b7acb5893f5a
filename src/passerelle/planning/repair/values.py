"""What a repair is measured by and what it returns.

A *touch* is one crew and one local day on which the duty that starts there differs from the
published one: moved, new, or dropped. One touch is one notice to one crew. A crew whose duty has lost
its reason and which gets another on the same day is touched once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from passerelle.planning.roster.locks import APART

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.planning.roster.instance import Instance
    from passerelle.planning.roster.plan import Duty, Line, Plan

__all__ = ["Notice", "Repair", "RepairParams", "Touch", "TouchKind"]


@dataclass(frozen=True, slots=True, order=True)
class Notice:
    """Let a touch weigh ``weight`` when the duty begins less than ``within_min`` from now."""

    within_min: int
    weight: int

    def __post_init__(self) -> None:
        if self.within_min < 1 or self.weight < 1:
            raise ValueError(
                f"Expected within_min >= 1 and weight >= 1, got {self.within_min}, {self.weight}."
            )


@dataclass(frozen=True, slots=True)
class RepairParams:
    """Set how a repair weighs.

    Parameters
    ----------
    notices
        Weights by notice, the shortest first; later touches weigh 1. The defaults (4 within a day,
        2 within three) are assumptions.
    touch_points
        Points of a touch of weight 1: no duty is touched that saves fewer. The default is less than
        one crew-hour below any target, so that cover comes first.
    budget
        Most touches, weighted, beyond those that the change itself forces; ``None`` for no limit.
    seconds
        Time for all solves together.
    """

    notices: tuple[Notice, ...] = (Notice(1440, 4), Notice(4320, 2))
    touch_points: float = 0.5
    budget: int | None = None
    seconds: float = 10.0

    def __post_init__(self) -> None:
        if list(self.notices) != sorted(self.notices):
            raise ValueError("Expected notices with the shortest first.")
        if not self.touch_points > 0 or not self.seconds > 0:
            raise ValueError("Expected touch_points > 0 and seconds > 0.")
        if self.budget is not None and self.budget < 0:
            raise ValueError(f"Expected budget >= 0, got {self.budget}.")


class TouchKind(StrEnum):
    """What happens to a duty."""

    MOVED = "moved"
    NEW = "new"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Touch:
    """State one touch of so many crews of a group.

    Parameters
    ----------
    group
        Code of the group.
    crews
        How many crews.
    day
        Local day of the horizon, from 0.
    before, after
        The published duty and the new one; ``None`` when there is none.
    weight
        Weight of one of them, by notice.
    is_forced
        Whether the change itself took the published duty away.
    """

    group: str
    crews: int
    day: int
    before: Duty | None
    after: Duty | None
    weight: int
    is_forced: bool

    @property
    def kind(self) -> TouchKind:
        """MOVED has both duties, NEW only the second, DROPPED only the first."""
        if self.before is None:
            return TouchKind.NEW
        return TouchKind.DROPPED if self.after is None else TouchKind.MOVED


@dataclass(frozen=True, slots=True)
class Repair:
    """Answer a change.

    Parameters
    ----------
    instance
        The problem after the change.
    plan
        The repaired plan; it has passed the independent checker.
    touches
        What differs from the published plan, by day and group.
    touched, forced
        Crew-days touched, and how many of them the change forces.
    weighted, bound
        Touches by weight, and a proven lower bound: no plan that leaves no post with more missing
        touches less.
    bound_count
        Proven lower bound on ``touched``, in the same sense.
    owed, missing
        Crew-hours that the change broke, and those that stay open, by track.
    missing_bound
        Proven lower bound on the weighted points that stay open; equals ``missing_points`` when the
        repair is the best there is.
    missing_points
        Weighted points that stay open.
    terms
        Cost terms of the repaired plan by the checker.
    seconds
        Time by step: ``apply``, ``need``, ``search``, ``proof``, ``check``.
    """

    instance: Instance
    plan: Plan
    touches: tuple[Touch, ...]
    touched: int
    forced: int
    weighted: int
    bound: float
    bound_count: int
    owed: Mapping[str, float]
    missing: Mapping[str, float]
    missing_points: float
    missing_bound: float
    terms: Mapping[str, float]
    seconds: Mapping[str, float]

    @property
    def apart(self) -> tuple[Line, ...]:
        """The lines of crews that the change has split off their groups, duties or none."""
        return tuple(line for line in self.plan.lines if APART in line.group)

    def plain_plan(self) -> Plan:
        """Return the plan with the crews under the codes of their own groups, as published."""
        lines = tuple(
            replace(line, group=line.group.partition(APART)[0]) for line in self.plan.lines
        )
        return replace(self.plan, lines=lines)

    @property
    def is_least(self) -> bool:
        """Whether it is proved that no plan as good at every post touches fewer duties."""
        return self.weighted <= self.bound + 1e-6
