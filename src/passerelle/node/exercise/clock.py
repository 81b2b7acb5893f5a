"""The clock of this node: that of the machine, or that of the exercise.

Whatever the node records, shows or measures as a fact takes its time from here. What protects or
drives the machine itself (sessions, sign-in links, tokens, leases of jobs) stays on the machine's
clock: a clock that stands still would never let them end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.kernel.clock import SystemClock
from passerelle.kernel.problems import UnavailableError
from passerelle.node.configuration import configuration
from passerelle.node.exercise.models import Tick

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.kernel.clock import Clock

__all__ = ["ExerciseClock", "node_clock"]


class ExerciseClock:
    """Read the newest tick in the database of the node; it stands still until it is moved."""

    def now(self) -> datetime:
        """Return the instant at which the exercise stands."""
        found = Tick.objects.values_list("at", flat=True).first()
        if found is None:
            raise UnavailableError(
                "The clock of the exercise was never set; make the node anew with passerelle init.",
                code="exercise.no-clock",
            )
        return found


def node_clock() -> Clock:
    """Return the clock by which this node lives."""
    return ExerciseClock() if configuration().exercise else SystemClock()
