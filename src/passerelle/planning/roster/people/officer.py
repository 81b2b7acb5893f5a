"""One named officer as the assignment of lines sees him or her."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Load", "Officer"]


@dataclass(frozen=True, slots=True)
class Load:
    """Count what is to be shared fairly.

    Parameters
    ----------
    nights
        Night duties.
    weekends
        Weekends with duty.
    minutes
        Minutes on duty.
    """

    nights: int = 0
    weekends: int = 0
    minutes: int = 0

    def __add__(self, other: Load) -> Load:
        return Load(
            self.nights + other.nights,
            self.weekends + other.weekends,
            self.minutes + other.minutes,
        )


@dataclass(frozen=True, slots=True)
class Officer:
    """Hold a named officer of one group.

    Parameters
    ----------
    code
        Service number or other code; never a name.
    group
        Code of the group.
    before
        Load in the period over which fairness counts, before this plan.
    leave
        Blocks without duty, minutes since the start of the instance.
    unwanted
        Blocks that the officer asked to have off, with the weight of the wish.
    certificates
        Capabilities that need a certificate, with the minute up to which it is valid. A capability
        that is not listed needs none.
    """

    code: str
    group: str
    before: Load = field(default_factory=Load)
    leave: tuple[tuple[int, int], ...] = ()
    unwanted: tuple[tuple[int, int, int], ...] = ()
    certificates: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for start, end, *weight in (*self.leave, *self.unwanted):
            if start >= end or min(weight, default=0) < 0:
                raise ValueError(f"Expected start < end and weight >= 0, got {start}, {end}.")
