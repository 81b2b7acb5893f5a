"""What time it is, as an argument.

Core code never asks the machine for the time: it takes a :class:`Clock`. Tests pass a
:class:`FixedClock` and move it by hand.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

__all__ = ["Clock", "FixedClock", "SystemClock"]


class Clock(Protocol):
    """Tell the present instant: UTC, aware, whole seconds."""

    def now(self) -> datetime:
        """Return the present instant."""
        ...


class SystemClock:
    """Read the clock of the machine."""

    def now(self) -> datetime:
        """Return the present instant, cut to whole seconds."""
        return datetime.now(UTC).replace(microsecond=0)


class FixedClock:
    """Stand still until moved; for tests, simulations and the scripted demonstration.

    Parameters
    ----------
    start
        First instant shown; aware.
    """

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError(f"Expected an aware instant, got {start!r}.")
        self._now = start.astimezone(UTC).replace(microsecond=0)

    def now(self) -> datetime:
        """Return the instant at which the clock stands."""
        return self._now

    def advance(self, step: timedelta) -> datetime:
        """Move by ``step`` (negative moves back) and return the new instant."""
        self._now += step
        return self._now

    def set(self, instant: datetime) -> None:
        """Jump to ``instant``; aware."""
        self._now = instant.astimezone(UTC).replace(microsecond=0)
