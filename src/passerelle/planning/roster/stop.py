"""When to stop: a time, a number of iterations, or somebody's wish."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Stop"]


@dataclass(frozen=True, slots=True)
class Stop:
    """Tell a solver when enough is enough.

    Parameters
    ----------
    seconds
        Wall-clock limit from the creation of this value; ``None`` for none.
    iterations
        Limit of improvement steps; with it and without a time the result depends on the seed only.
    gap
        Stop as soon as the relative gap is at most this.
    cancelled
        Set it from anywhere to stop soon, keeping the best plan.
    now
        Monotonic clock in seconds.
    """

    seconds: float | None = None
    iterations: int | None = None
    gap: float = 0.0
    cancelled: threading.Event = field(default_factory=threading.Event)
    now: Callable[[], float] = monotonic
    started: float = field(init=False)

    def __post_init__(self) -> None:
        if self.seconds is not None and self.seconds < 0:
            raise ValueError(f"Expected seconds >= 0, got {self.seconds}.")
        if self.iterations is not None and self.iterations < 0:
            raise ValueError(f"Expected iterations >= 0, got {self.iterations}.")
        object.__setattr__(self, "started", self.now())

    @property
    def elapsed(self) -> float:
        """Seconds since creation."""
        return self.now() - self.started

    @property
    def left(self) -> float:
        """Seconds left; ``inf`` without a limit, 0 when cancelled."""
        if self.cancelled.is_set():
            return 0.0
        return float("inf") if self.seconds is None else max(0.0, self.seconds - self.elapsed)

    def is_over(self, iterations: int = 0) -> bool:
        """Tell whether time is up, somebody cancelled or the iterations are spent."""
        if self.iterations is not None and iterations >= self.iterations:
            return True
        return self.left <= 0
